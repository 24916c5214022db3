"""A postcode of any country: what is compared is its letters and digits, in capitals."""

import re

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.reading import Found, Question, Reading, Wrong
from csbot.messages import Expects

CODE = re.compile(
    r"(?<!\w)(?:[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}|[a-z]\d{2}\s?[a-z\d]{4}|\d{4}\s?[a-z]{2}|\d{4,5}-\d{3,4}|\d{3}\s\d{2}|\d{3}-\d{4}|\d{4,6})(?!\w)"
)
LABEL = re.compile(
    r"(?:postcode|post code|postal code|zip(?: code)?|邮编|邮政编码)[^\w]{0,3}(?:is|是|为)?\s*[:：]?\s*$"
)


class Postcode:
    """Reason: `not_a_postcode`."""

    name = "postcode"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        written = with_digits(text)
        found = list(CODE.finditer(written))
        labelled = [match for match in found if LABEL.search(written[: match.start()])]
        if labelled or (found and question.asked):
            match = (labelled or found)[-1]
            return Found(normal(match.group()), whole=len(written) - len(match.group()) < 24)
        if question.asked and any(character.isdigit() for character in written) and len(written) < 16:
            return Wrong("not_a_postcode")
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name, secret=slot.secret)


def normal(code: str) -> str:
    """The letters and digits of `code` in capitals: two spellings of one postcode are equal."""
    return re.sub(r"[^A-Z0-9]", "", code.upper())
