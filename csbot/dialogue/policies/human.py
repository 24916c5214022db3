"""A person is asked for: a person comes, whatever else is going on."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision
from csbot.dialogue.people import to_a_person
from csbot.dialogue.working import Turn
from csbot.messages import PERSON

SURE = 0.45  # a customer is never trapped: the lesser mistake is to fetch a person who was not asked for

PLEASED = 0.5
SURE_IF_PLEASED = 0.85  # praise names the people it thanks ("greatest customer service, 10/10")


def decide(turn: Turn) -> Decision | None:
    if not asks_for_a_person(turn):
        return None
    return to_a_person(turn, "human", "request", "The customer asked for a person.")


def asks_for_a_person(turn: Turn) -> bool:
    """The button, an unmistakable phrase in any language, or the intent `human`."""
    if turn.choice:
        return turn.choice in (PERSON, "intent:human")
    if not turn.text:
        return False
    if cues.has("human", turn.text, turn.language):
        return True
    if cues.refused("human", turn.text, turn.language):
        return False
    return turn.confidence("human") >= (SURE_IF_PLEASED if (turn.sentiment or 0.0) >= PLEASED else SURE)
