"""A postal address in one message: street and number, postcode, town, in either order."""

import re

from csbot.dialogue.cues import question_like
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.postcode import CODE
from csbot.flows.slots.reading import Found, Question, Reading, Wrong
from csbot.messages import Expects
from csbot.nlu.digits import plain

LEAD = re.compile(
    r"^\W*(?:(?:please\s+)?(?:send|deliver|ship|change|update)?\s*(?:it|them|the order|that)?\s*"
    r"(?:to|is|address is|new address is|my new address is|the new address is|address|new address)\b\s*[:,]?"
    r"|(?:我的)?(?:新的?)?(?:收货|邮寄)?地址(?:是|为|改成|改为|：|:)*|(?:请)?(?:寄|送|改)(?:到|成|为)+)\s*",
    re.IGNORECASE,
)
HAN_PART = re.compile(r"[路街道巷弄号村镇区县市省栋幢楼室]")
SHORTEST, WORDS, ROWS = 8, 4, 2


class Address:
    """Complete means a number, a street, and a postcode or a town. Reason: `incomplete_address`."""

    name = "address"
    free = True

    def read(self, text: str, question: Question) -> Reading:
        if not question.asked or question_like(text, question.language):
            return None
        written = " ".join(LEAD.sub("", text.strip(), count=1).split())
        digits = any(character.isdigit() for character in plain(written))
        han_parts = len(HAN_PART.findall(written))
        parts = len([part for part in re.split(r"[,，;；\n]|\s", written) if part])
        rows = len([part for part in re.split(r"[,，;；\n]", written) if part.strip()])
        placed = rows >= ROWS or CODE.search(plain(written).lower()) is not None
        if digits and len(written) >= SHORTEST and ((parts >= WORDS and placed) or han_parts >= ROWS):
            return Found(written[:200], whole=True)
        if digits or han_parts or parts >= 2:
            return Wrong("incomplete_address")
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name)
