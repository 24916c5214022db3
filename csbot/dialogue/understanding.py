"""Stage 2, understand: language, feeling, and (when something is to be understood) intents."""

import re
from typing import Any

from csbot.dialogue import cues
from csbot.dialogue.working import Turn
from csbot.nlu import language as languages
from csbot.nlu import sentiment
from csbot.nlu.pii import mask

ONLY_A_VALUE = re.compile(r"[\s\d#.,:+()/-]+|\S+@\S+\.\S+")


def understand(turn: Turn) -> dict[str, Any]:
    """Fills language and sentiment; intents unless the message is a bare value, a button or a yes or no."""
    request = turn.request
    finding: dict[str, Any] = {}
    if turn.text and not turn.sealed and not turn.choice:
        detected = languages.detect(turn.text, expected=turn.bot.languages or ("en",), previous=turn.language)
        turn.language = detected.language
        turn.sentiment = sentiment.score(turn.text, turn.language)
        finding["certainty"] = round(detected.confidence, 2)
        finding["sentiment"] = round(turn.sentiment, 3)
        finding["trend"] = round(sentiment.trend([*request.sentiments, turn.sentiment]), 3)
        finding["text"] = mask(turn.text).text[:500]
    turn.result.language = finding["language"] = turn.language
    turn.result.sentiment = turn.sentiment
    if is_plain(turn):
        turn.skip_understanding()
        finding["plain"] = True
    return finding


def is_plain(turn: Turn) -> bool:
    """Whether the message is an answer that needs no classifier: digits, an address, yes or no after a question."""
    if not turn.text or turn.choice or turn.sealed:
        return True
    if ONLY_A_VALUE.fullmatch(turn.text):
        return True
    asked = turn.state.pending is not None or turn.state.frame is not None
    return asked and cues.yes_or_no(turn.text, turn.language) is not None
