"""Yes or no, said in any of the ways people say it."""

from csbot.dialogue.cues import yes_or_no
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.reading import Found, Question, Reading
from csbot.messages import Expects


class YesNo:
    """The value is a bool; it is read only when it was asked for."""

    name = "yes_no"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        answer = yes_or_no(text, question.language) if question.asked else None
        return None if answer is None else Found(answer, whole=True)

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name, choices=("yes", "no"))
