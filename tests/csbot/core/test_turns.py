"""Claim, run, commit: one running turn, under a lease and a fence."""

import contextlib
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from csbot import conversations, sweeper, turns
from csbot.actions.journal import Superseded
from csbot.dialogue.turn import TimerRequest, TurnRequest, TurnResult
from csbot.messages import Outbound
from csbot.models import ActionRun, Conversation, Entry, Timer, Trace, Turn
from csbot.turns import Outcome, claim, run, work
from tests.csbot.core.conftest import ada

pytestmark = pytest.mark.django_db


def texts(sender: str = "bot") -> list[str]:
    return list(Entry.objects.filter(sender=sender, kind="message").order_by("seq").values_list("text", flat=True))


def let_the_lease_run_out() -> None:
    Turn.objects.filter(status="running").update(lease_until=Now())


def test_a_running_turn_is_not_claimed_by_a_second_worker() -> None:
    received = conversations.receive(ada(1))
    assert claim(received.conversation) is not None
    assert claim(received.conversation) is None


def test_a_newer_message_supersedes_a_turn_that_has_not_acted() -> None:
    received = conversations.receive(ada(1, "one"))
    first = claim(received.conversation)
    conversations.receive(ada(2, "two"))
    assert first is not None
    assert run(first) is Outcome.NOT_COMMITTED
    assert texts() == []
    work(received.conversation)
    assert texts() == ["echo 1:one | 2:two"]


def test_a_turn_that_has_acted_is_finished_and_the_newer_message_starts_the_next() -> None:
    received = conversations.receive(ada(1, "one"))
    first = claim(received.conversation)
    assert first is not None
    request = turns.build_request(first)
    request.journal.run("step", "ship", {"order": "1"}, lambda key: {"ok": True})
    conversations.receive(ada(2, "two"))
    assert run(first) is Outcome.MORE_TO_ANSWER
    work(received.conversation)
    assert texts() == ["echo 1:one", "echo 2:two"]


def test_a_worker_that_lost_its_lease_publishes_nothing() -> None:
    received = conversations.receive(ada(1))
    slow = claim(received.conversation)
    let_the_lease_run_out()
    assert slow is not None
    second = claim(received.conversation)
    assert second is not None
    assert (second.attempt, second.through_seq, second.number) == (2, slow.through_seq, slow.number)
    assert run(second) is Outcome.ALL_ANSWERED
    assert run(slow) is Outcome.NOT_COMMITTED
    assert texts() == ["echo 1:hello"]


def test_a_late_commit_rolls_back_everything_it_had_written(settings: Any) -> None:
    received = conversations.receive(ada(1))
    slow = claim(received.conversation)
    assert slow is not None
    request = turns.build_request(slow)
    let_the_lease_run_out()
    assert claim(received.conversation) is not None
    with pytest.raises(Superseded):
        turns.commit(slow, request, TurnResult(replies=[Outbound("late")], timers=[]))
    assert texts() == []
    assert Conversation.objects.get().turned_seq == 0


def test_a_persons_taking_silences_a_turn_in_flight(bo: User) -> None:
    received = conversations.receive(ada(1))
    first = claim(received.conversation)
    assert conversations.take(received.conversation, bo)
    assert first is not None
    assert run(first) is Outcome.NOT_COMMITTED
    assert texts() == []
    assert claim(received.conversation) is None


def test_an_action_is_done_once_however_often_the_turn_runs() -> None:
    done = []
    received = conversations.receive(ada(1))
    for _attempt in range(2):
        claimed = claim(received.conversation)
        assert claimed is not None
        request = turns.build_request(claimed)
        result = request.journal.run("step", "refund", {"cents": 100}, lambda key: done.append(key) or {"refund": 7})  # type: ignore[func-returns-value]
        assert result == {"refund": 7}
        let_the_lease_run_out()
    assert len(done) == 1
    assert ActionRun.objects.get().status == "done"


