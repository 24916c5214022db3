"""An order number: so many digits, written, spoken or full-width, alone or in a sentence."""

import re

from csbot.dialogue.cues import has
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.email import ADDRESS
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.reading import Found, Question, Reading, Wrong
from csbot.messages import DigitRule, Expects

RUN = re.compile(r"\d(?:[ \-.]?\d)*")
LABEL = re.compile(r"(?:order|number|no\b\.?|nr\b\.?|num\b|#|订单|单号|号码|编号)[^\d\n]{0,20}$")
UNIT_BEFORE = re.compile(r"(?:[€$£¥]|eur|cny|rmb|usd)\s*$")
UNIT_AFTER = re.compile(r"\s*(?:[€%]|eur|cny|rmb|euro|yuan|元|块|days?|天|th\b|st\b|nd\b|cm|kg)")
FILLER = re.compile(
    r"\b(?:my|the|is|it's|its|it|order|orders|number|no|nr|num|id|of|this|that|here|for|was|would|be|and|i|think|sorry|actually|meant|"
    r"mean|hi|hello|please|yes|ok|okay|sure|number's|um|uh|well|what|about|how|then)\b|[\W_]|订单|单号|号码|编号|号|是|我的|我|这个|的|为|叫|请|您好|你好|嗯|应该|不对|不是|说错了|写错了|哦|啊|呢|那|吧"
)
ATTEMPT_WORDS = 4


class OrderNumber:
    """`digits` (5) says how many there are. Reasons: `length` with {said} and {digits}, `not_a_number`, and
    `email` where the address came instead."""

    name = "order_number"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        digits = int(question.slot.config.get("digits", 5))
        written = with_digits(text)
        runs = [(match, re.sub(r"\D", "", match.group())) for match in RUN.finditer(written)]
        fitting = [
            (match, number) for match, number in runs if len(number) == digits and not _is_amount(written, match)
        ]
        labelled = [number for match, number in fitting if LABEL.search(written[: match.start()])]
        if labelled:
            return Found(labelled[-1], whole=_only(written, labelled[-1]))
        if fitting and not question.cued:
            number = fitting[-1][1]
            return Found(number, whole=_only(written, number))
        if fitting and _only(written, fitting[-1][1]):
            return Found(fitting[-1][1], whole=True)
        if not question.asked or has("forgot", text, question.language):
            return None
        if ADDRESS.search(written):
            return Wrong("email")
        if runs:
            said = max((number for _, number in runs), key=len)
            return Wrong("length", {"said": said[:20], "digits": digits}) if len(said) > 1 else None
        # One strange word where a number was asked for ("abcde", "ORD-XY") is an attempt; a sentence is talk.
        if len(text.split()) < ATTEMPT_WORDS and re.fullmatch(r"\W*#?[a-z0-9-]{3,15}\W*", written):
            return Wrong("not_a_number", {"digits": digits})
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        digits = int(slot.config.get("digits", 5))
        return Expects(
            type=self.name,
            slot=slot.name,
            choices=tuple(option.value for option in options),
            digits=DigitRule(minimum=digits, maximum=digits),
        )


def _is_amount(text: str, match: re.Match[str]) -> bool:
    return bool(UNIT_BEFORE.search(text[: match.start()]) or UNIT_AFTER.match(text, match.end()))


def _only(text: str, number: str) -> bool:
    rest = RUN.sub(" ", text)
    return not FILLER.sub("", rest)
