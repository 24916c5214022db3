"""A card number has no business in a chat: said once, before whatever else is answered. It was masked before it was
stored, so only its mask is seen here."""

import re

from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.working import Turn

MASKED_CARD = re.compile(r"\[card\b[^\]]*\]")


def decide(turn: Turn) -> Decision | None:
    if MASKED_CARD.search(turn.text) and not turn.state.said.get("privacy.card"):
        turn.preface.append(Say("privacy.card"))
    return None
