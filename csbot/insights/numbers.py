"""The numbers of a period, from a constant number of queries however many conversations there are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import quantiles
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Subquery, Sum, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from csbot.insights.measures import MEASURES
from csbot.insights.period import Period
from csbot.models import Bot, Handoff
from kb.models import Gap

GAPS_SHOWN = 20


@dataclass(slots=True)
class Counts:
    """How many conversations each measure counts, and the mean rating (None while nobody has rated)."""

    counted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEASURES, 0))
    stars: int = 0

    def add(self, row: dict[str, Any]) -> None:
        for key in self.counted:
            self.counted[key] += row[key]
        self.stars += row["stars"] or 0

    def __getitem__(self, key: str) -> int:
        return self.counted[key]

    def share(self, key: str) -> float | None:
        """The measure as a part of what it is a share of, from 0 to 1; None of nothing."""
        whole = self.counted.get(MEASURES[key].of, 0)
        return self.counted[key] / whole if whole else None

    @property
    def rating(self) -> float | None:
        return self.stars / self["rated"] if self["rated"] else None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long those waited whom a person took, in seconds, and how many were not taken. None where nobody was."""

    taken: int = 0
    untaken: int = 0
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything the page shows. Breakdowns are in the order of their size, days in the order of time."""

    total: Counts
    days: dict[date, Counts]
    inboxes: dict[str, Counts]
    languages: dict[str, Counts]
    reasons: dict[str, int]
    waits: Waits
    waits_by_day: dict[date, Waits]
    gaps: list[Gap]
    gaps_asked: int


def numbers(period: Period) -> Numbers:
    """The numbers of `period`."""
    total = Counts()
    days = {day: Counts() for day in period.days}
    inboxes: dict[str, Counts] = defaultdict(Counts)
    languages: dict[str, Counts] = defaultdict(Counts)
    for row in _grouped(period):
        for counts in (total, days[row["day"]], inboxes[row["inbox__key"]], languages[row["language"]]):
            counts.add(row)
    waits = _waits(period)
    gaps = _gaps(period)
    return Numbers(
        total=total,
        days=days,
        inboxes=_largest_first(inboxes),
        languages=_largest_first(languages),
        reasons=_reasons(period),
        waits=_summed(wait for of_day in waits.values() for wait in of_day),
        waits_by_day={day: _summed(waits.get(day, [])) for day in days},
        gaps=gaps[:GAPS_SHOWN],
        gaps_asked=len(gaps),
    )


def _grouped(period: Period) -> Iterable[dict[str, Any]]:
    # One pass: each conversation is classified once, by the very filters that its drill-downs use.
    flags = {key: measure for key, measure in MEASURES.items() if key != "conversations"}
    cases = {f"is_{key}": Case(When(measure.counts(), then=1), default=0) for key, measure in flags.items()}
    rows: Any = (
        period.conversations()
        .annotate(day=TruncDate("opened_at"), **cases)
        .values("day", "inbox__key", "language")
        .annotate(conversations=Count("pk"), stars=Sum("rating"), **{key: Sum(f"is_{key}") for key in flags})
        .order_by()
    )
    found: Iterable[dict[str, Any]] = rows  # the stubs cannot follow fields that are named at run time
    return found


def _largest_first(groups: dict[str, Counts]) -> dict[str, Counts]:
    return dict(sorted(groups.items(), key=lambda item: (-item[1]["conversations"], item[0])))


def first_reason() -> Subquery:
    """Why a conversation first went to people."""
    first = Handoff.objects.filter(conversation=OuterRef("pk")).order_by("entered_at", "pk")
    return Subquery(first.values("reason")[:1])


def _reasons(period: Period) -> dict[str, int]:
    rows = (
        period.conversations()
        .filter(MEASURES["handed_off"].counts())
        .annotate(reason=first_reason())
        .values("reason")
        .annotate(n=Count("pk"))
        .order_by("-n", "reason")
    )
    return {row["reason"]: row["n"] for row in rows}


def _waits(period: Period) -> dict[date, list[timedelta | None]]:
    """By the day the conversation was opened: how long each handoff waited, None for one that was never taken.

    Who waits at this moment is not counted yet; an agent who stepped in by themselves kept nobody waiting.
    """
    waits: dict[date, list[timedelta | None]] = defaultdict(list)
    rows = (
        Handoff.objects.filter(conversation__in=period.conversations().values("pk"))
        .exclude(reason=Handoff.Reason.TAKEOVER)
        .exclude(taken_at=None, ended_at=None)
        .values_list("conversation__opened_at", "entered_at", "taken_at")
    )
    for opened, entered, taken in rows:
        waits[timezone.localdate(opened)].append(taken - entered if taken else None)
    return waits


def _summed(waits: Iterable[timedelta | None]) -> Waits:
    every = list(waits)
    seconds = sorted(wait.total_seconds() for wait in every if wait is not None)
    if not seconds:
        return Waits(untaken=len(every))
    cuts = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else seconds * 9
    return Waits(taken=len(seconds), untaken=len(every) - len(seconds), median=cuts[4], p90=cuts[8])


def _gaps(period: Period) -> list[Gap]:
    """The questions without an answer that were asked in these conversations, the most asked first."""
    collections = set(Bot.objects.filter(brand__in=period.brands).values_list("collections__key", flat=True))
    begins, ends = period.since, period.until
    found = Gap.objects.filter(last_seen__date__gte=begins, first_seen__date__lte=ends).order_by("-count", "-last_seen")
    if period.language:
        found = found.filter(language=period.language)
    known = [gap for gap in found if collections.intersection(gap.collections)]
    if not period.inbox:
        return known
    references = {reference for gap in known for reference in gap.references if _is_id(reference)}
    of_inbox = {str(pk) for pk in period.conversations().filter(pk__in=references).values_list("pk", flat=True)}
    return [gap for gap in known if of_inbox.intersection(gap.references)]


def _is_id(reference: str) -> bool:
    """Whether a gap's reference is a conversation of ours; `kb` takes any."""
    try:
        UUID(reference)
    except ValueError:
        return False
    return True
