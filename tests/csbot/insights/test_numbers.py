"""The manager's numbers: what each counts, that its list has as many rows, and that nobody else sees them."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from csbot import conversations
from csbot.insights.measures import MEASURES
from csbot.insights.numbers import numbers
from csbot.insights.period import Period
from csbot.messages import Inbound
from csbot.models import Conversation, Handoff
from kb import curation
from kb.models import Collection
from tests.csbot.staff import Shop, open_shop

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def no_turns(settings: Any) -> None:
    settings.CSBOT_RUNNER = "tests.csbot.desk.test_socket.NoRunner"


@pytest.fixture
def shop() -> Shop:
    return open_shop("sums")


class Days:
    """Conversations of the past days of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def chat(self, days_ago: int = 0, text: str = "Hello", **facts: Any) -> Conversation:
        """One in which Ada wrote `text`; `facts` are columns of the conversation."""
        sender = uuid4().hex
        received = conversations.receive(Inbound(self.shop.inbox.key, sender, "1", text=text))
        facts.setdefault("opened_at", _noon(days_ago))
        Conversation.objects.filter(pk=received.conversation).update(**facts)
        return Conversation.objects.get(pk=received.conversation)

    def closed(self, days_ago: int = 0, outcome: str = "contained", **facts: Any) -> Conversation:
        return self.chat(days_ago, status="closed", outcome=outcome, **facts)

    def handed(self, days_ago: int, waited: int | None, reason: str = "request", **facts: Any) -> Conversation:
        """One that went to people, who took it after `waited` seconds, or never."""
        conversation = self.closed(days_ago, "handed_off" if waited is not None else "abandoned", **facts)
        entered = _noon(days_ago)
        taken = None if waited is None else entered + timedelta(seconds=waited)
        Handoff.objects.create(
            conversation=conversation, queue=self.shop.queue, reason=reason, entered_at=entered, rank=entered,
            taken_at=taken, ended_at=entered + timedelta(hours=1), outcome="resolved" if taken else "left",
        )  # fmt: skip
        return conversation

    def period(self, **more: Any) -> Period:
        return Period(brands=(self.shop.brand.pk,), since=TODAY - timedelta(days=6), until=TODAY, **more)


def _noon(days_ago: int) -> Any:
    day = TODAY - timedelta(days=days_ago)
    return timezone.now().replace(year=day.year, month=day.month, day=day.day, hour=12, minute=0)


@pytest.fixture
def days(shop: Shop) -> Days:
    return Days(shop)


def test_each_measure_counts_what_its_definition_says(days: Days) -> None:
    days.closed(rating=5)
    days.closed(1)
    days.chat(1)
    days.handed(2, waited=60, rating=2)
    days.handed(2, waited=None)
    days.closed(3, "ticket")
    conversations.open(days.shop.inbox.key, "only greeted")
    days.closed(7)  # the day before the first
    found = numbers(days.period())
    assert found.total.counted == {
        "conversations": 6, "closed": 5, "contained": 2, "handed_off": 2, "tickets": 1, "abandoned": 1,
        "rated": 2, "satisfied": 1,
    }  # fmt: skip
    assert found.total.share("contained") == pytest.approx(2 / 5)
    assert found.total.rating == pytest.approx(3.5)
    assert [counts["conversations"] for counts in found.days.values()] == [0, 0, 0, 1, 2, 2, 1]


def test_a_share_of_nothing_is_no_number(days: Days) -> None:
    found = numbers(days.period())
    assert (found.total.share("contained"), found.total.rating, found.waits.median) == (None, None, None)


def test_waiting_is_measured_on_those_who_were_taken(days: Days) -> None:
    for waited in (10, 20, 30, 40, 500):
        days.handed(1, waited)
    days.handed(0, waited=None)
    days.handed(0, waited=0, reason="takeover")  # nobody waited for an agent who stepped in
    waits = numbers(days.period()).waits
    assert (waits.taken, waits.untaken, waits.median) == (5, 1, 30)
    assert waits.p90 == pytest.approx(316)
    today = numbers(days.period()).waits_by_day[TODAY]
    assert (today.taken, today.untaken, today.median) == (0, 1, None)


def test_reasons_are_those_of_the_first_handoff(days: Days) -> None:
    days.handed(0, 5, "anger")
    twice = days.handed(0, 5, "ladder")
    Handoff.objects.create(
        conversation=twice, queue=days.shop.queue, reason="request", entered_at=_noon(0) + timedelta(hours=2),
        rank=_noon(0), ended_at=_noon(0) + timedelta(hours=3),
    )  # fmt: skip
    assert numbers(days.period()).reasons == {"anger": 1, "ladder": 1}


