"""When people are there: weekly slots, holidays and time zones, without a database or a clock.

A slot is written in the queue's wall-clock time. It may cross midnight (22:00–06:00), and 00:00 as its end means
midnight. A holiday replaces everything on its date, also what the evening before would have carried into it.
Around a change of the clocks a slot keeps its wall-clock ends and so lasts an hour more or less; an end that the
clock skips falls as late as the clock jumped (PEP 495, fold=0).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HORIZON_DAYS = 400  # how far ahead `next_opening` looks: over a year, so that a yearly day is found
MIDNIGHT = time(0, 0)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """Wall-clock hours of one day; `closes` ≤ `opens` means on the next day, and equal ends mean all 24 hours."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Schedule:
    """A week of slots by weekday (Monday is 0), with the dates that differ. No slot at all means always open."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Slot, ...]] = field(default_factory=dict)
    holidays: Mapping[date, Slot | None] = field(default_factory=dict)

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The open spans (UTC) of the slots that begin on `day`, clipped where the next day is a holiday."""
        if day in self.holidays:
            special = self.holidays[day]
            slots: Iterable[Slot] = (special,) if special else ()
        elif any(self.week.values()):
            slots = self.week.get(day.weekday(), ())
        else:
            slots = (Slot(MIDNIGHT, MIDNIGHT),)
        for slot in slots:
            end_day, end = (day, slot.closes) if slot.closes > slot.opens else (day + DAY, slot.closes)
            if end_day > day and end_day in self.holidays:
                end = MIDNIGHT
            begins, ends = self._at(day, slot.opens), self._at(end_day, end)
            if begins < ends:
                yield begins, ends

    def is_open(self, at: datetime) -> bool:
        """Whether `at` (aware) falls into a slot; a slot's end no longer belongs to it."""
        today = at.astimezone(self.zone).date()
        return any(begins <= at < ends for day in (today - DAY, today) for begins, ends in self.spans(day))

    def next_opening(self, at: datetime) -> datetime | None:
        """The next moment after `at` when people are back, in the queue's zone; None while open, or if never again."""
        if self.is_open(at):
            return None
        today = at.astimezone(self.zone).date()
        for ahead in range(-1, HORIZON_DAYS):
            later = [begins for begins, _ends in self.spans(today + ahead * DAY) if begins > at]
            if later:
                return min(later).astimezone(self.zone)
        return None

    def _at(self, day: date, moment: time) -> datetime:
        # Compared in UTC: arithmetic between datetimes of one zone ignores a change of the clocks.
        return datetime.combine(day, moment, tzinfo=self.zone).astimezone(UTC)
