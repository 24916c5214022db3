"""Why, in the customer's words: one of the flow's choices when it fits, else the words themselves."""

from csbot.dialogue.cues import question_like
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.choice import Choice, choices
from csbot.flows.slots.reading import Found, Question, Reading
from csbot.messages import Expects


class Reason:
    """The value is a choice (`value`, `title`); other words become the choice `other` with the words as title."""

    name = "reason"
    free = True

    def read(self, text: str, question: Question) -> Reading:
        found = Choice().read(text, question)
        if isinstance(found, Found) or not question.asked:
            return found if isinstance(found, Found) else None
        if question_like(text, question.language):
            return None
        words = " ".join(text.split())[:200]
        return Found({"value": "other", "title": {question.language: words}}, whole=True) if words else None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        shown = options or choices(slot)
        return Expects(type=self.name, slot=slot.name, choices=tuple(entry.value for entry in shown))