def test_inbox_and_language_narrow_everything(days: Days) -> None:
    days.closed(language="zh")
    days.handed(0, 30, language="en")
    found = numbers(days.period(language="zh"))
    assert (found.total["conversations"], found.reasons, found.waits.taken) == (1, {}, 0)
    assert numbers(days.period(inbox="no such inbox")).total["conversations"] == 0
    assert {key: counts["conversations"] for key, counts in numbers(days.period()).languages.items()} == {
        "en": 1,
        "zh": 1,
    }


def test_another_brands_conversations_are_not_counted(days: Days) -> None:
    Days(open_shop("other")).closed()
    days.closed()
    assert numbers(days.period()).total["conversations"] == 1


def test_gaps_are_those_of_the_brands_collections_and_of_the_inbox(days: Days) -> None:
    collection = Collection.objects.create(key="sums", name="Sums")
    days.shop.bot.collections.add(collection)
    conversation = days.chat()
    for key, reference in (("sums", str(conversation.pk)), ("sums", "another inbox"), ("elsewhere", "x")):
        gap = curation.record_gap(
            f"Why {key} {reference}?", collections=[key], language="en", reason="nothing found", reference=reference
        )
        type(gap).objects.filter(pk=gap.pk).update(first_seen=_noon(1), last_seen=_noon(0))
    assert numbers(days.period()).gaps_asked == 2
    assert [gap.question for gap in numbers(days.period(inbox=days.shop.inbox.key)).gaps] == [
        f"Why sums {conversation.pk}?"
    ]


def test_the_number_of_queries_does_not_grow(days: Days) -> None:
    days.handed(0, 5)
    with CaptureQueriesContext(
        connection,
    ) as few:
        numbers(days.period())
    for number in range(6):
        days.handed(number, 5)
        days.closed(number)
    with CaptureQueriesContext(connection) as many:
        numbers(days.period())
    assert len(many) == len(few) <= 6


# The pages.


def visit(user: User, name: str, **query: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"csbot:{name}"), {"since": str(TODAY - timedelta(days=6)), "until": str(TODAY), **query})


def test_every_number_has_as_many_conversations_behind_it(days: Days) -> None:
    days.closed(rating=4)
    days.handed(1, 30, "anger", rating=1)
    days.handed(2, None)
    days.closed(3, "ticket")
    total = numbers(days.period()).total
    for key in MEASURES:
        listed = visit(days.shop.mo, "numbers_conversations", measure=key)
        assert listed.context["listed"].paginator.count == total[key], key
    angry = visit(days.shop.mo, "numbers_conversations", measure="handed_off", reason="anger")
    assert angry.context["listed"].paginator.count == 1


def test_the_page_shows_numbers_with_their_definitions(days: Days) -> None:
    days.closed(rating=5)
    days.handed(0, 90)
    page = visit(days.shop.mo, "numbers")
    assert page.status_code == 200
    text = page.content.decode()
    assert str(MEASURES["contained"].definition) in text
    assert "1 min 30 s" in text
    assert "<script>" not in text


@pytest.mark.parametrize("name", ["numbers", "numbers_table", "numbers_conversations"])
def test_only_managers_of_a_brand_see_numbers(days: Days, name: str) -> None:
    assert visit(days.shop.mo, name).status_code == 200
    assert visit(days.shop.bo, name).status_code == 403
    assert visit(days.shop.cy, name).status_code == 403
    assert Client().get(reverse(f"csbot:{name}")).status_code == 302
    other = open_shop("other")
    days.closed()
    assert visit(other.mo, "numbers_conversations").context["listed"].paginator.count == 0
    assert visit(other.mo, "numbers", brand=days.shop.brand.key).status_code == 400


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"since": "2026-03-21"}, {"since": "2020-01-01"}, {"language": "xx"}]
)
def test_a_bad_choice_is_said_and_nothing_breaks(days: Days, query: dict[str, str]) -> None:
    assert visit(days.shop.mo, "numbers", **query).status_code == 400
    assert visit(days.shop.mo, "numbers_table", **query).status_code == 404
    assert visit(days.shop.mo, "numbers_conversations", measure="dreams").status_code == 404


def test_a_spreadsheet_runs_nothing_that_a_customer_wrote(days: Days) -> None:
    days.chat(text='=HYPERLINK("http://evil.example","click")')
    days.chat(text="  @SUM(1)")
    rows = visit(days.shop.mo, "numbers_conversations", format="csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert any("\"'=HYPERLINK(" in row for row in rows)
    assert any("'  @SUM(1)" in row for row in rows)


def test_the_days_as_csv_add_up(days: Days) -> None:
    days.closed(rating=5)
    days.closed(1)
    head, *rows = visit(days.shop.mo, "numbers_table").content.decode("utf-8-sig").splitlines()
    at = head.split(",").index("Contained")
    assert len(rows) == 7
    assert sum(int(row.split(",")[at]) for row in rows) == 2
