"""An amount of money: €49, 49.00 EUR, 49,50 euros, 369元."""

import re
from decimal import Decimal, InvalidOperation

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.reading import Found, Question, Reading
from csbot.messages import Expects

NUMBER = re.compile(
    r"(?P<before>[€$£¥]|eur|cny|usd|gbp)?\s*(?P<number>\d+(?:[.,]\d+)*)\s*"
    r"(?P<after>€|euros?|eur|yuan|rmb|cny|dollars?|usd|pounds?|gbp|元|块|欧元?)?"
)
CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "欧": "EUR", "欧元": "EUR", "$": "USD", "usd": "USD", "dollar": "USD",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "¥": "CNY", "cny": "CNY", "rmb": "CNY", "yuan": "CNY",
    "元": "CNY", "块": "CNY",
}  # fmt: skip


class Amount:
    """The value is `{"amount": "49.00", "currency": "EUR"}`; the slot's `currency` where none is said."""

    name = "amount"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        for match in NUMBER.finditer(with_digits(text)):
            said = (match["before"] or match["after"] or "").removesuffix("s")
            if not (question.asked or said):
                continue
            currency = CURRENCIES.get(said, str(question.slot.config.get("currency", "EUR")))
            try:
                amount = Decimal(_decimal(match["number"])).quantize(Decimal("0.01"))
            except InvalidOperation:
                continue
            return Found({"amount": str(amount), "currency": currency}, whole=len(text) < 20)
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name)


def _decimal(number: str) -> str:
    """The last separator with one or two digits behind it is the decimal point; every other one groups thousands."""
    match = re.fullmatch(r"(.*?)[.,](\d{1,2})", number)
    whole, cents = (match[1], match[2]) if match else (number, "0")
    return re.sub(r"[.,]", "", whole) + "." + cents
