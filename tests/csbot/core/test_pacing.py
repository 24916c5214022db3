"""How fast one conversation may be written in: pure arithmetic first, then many processes' worth of threads."""

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from channels_adapters.webchat.limits import Window
from csbot import conversations
from csbot.conversations import Refused
from csbot.models import Conversation, Entry, Receipt
from csbot.pacing import paced
from tests.csbot.core.conftest import ada
from tests.csbot.core.test_concurrency import in_threads

NOON = datetime(2027, 1, 31, 12, tzinfo=ZoneInfo("UTC"))


@given(st.lists(st.integers(0, 4_000), max_size=120), st.integers(1, 20))
def test_whatever_a_sliding_window_lets_through_is_never_refused_nor_more_than_twice_as_much_let_through(
    gaps: list[int], limit: int
) -> None:
    window, until, now = Window(limit, 10.0), None, 0
    accepted: list[int] = []
    for gap in gaps:
        now += gap  # milliseconds
        if window.wait("ada", now / 1000):
            continue
        wait, until = paced(until, NOON + timedelta(milliseconds=now), limit=limit, seconds=10.0)
        assert wait < 0.001
    until = None
    for at in (sum(gaps[: place + 1]) for place in range(len(gaps))):
        wait, until = paced(until, NOON + timedelta(milliseconds=at), limit=limit, seconds=10.0)
        if not wait:
            accepted.append(at)
            assert sum(1 for each in accepted if each > at - 10_000) <= 2 * limit


def test_who_waits_as_long_as_told_is_let_through() -> None:
    until, now = None, NOON
    for _message in range(20):
        wait, until = paced(until, now, limit=20, seconds=10.0)
        assert not wait
    wait, until = paced(until, now, limit=20, seconds=10.0)
    assert wait == 0.5
    assert paced(until, now + timedelta(seconds=wait), limit=20, seconds=10.0)[0] == 0.0


@pytest.mark.django_db(transaction=True)
def test_a_hundred_messages_of_one_visitor_over_many_processes_at_once_are_refused_before_storing() -> None:
    def send(number: int) -> str:
        try:
            conversations.receive(ada(number, f"line {number}"), per_10_seconds=20)
        except Refused as refusal:
            assert 0 < (refusal.retry_after or 0) <= 10
            return refusal.code
        return "stored"

    started = time.monotonic()
    answers = in_threads([lambda number=number: send(number) for number in range(100)])
    stored = answers.count("stored")
    # Two a second come to be free while this runs; a conversation's first message may collide too often.
    assert 18 <= stored <= 21 + 2 * (time.monotonic() - started)
    assert set(answers) <= {"stored", "rate", "busy"}
    assert Entry.objects.filter(kind="message").count() == Receipt.objects.count() == stored
    assert Conversation.objects.get().last_seq == stored


@pytest.mark.django_db
def test_a_repeat_is_answered_even_when_too_much_was_sent() -> None:
    first = conversations.receive(ada(1), per_10_seconds=1)
    with pytest.raises(Refused):
        conversations.receive(ada(2), per_10_seconds=1)
    assert conversations.receive(ada(1), per_10_seconds=1).seq == first.seq


@pytest.mark.django_db
def test_the_pace_is_kept_while_a_person_has_the_conversation(bo: User) -> None:
    received = conversations.receive(ada(1))
    conversations.take(received.conversation, bo)
    conversations.receive(ada(2), per_10_seconds=1)
    with pytest.raises(Refused):
        conversations.receive(ada(3), per_10_seconds=1)


@pytest.mark.django_db
def test_keeping_the_pace_asks_the_database_nothing_more(django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    conversations.receive(ada(1))
    with CaptureQueriesContext(connection) as free:
        conversations.receive(ada(2))
    with django_assert_num_queries(len(free)):
        conversations.receive(ada(3), per_10_seconds=20)
