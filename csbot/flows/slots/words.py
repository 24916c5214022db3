"""Any words: what is asked here is answered in a sentence."""

from csbot.dialogue.cues import question_like
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.reading import Found, Question, Reading
from csbot.messages import Expects


class Words:
    """The value is the text, at most `longest` (500) characters. A question is never taken for an answer."""

    name = "text"
    free = True

    def read(self, text: str, question: Question) -> Reading:
        if not question.asked or question_like(text, question.language):
            return None
        words = " ".join(text.split())[: int(question.slot.config.get("longest", 500))]
        return Found(words, whole=True) if words else None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name)
