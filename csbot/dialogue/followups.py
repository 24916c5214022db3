"""Questions that lean on the answer before: "and who pays the postage?", 那邮费谁付?

How far a question leans is told by its length and by small signs of pointing back; what it then means is the knowledge
base's to say (`kb.retrieval.context`), which reads it together with the article and the question before.
"""

from csbot.dialogue import cues
from csbot.dialogue.working import Turn
from kb.retrieval.context import Context

SHORT_WORDS, SHORT_HAN = 9, 14
FRAGMENT_WORDS, FRAGMENT_HAN = 3, 7
FRAGMENT, LEANING, SHORT = 1.0, 0.7, 0.4


def lean(text: str, language: str) -> float:
    """How far `text` leans on what was said before: 1 for a fragment or one that points back, 0 for a long text."""
    if not cues.is_short(text, SHORT_WORDS, SHORT_HAN):
        return 0.0
    if cues.is_short(text, FRAGMENT_WORDS, FRAGMENT_HAN) or cues.has("pointing", text, language):
        return FRAGMENT
    return LEANING if cues.has("leaning", text, language) else SHORT


def context(turn: Turn) -> Context | None:
    """What the text is to be read together with; None when nothing was talked about yet, or it stands alone. What was
    only guessed is leaned on as far as the guess was sure."""
    last = turn.state.last
    how_far = lean(turn.text, turn.language) * float(last.get("sure", 1.0)) if last.get("article") else 0.0
    return Context(str(last["article"]), str(last.get("question", "")), how_far) if how_far else None
