"""Stage 1, screen: the batch's lines become one clean text, a button's value, a happening; signs make us careful."""

from typing import Any

from csbot import sealing
from csbot.dialogue.working import Turn
from csbot.messages import Happening
from csbot.nlu import screening

CHARACTERS = 4000


def screen(turn: Turn) -> dict[str, Any]:
    """Fills text, choice, sealed, signs, happening, attachments. Later lines count before earlier ones for a button."""
    texts: list[str] = []
    signs: dict[str, None] = {}
    for line in turn.request.batch:
        if line.happening is not None:
            turn.happening = line
            if line.happening is Happening.HANDED_BACK:
                # What came before was said to the person, and answered by them.
                texts, turn.choice, turn.sealed = [], "", ""
            continue
        if line.heard is not None:
            turn.question_heard = line.heard.complete
            continue
        turn.attachments += len(line.attachments)
        sealed = str(line.detail.get("sealed", ""))
        if sealed:
            turn.sealed = sealed
        found = screening.screen((sealing.unseal(sealed) or "") if sealed else line.text, limit=CHARACTERS)
        signs.update(dict.fromkeys(found.signs))
        turn.choice = line.choice or ("" if found.text else turn.choice)
        if found.text:
            texts.append(found.text)
    turn.text = "\n".join(texts)
    turn.signs = tuple(sign for sign in signs if sign != "empty" or not turn.text)
    return {"signs": list(turn.signs), "lines": len(turn.request.batch), "choice": turn.choice}
