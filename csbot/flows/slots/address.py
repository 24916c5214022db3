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
NEAR_A_NUMBER = r"(?=(?:\S+\s+){0,3}\S*\d)"
ANNOUNCED = re.compile(
    rf"\baddress\b\s*(?:is|to|will be)?\s*[:,]?\s+(?!of\b|on\b|for\b){NEAR_A_NUMBER}"
    rf"|\bto\s+(?!(?:change|send|update|deliver|ship|move|order|my|the|a|our|another)\b){NEAR_A_NUMBER}"
    r"|地址\s*(?:是|为|改成|改为|换成|：|:)+\s*|(?:寄|送|改|换)(?:到|成|为|去)\s*[:：]?\s*",
    re.IGNORECASE,
)
PART = re.compile(r"[,，;；\n]|\s")
SHORTEST, LONGEST, WORDS, ROWS = 8, 200, 4, 2


class Address:
    """Complete means a number, a street, and a postcode or a town. Reason: `incomplete_address`.

    Where it was not asked for, only a complete one that is announced counts: "send it to: …", 地址改成…
    """

    name = "address"
    free = True

    def read(self, text: str, question: Question) -> Reading:
        if not question.asked:
            return _announced(text)
        if question_like(text, question.language):
            return None
        written = _without_lead(text)
        if _is_complete(written):
            return Found(written[:LONGEST], whole=True)
        parts = [part for part in PART.split(written) if part]
        if any(character.isdigit() for character in plain(written)) or HAN_PART.search(written) or len(parts) >= 2:
            return Wrong("incomplete_address")
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name)


def _without_lead(text: str) -> str:
    return " ".join(LEAD.sub("", text.strip(), count=1).split())


def _announced(text: str) -> Found | None:
    """The whole address that stands behind "… to:" or 新地址： in a longer sentence."""
    for match in reversed(list(ANNOUNCED.finditer(text))):
        written = _without_lead(text[match.end() :]).rstrip("?？!！.。 ")
        if _is_complete(written):
            return Found(written[:LONGEST])
    return None


def _is_complete(written: str) -> bool:
    digits = any(character.isdigit() for character in plain(written))
    parts = len([part for part in PART.split(written) if part])
    rows = len([part for part in re.split(r"[,，;；\n]", written) if part.strip()])
    placed = rows >= ROWS or CODE.search(plain(written).lower()) is not None
    han_parts = len(HAN_PART.findall(written))
    return digits and len(written) >= SHORTEST and ((parts >= WORDS and placed) or han_parts >= ROWS)