def test_an_action_that_was_only_started_is_repeated_under_the_same_key() -> None:
    keys = []

    def crash(key: str) -> None:
        keys.append(key)
        raise ConnectionError("gone")

    received = conversations.receive(ada(1))
    for call in (crash, lambda key: keys.append(key)):
        claimed = claim(received.conversation)
        assert claimed is not None
        request = turns.build_request(claimed)
        with contextlib.suppress(ConnectionError):
            request.journal.run("step", "refund", {"cents": 100}, call)
        let_the_lease_run_out()
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_superseded_turn_cannot_act() -> None:
    received = conversations.receive(ada(1))
    claimed = claim(received.conversation)
    assert claimed is not None
    request = turns.build_request(claimed)
    conversations.receive(ada(2))
    with pytest.raises(Superseded):
        request.journal.run("step", "refund", {}, lambda key: pytest.fail("it acted"))


def broken(request: TurnRequest) -> TurnResult:
    raise RuntimeError(f"turn {request.number} cannot be answered")


def test_after_three_attempts_the_customer_hears_an_apology_and_later_messages_go_on(settings: Any) -> None:
    settings.CSBOT_ENGINE = "tests.csbot.core.test_turns.broken"
    received = conversations.receive(ada(1))
    assert work(received.conversation) == 0
    turn = Turn.objects.get()
    assert (turn.status, turn.attempt) == ("failed", 3)
    assert "cannot be answered" in turn.error
    newest = Entry.objects.filter(sender="bot").get()
    assert newest.data["buttons"][0]["value"] == "person"
    settings.CSBOT_ENGINE = "csbot.testing.echo"
    conversations.receive(ada(2, "still there?"))
    work(received.conversation)
    assert texts()[-1].startswith("echo") and "still there?" in texts()[-1]


def test_the_sweeper_runs_what_nobody_was_woken_for() -> None:
    received = conversations.receive(ada(1))
    assert sweeper.stalled() == [received.conversation]
    assert sweeper.sweep(turns.work) >= 1
    assert texts() == ["echo 1:hello"]
    assert sweeper.stalled() == []


def test_the_sweeper_takes_over_from_a_dead_worker() -> None:
    received = conversations.receive(ada(1))
    claim(received.conversation)  # and dies
    assert sweeper.stalled() == []
    let_the_lease_run_out()
    assert sweeper.stalled() == [received.conversation]
    sweeper.sweep(turns.work)
    assert texts() == ["echo 1:hello"]


def test_a_due_timer_becomes_one_happening_and_one_turn() -> None:
    received = conversations.receive(ada(1))
    work(received.conversation)
    Timer.objects.create(
        conversation_id=received.conversation, kind="untaken", due_at=timezone.now(), data={"queue": 1}
    )
    sweeper.sweep(turns.work)
    sweeper.sweep(turns.work)
    assert texts()[1:] == ["echo 3:timer"]
    assert not Timer.objects.exists()


def with_timer(request: TurnRequest) -> TurnResult:
    from datetime import timedelta

    delay = timedelta(minutes=1) if request.batch[-1].text == "set" else None
    return TurnResult(timers=[TimerRequest("silence", delay, {"n": request.number})], state={}, summary="A timer.")


def test_a_turn_sets_moves_and_cancels_its_timers(settings: Any) -> None:
    settings.CSBOT_ENGINE = "tests.csbot.core.test_turns.with_timer"
    received = conversations.receive(ada(1, "set"))
    work(received.conversation)
    conversations.receive(ada(2, "set"))
    work(received.conversation)
    assert Timer.objects.get().data == {"n": 2}
    conversations.receive(ada(3, "cancel"))
    work(received.conversation)
    assert not Timer.objects.exists()


def test_every_turn_leaves_a_trace_whose_first_line_is_a_sentence() -> None:
    work(conversations.receive(ada(1)).conversation)
    assert Trace.objects.get().summary == "Echoed 1 line(s)."
