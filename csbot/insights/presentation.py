"""The numbers put into words, bars and links for the page."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from csbot.insights.measures import MEASURES
from csbot.insights.numbers import Counts, Numbers, Waits
from csbot.insights.period import Period
from csbot.insights.plots import Piece, Plot, stacked
from csbot.models import Handoff

SHOWN = ("closed", "contained", "handed_off", "tickets", "abandoned", "rated", "satisfied")


def by_day(period: Period, found: Numbers) -> Plot:
    """How the conversations of each day ended."""
    return stacked(
        [(_label(day), _ends(period.on(day), counts)) for day, counts in found.days.items()], "{:.0f}".format
    )


def waiting_by_day(found: Numbers) -> Plot:
    """The median wait of each day."""
    return stacked([(_label(day), _wait(waits)) for day, waits in found.waits_by_day.items()], duration, 460)


def figures(period: Period, counts: Counts) -> list[dict[str, Any]]:
    """Each measure with its count, its share of another, and the way to what it counts."""
    return [
        {
            "measure": measure,
            "count": counts[key],
            "share": _percent(counts.share(key)),
            "of": MEASURES[measure.of].name if measure.of else "",
            "link": _drill(period, key),
        }
        for key, measure in MEASURES.items()
    ]


def _ends(period: Period, counts: Counts) -> dict[str, Piece]:
    """A day's conversations, in three parts that add up: contained, with people, and the rest."""
    contained, handed = counts["contained"], counts["handed_off"]
    rest = max(counts["conversations"] - contained - handed, 0)
    day = _label(period.since)
    return {
        "contained": Piece(contained, f"{day}: {contained} {MEASURES['contained'].name}", _drill(period, "contained")),
        "handed_off": Piece(handed, f"{day}: {handed} {MEASURES['handed_off'].name}", _drill(period, "handed_off")),
        "other": Piece(rest, f"{day}: {rest} " + _("still open or otherwise ended"), _drill(period, "conversations")),
    }


def _wait(waits: Waits) -> dict[str, Piece]:
    words = _("%(time)s, of %(count)s") % {"time": duration(waits.median), "count": waits.taken}
    return {"wait": Piece(waits.median or 0.0, words)}


def reasons(period: Period, found: Numbers) -> list[dict[str, Any]]:
    """Why people were needed, the most frequent first; `width` in percent of the longest bar."""
    names = dict(Handoff.Reason.choices)
    most = max(found.reasons.values(), default=1)
    return [
        {
            "name": names.get(reason, reason),
            "count": count,
            "width": round(100 * count / most, 1),
            "share": _percent(count / found.total["handed_off"]),
            "link": _drill(period, "handed_off", reason=reason),
        }
        for reason, count in found.reasons.items()
    ]


def rows(period: Period, groups: dict[str, Counts], name: str, names: dict[Any, Any]) -> list[dict[str, Any]]:
    """One row for each group; `name` is the choice that a group narrows, `names` how its keys are shown."""
    return [
        {
            "name": names.get(key, key),
            "all": counts["conversations"],
            "link": _drill(period, "conversations", **{name: key}),
            "cells": [
                (counts[measure], _percent(counts.share(measure)), _drill(period, measure, **{name: key}))
                for measure in SHOWN
            ],
            "rating": counts.rating,
        }
        for key, counts in groups.items()
    ]


def days(period: Period, found: Numbers) -> list[dict[str, Any]]:
    """The days on which anything happened, the last first."""
    return [
        {
            "day": day,
            "all": counts["conversations"],
            "link": _drill(period.on(day), "conversations"),
            "cells": [(counts[key], "", _drill(period.on(day), key)) for key in SHOWN],
            "rating": counts.rating,
            "wait": duration(found.waits_by_day[day].median),
        }
        for day, counts in reversed(found.days.items())
        if counts["conversations"]
    ]


def _drill(period: Period, measure: str, **more: str) -> str:
    return f"{reverse('csbot:numbers_conversations')}?{period.query(measure=measure, **more)}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{formats.number_format(100 * share, 0)} %"


def _label(day: date) -> str:
    return formats.date_format(day, "MONTH_DAY_FORMAT")


def duration(seconds: float | None) -> str:
    """A stretch of time in the two largest units that say something: "45 s", "3 min 20 s", "2 h 5 min"."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return _("%(s)s s") % {"s": whole}
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return _("%(m)s min") % {"m": minutes} + (" " + _("%(s)s s") % {"s": rest} if rest else "")
    hours, minutes = divmod(minutes, 60)
    return _("%(h)s h") % {"h": hours} + (" " + _("%(m)s min") % {"m": minutes} if minutes else "")
