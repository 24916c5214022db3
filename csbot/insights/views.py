"""The numbers page, its CSV, and the conversations behind each number. For the managers of a brand."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from csbot.addresses import address
from csbot.handoff import rights
from csbot.insights import presentation
from csbot.insights.measures import MEASURES
from csbot.insights.numbers import first_reason, numbers
from csbot.insights.period import Period, PeriodForm
from csbot.insights.spreadsheet import as_csv
from csbot.models import Entry, Handoff

PER_PAGE = 50
PRESETS = (7, 28, 90)

View = Callable[[HttpRequest], HttpResponse]


def for_managers(view: View) -> View:
    """Only for who manages some brand; 403 for anybody else who is logged in."""

    @never_cache
    @require_safe
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not rights.brands_of(request.user, rights.MANAGER).exists():
            raise PermissionDenied
        return view(request)

    return guarded


@for_managers
def page(request: HttpRequest) -> HttpResponse:
    """The numbers of the chosen brand, inbox, language and days."""
    form = PeriodForm(request.user, request.GET)
    context: dict[str, Any] = {"form": form, "presets": _presets(form), "logout": address("logout")}
    if form.is_valid():
        period = form.period()
        found = numbers(period)
        context |= {
            "period": period,
            "numbers": found,
            "figures": presentation.figures(period, found.total),
            "by_day": presentation.by_day(period, found),
            "waiting": presentation.waiting_by_day(found),
            "waits": [
                (_("Half waited less than"), presentation.duration(found.waits.median)),
                (_("Nine in ten waited less than"), presentation.duration(found.waits.p90)),
                (_("Taken by a person"), found.waits.taken),
                (_("Ended before anybody came"), found.waits.untaken),
            ],
            "reasons": presentation.reasons(period, found),
            "inboxes": presentation.rows(period, found.inboxes, "inbox", dict(form.fields["inbox"].choices)),  # type: ignore[attr-defined]
            "languages": presentation.rows(period, found.languages, "language", {}),
            "days": presentation.days(period, found),
            "gaps": [(gap, address("admin:csbot_kb_gap_change", gap.pk)) for gap in found.gaps],
            "columns": [MEASURES[key] for key in presentation.SHOWN],
        }
    return render(request, "csbot/insights/numbers.html", context, status=200 if form.is_valid() else 400)


@for_managers
def table(request: HttpRequest) -> HttpResponse:
    """The days of the page as CSV."""
    period = _period(request)
    found = numbers(period)
    rows: list[list[Any]] = [
        [_("Day"), *(str(measure.name) for measure in MEASURES.values()), _("Mean rating"), _("Median wait, seconds")]
    ]
    for day, counts in found.days.items():
        wait = found.waits_by_day[day].median
        rows.append([
            day.isoformat(),
            *(counts[key] for key in MEASURES),
            None if counts.rating is None else round(counts.rating, 2),
            None if wait is None else round(wait),
        ])  # fmt: skip
    return _download(rows, period)


@for_managers
def conversations(request: HttpRequest) -> HttpResponse:
    """The conversations behind a number: of `measure`, handed off for `reason`; with `format=csv` as CSV."""
    period = _period(request)
    measure = MEASURES.get(request.GET.get("measure", "conversations"))
    reason = request.GET.get("reason", "")
    if measure is None or reason not in ("", *Handoff.Reason.values):
        raise Http404("There is no such measure.")
    words = Entry.objects.filter(conversation=OuterRef("pk"), sender=Entry.Sender.CUSTOMER).exclude(text="")
    found = (
        period.conversations()
        .filter(measure.counts())
        .select_related("inbox", "contact", "brand")
        .annotate(reason=first_reason(), first=Subquery(words.order_by("seq").values("text")[:1]))
        .order_by("-opened_at", "pk")
    )
    if reason:
        found = found.filter(reason=reason)
    if request.GET.get("format") == "csv":
        return _download(_listed(found), period)
    reasons = dict(Handoff.Reason.choices)
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        (row, reasons.get(row.reason, ""), address("admin:csbot_conversation_change", row.pk))  # type: ignore[attr-defined]
        for row in listed
    ]
    query = period.query(measure=measure.key, reason=reason)
    context = {
        "measure": measure,
        "reason": reasons.get(reason, ""),
        "period": period,
        "listed": listed,
        "rows": rows,
        "query": query,
        "logout": address("logout"),
    }
    return render(request, "csbot/insights/conversations.html", context)


def _listed(found: Any) -> list[list[Any]]:
    head = (_("Opened"), _("Inbox"), _("Language"), _("Topic"), _("Outcome"), _("Reason"), _("Rating"), _("Customer"))
    rows: list[list[Any]] = [[*head, _("Began with")]]
    for row in found.iterator(chunk_size=1000):
        rows.append([
            row.opened_at.isoformat(timespec="minutes"), row.inbox.key, row.language, row.topic, row.outcome,
            row.reason or "", row.rating, row.contact.name, (row.first or "")[:200],
        ])  # fmt: skip
    return rows


def _download(rows: list[list[Any]], period: Period) -> HttpResponse:
    response = HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    name = f"csbot-{period.since.isoformat()}-{period.until.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _period(request: HttpRequest) -> Period:
    form = PeriodForm(request.user, request.GET)
    if not form.is_valid():
        raise Http404("There is no such choice of brand, inbox, language and days.")
    return form.period()


def _presets(form: PeriodForm) -> list[tuple[str, str]]:
    """The usual stretches of days up to the last one chosen, as (words, query string)."""
    if not form.is_valid():
        return []
    chosen = form.period()
    found = []
    for days in PRESETS:
        since = chosen.until - timedelta(days=days - 1)
        words = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        found.append((words, chosen.query(since=since.isoformat())))
    return found
