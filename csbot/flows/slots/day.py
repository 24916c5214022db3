"""A day: 2026-05-03, 3 May, May 3rd, 03/05/2026, 5月3日, today, yesterday, 昨天."""

import re
from datetime import date, timedelta

from django.utils import timezone

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.numerals import with_digits
from csbot.flows.slots.reading import Found, Question, Reading, Wrong
from csbot.messages import Expects
from csbot.values import MONTHS

RELATIVE = {
    "the day after tomorrow": 2, "day before yesterday": -2, "today": 0, "tomorrow": 1, "yesterday": -1,
    "后天": 2, "前天": -2, "今天": 0, "明天": 1, "昨天": -1,
}  # fmt: skip
MONTH = "|".join(f"{name[:3].lower()}[a-z]*" for name in MONTHS)
PATTERNS = (
    re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\s*[./-]\s*(?P<m>\d{1,2})(?:\s*[./-]\s*(?P<y>\d{4}))?"),
    re.compile(rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{MONTH})\b(?:,?\s+(?P<y>\d{{4}}))?"),
    re.compile(rf"\b(?P<n>{MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<y>\d{{4}}))?"),
)


class Day:
    """The value is `{"date": "YYYY-MM-DD"}`; day before month where both are digits. Reason: `not_a_date`."""

    name = "date"
    free = False

    def read(self, text: str, question: Question) -> Reading:
        if not question.asked:
            return None
        today = timezone.localdate()
        written = with_digits(text)
        for words, days in RELATIVE.items():
            if words in written:
                return Found({"date": (today + timedelta(days=days)).isoformat()}, whole=len(written) < 30)
        for pattern in PATTERNS:
            match = pattern.search(written)
            if match is None:
                continue
            parts = match.groupdict()
            name = parts.get("n")
            month = next(i for i, m in enumerate(MONTHS, 1) if m[:3].lower() == name[:3]) if name else int(parts["m"])
            try:
                found = date(int(parts.get("y") or today.year), month, int(parts["d"]))
            except ValueError:
                return Wrong("not_a_date")
            return Found({"date": found.isoformat()}, whole=len(written) < 30)
        return None

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects:
        return Expects(type=self.name, slot=slot.name)
