"""An agent who goes away: the customer is told and loses no place."""

from datetime import timedelta

import pytest

from csbot import conversations
from csbot.handoff import absence, presence, queues
from csbot.handoff.absence import sweep_gone_agents
from csbot.models import AgentPresence, Conversation, Handoff
from tests.csbot.handoff.test_tickets import ticket_for
from tests.csbot.staff import Shop, now, statuses

LONG = timedelta(seconds=31)


@pytest.fixture
def held(shop: Shop) -> Conversation:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    return conversation


def test_the_customer_of_an_agent_who_is_gone_is_told_and_waits_first(shop: Shop, held: Conversation) -> None:
    shop.waits(shop.ada_writes("eve"))
    assert sweep_gone_agents(now() + LONG) == 1
    assert next(iter(queues.waiting_in(shop.queue))).conversation == held
    assert statuses(held)[-1] == "requeued"
    said = held.entries.filter(kind="message", sender="bot").last()
    assert said is not None
    assert said.seq == held.entries.get(data__status="requeued").seq + 1


def test_it_happens_once(held: Conversation) -> None:
    assert sweep_gone_agents(now() + LONG) == 1
    assert sweep_gone_agents(now() + LONG) == 0


def test_an_agent_who_is_seen_keeps_the_conversation_even_when_away_from_new_ones(
    shop: Shop, held: Conversation
) -> None:
    later = now() + LONG
    presence.set_available(shop.bo, False, later - timedelta(seconds=5))
    assert sweep_gone_agents(later) == 0


def test_whoever_was_just_given_a_conversation_has_time_to_appear(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    assert conversations.take(conversation.pk, shop.bo)  # assigned in the admin; no staff page is open
    assert sweep_gone_agents(now() + timedelta(seconds=25)) == 0
    assert sweep_gone_agents(now() + LONG) == 1


def test_a_deleted_agents_conversation_is_not_lost(shop: Shop, held: Conversation) -> None:
    shop.bo.delete()
    assert sweep_gone_agents(now() + LONG) == 1


def test_a_ticket_goes_back_to_the_list_of_tickets_not_into_the_line(shop: Shop) -> None:
    conversation = shop.ada_writes()
    ticket_for(conversation)
    shop.holds(shop.bo, conversation)
    assert sweep_gone_agents(now() + LONG) == 1
    assert not queues.waiting_in(shop.queue).exists()
    conversation.refresh_from_db()
    assert conversation.holder == "bot"
    assert Handoff.objects.get().outcome == Handoff.Outcome.TICKET


def test_nobody_is_requeued_out_of_a_closed_conversation(shop: Shop, held: Conversation) -> None:
    conversations.close(held.pk, by="customer")
    assert sweep_gone_agents(now() + LONG) == 0


def test_an_agent_who_comes_back_while_the_sweep_runs_keeps_the_conversation(
    shop: Shop, held: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now() + LONG
    first = [[held.pk]]  # what the list said a moment ago
    looked = absence._left_alone
    monkeypatch.setattr(absence, "_left_alone", lambda at: first.pop() if first else looked(at))
    AgentPresence.objects.update(seen_at=later)
    assert sweep_gone_agents(later) == 0
    held.refresh_from_db()
    assert held.agent == shop.bo
