"""The core under every order of events Hypothesis can think of, judged from outside by a client's ledger.

Nothing lost, nothing doubled, nothing reordered: whatever is sent, repeated, superseded, crashed at any point, taken
over, handed back or closed.
"""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from csbot import conversations, effects, turns
from csbot.conversations import Refused
from csbot.entries import replay
from csbot.messages import Inbound
from csbot.models import Conversation, Entry, Turn
from csbot.turns import Claim, claim, run

ANSWERED = re.compile(r"(\d+):")


class Crash(Exception):
    """A process that dies here."""


class Conversations(RuleBasedStateMachine):
    """One customer, one agent, any number of workers; each example is a conversation of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.sender = f"ada-{uuid4().hex}"
        self.ledger: dict[str, tuple[str, int]] = {}  # external id → (text, seq)
        self.view: list[dict[str, Any]] = []  # what the customer's browser has drawn
        self.held: list[Claim] = []
        self.agent = User.objects.get_or_create(username="bo")[0]
        self.id = conversations.open("web", self.sender, greet=False).pk

    @property
    def row(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def is_open(self) -> bool:
        return self.row.status == "open"

    @precondition(is_open)
    @rule(text=st.sampled_from(["hello", "return 12345", "转人工", "ok"]))
    def send(self, text: str) -> None:
        external_id = f"m{len(self.ledger)}"
        received = conversations.receive(Inbound("web", self.sender, external_id, text=text))
        assert not received.duplicate
        self.ledger[external_id] = (text, received.seq)

    @precondition(lambda self: self.ledger)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        external_id = data.draw(st.sampled_from(sorted(self.ledger)))
        received = conversations.receive(Inbound("web", self.sender, external_id, text=self.ledger[external_id][0]))
        assert (received.seq, received.duplicate) == (self.ledger[external_id][1], True)

    @rule()
    def work(self) -> None:
        turns.work(self.id)

    @rule()
    def claim_and_hold(self) -> None:
        claimed = claim(self.id)
        if claimed is not None:
            self.held.append(claimed)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def finish_what_was_held(self, data: st.DataObject) -> None:
        run(self.held.pop(data.draw(st.integers(0, len(self.held) - 1))))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def crash_in_the_middle_of_a_commit(self, data: st.DataObject) -> None:
        """The transaction has written replies and then the process dies: none of it may be seen."""
        claimed = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        request = turns.build_request(claimed)
        result = turns._engine()(request)
        original = effects.apply

        def die(*arguments: Any) -> None:
            original(*arguments)
            raise Crash

        effects.apply = die
        try:
            turns.commit(claimed, request, result)
        except (Crash, turns.Superseded):
            pass
        finally:
            effects.apply = original

    @rule()
    def leases_run_out(self) -> None:
        Turn.objects.filter(conversation_id=self.id, status="running").update(lease_until=Now())

    @rule()
    def the_browser_catches_up(self) -> None:
        after = self.view[-1]["seq"] if self.view else 0
        self.view += replay(self.id, after=after, audience="customer")

    @rule(data=st.data())
    def the_browser_reloads_and_resumes(self, data: st.DataObject) -> None:
        keep = data.draw(st.integers(0, len(self.view)))
        self.view = self.view[:keep]
        self.the_browser_catches_up()

    @precondition(is_open)
    @rule()
    def take_over(self) -> None:
        assert conversations.take(self.id, self.agent)

    @precondition(is_open)
    @rule()
    def the_agent_speaks(self) -> None:
        try:
            conversations.say(self.id, self.agent, "Bo here")
        except Refused as refusal:
            assert refusal.code == "not_yours"
            assert self.row.holder == "bot"

    @precondition(is_open)
    @rule()
    def hand_back(self) -> None:
        conversations.hand_back(self.id, self.agent)

    @precondition(lambda self: len(self.ledger) > 3)
    @rule()
    def close(self) -> None:
        conversations.close(self.id)

    @invariant()
    def numbers_have_neither_gaps_nor_doubles(self) -> None:
        seqs = list(Entry.objects.filter(conversation_id=self.id).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, self.row.last_seq + 1))

    @invariant()
    def every_accepted_message_stands_once_and_in_order(self) -> None:
        stored = list(
            Entry.objects.filter(conversation_id=self.id, sender="customer", kind="message")
            .order_by("seq")
            .values_list("text", "seq")
        )
        assert stored == list(self.ledger.values())

    @invariant()
    def the_browser_has_drawn_a_prefix_without_a_gap(self) -> None:
        assert [entry["seq"] for entry in self.view] == list(range(1, len(self.view) + 1))

    @invariant()
    def at_most_one_turn_runs(self) -> None:
        assert Turn.objects.filter(conversation_id=self.id, status="running").count() <= 1

    @invariant()
    def nothing_is_answered_twice_or_out_of_order(self) -> None:
        answered = self.answered()
        assert answered == sorted(set(answered))

    @invariant()
    def the_bot_never_talks_over_a_person_nor_after_the_end(self) -> None:
        holder = "bot"
        for entry in Entry.objects.filter(conversation_id=self.id).order_by("seq"):
            if entry.kind == "status":
                holder = {"taken": "agent", "handed_back": "bot", "closed": "nobody"}.get(entry.data["status"], holder)
            assert not (entry.sender == "bot" and holder != "bot"), f"seq {entry.seq}: the bot spoke, {holder} held it"

    def answered(self) -> list[int]:
        replies = Entry.objects.filter(conversation_id=self.id, sender="bot", text__startswith="echo").order_by("seq")
        return [int(seq) for reply in replies for seq in ANSWERED.findall(reply.text)]

    def teardown(self) -> None:
        """Once every lease has run out and every worker has worked, nobody is left without an answer."""
        self.leases_run_out()
        turns.work(self.id)
        if self.row.status != "open" or self.row.holder != "bot":
            return
        covered = set(self.answered())
        for turn in Turn.objects.filter(conversation_id=self.id, status="failed"):
            covered |= set(range(turn.from_seq + 1, turn.through_seq + 1))  # an apology
        holder = "bot"
        unanswered = set()
        for entry in Entry.objects.filter(conversation_id=self.id).order_by("seq"):
            if entry.kind == "status" and entry.data["status"] == "taken":
                unanswered.clear()  # a person reads what stood there
                holder = "agent"
            elif entry.kind == "status" and entry.data["status"] == "handed_back":
                holder = "bot"
            elif entry.sender == "customer" and holder == "bot" and entry.seq not in covered:
                unanswered.add(entry.seq)
        assert not unanswered


@pytest.mark.django_db
def test_whatever_happens_nothing_is_lost_doubled_or_reordered() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Conversations,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
