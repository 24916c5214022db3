"""Waiting, being taken, going back, leaving: nobody is stuck, and nobody has two agents."""

import threading
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from csbot import conversations, entries
from csbot.handoff import presence, queues
from csbot.handoff.modes import entry_mode
from csbot.models import Handoff, Inbox, OpeningHours, Queue, Timer
from tests.csbot.staff import Shop, now, open_shop, statuses


def test_a_waiting_customer_sees_queue_and_place(shop: Shop) -> None:
    first, second = shop.ada_writes("ada"), shop.ada_writes("eve")
    shop.waits(first)
    shop.waits(second)
    status = second.entries.get(kind="status").data
    assert status == {"status": "queued", "queue": {"en": "People", "zh": "人工"}, "position": 2, "reason": "request"}


def test_asking_twice_keeps_the_first_place(shop: Shop) -> None:
    conversation = shop.ada_writes()
    first = shop.waits(conversation)
    shop.waits(shop.ada_writes("eve"))
    assert shop.waits(conversation, "anger") == first
    assert queues.position(first) == 1
    assert statuses(conversation) == ["queued"]


def test_oldest_first(shop: Shop) -> None:
    start = now()
    late, early = shop.ada_writes("late"), shop.ada_writes("early")
    shop.waits(late, now=start + timedelta(minutes=1))
    shop.waits(early, now=start)
    assert [row.conversation for row in queues.waiting_in(shop.queue)] == [early, late]


def test_taking_ends_the_wait_and_its_timer(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    assert Timer.objects.filter(conversation=conversation, kind="untaken").exists()
    shop.holds(shop.bo, conversation)
    assert not queues.waiting_in(shop.queue).exists()
    assert not Timer.objects.filter(conversation=conversation, kind="untaken").exists()


def test_the_untaken_timer_is_due_when_the_queue_says(shop: Shop) -> None:
    Queue.objects.update(untaken_after=45)
    start = now()
    conversation = shop.ada_writes()
    shop.waits(conversation, now=start)
    assert Timer.objects.get(conversation=conversation).due_at == start + timedelta(seconds=45)


def test_a_second_agent_cannot_take_what_the_first_has(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    assert conversations.take(conversation.pk, shop.bo)
    assert not conversations.take(conversation.pk, shop.di)
    assert conversations.take(conversation.pk, shop.bo)  # asking again for one's own is no conflict
    assert Handoff.objects.get(conversation=conversation).agent == shop.bo


def test_the_condition_decides_even_where_a_lock_was_forgotten(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    with transaction.atomic():
        assert queues.take(conversation, shop.bo)
        assert not queues.take(conversation, shop.di)


def claim(conversation: UUID, agent: User, start: threading.Barrier, won: list[int]) -> None:
    start.wait(60)
    try:
        if conversations.take(conversation, agent):
            won.append(agent.pk)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_many_agents_claiming_at_once_exactly_one_wins() -> None:
    shop = open_shop("race")
    agents = [shop.bo, shop.di, shop.mo]
    for round_ in range(8):
        conversation = shop.ada_writes(f"ada-{round_}")
        shop.waits(conversation)
        start = threading.Barrier(len(agents) * 2)
        won: list[int] = []
        threads = [
            threading.Thread(target=claim, args=(conversation.pk, agent, start, won))
            for agent in agents * 2  # each of them twice: an impatient double click
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        conversation.refresh_from_db()
        assert set(won) == {conversation.agent_id}
        assert statuses(conversation).count("taken") == 1
        assert Handoff.objects.get(conversation=conversation).agent_id == conversation.agent_id
        assert list(conversation.entries.values_list("seq", flat=True)) == list(range(1, conversation.last_seq + 1))


def test_an_agent_may_step_in_where_nobody_asked(shop: Shop) -> None:
    conversation = shop.ada_writes()
    assert conversations.take(conversation.pk, shop.bo)
    assert Handoff.objects.get(conversation=conversation).reason == Handoff.Reason.TAKEOVER


def test_never_mind_leaves_the_queue(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    with transaction.atomic():
        assert queues.leave(entries.lock(conversation.pk))
        assert not queues.leave(entries.lock(conversation.pk))
    assert statuses(conversation) == ["queued", "left_queue"]
    assert Handoff.objects.get(conversation=conversation).outcome == Handoff.Outcome.LEFT
    assert not Timer.objects.filter(conversation=conversation).exists()


def test_requeued_stands_before_everybody_else(shop: Shop) -> None:
    start = now()
    mine, others = shop.ada_writes("ada"), [shop.ada_writes(f"eve-{number}") for number in range(2)]
    shop.waits(mine, now=start)
    shop.holds(shop.bo, mine)
    for number, other in enumerate(others):
        shop.waits(other, now=start + timedelta(seconds=number))
    with transaction.atomic():
        queues.requeue(entries.lock(mine.pk), Handoff.Reason.AGENT_GONE)
    assert next(iter(queues.waiting_in(shop.queue))).conversation == mine
    mine.refresh_from_db()
    assert (mine.holder, mine.agent) == ("bot", None)
    assert statuses(mine)[-1] == "requeued"


def test_requeueing_raises_the_fence_so_that_no_late_word_follows(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.holds(shop.bo, conversation)
    before = type(conversation).objects.get(pk=conversation.pk).fence
    with transaction.atomic():
        queues.requeue(entries.lock(conversation.pk), Handoff.Reason.AGENT_GONE)
    conversation.refresh_from_db()
    assert conversation.fence > before


def test_handing_back_and_closing_end_the_handoff(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    conversations.hand_back(conversation.pk, shop.bo)
    assert Handoff.objects.get(conversation=conversation).outcome == Handoff.Outcome.HANDED_BACK
    shop.waits(conversation)
    shop.holds(shop.di, conversation)
    conversations.close(conversation.pk, by="agent", agent=shop.di)
    assert [row.outcome for row in Handoff.objects.order_by("pk")] == ["handed_back", "resolved"]


def test_moving_to_another_queue_keeps_the_waiting_time(shop: Shop) -> None:
    returns = Queue.objects.create(brand=shop.brand, key="returns", names={"en": "Returns"})
    start = now()
    waited, fresh = shop.ada_writes("ada"), shop.ada_writes("eve")
    shop.waits(waited, now=start)
    Handoff.objects.create(conversation=fresh, queue=returns, reason="request", entered_at=now(), rank=now())
    with transaction.atomic():
        queues.move(Handoff.objects.get(conversation=entries.lock(waited.pk)), returns)
    assert next(iter(queues.waiting_in(returns))).conversation == waited


def test_a_conversation_never_moves_to_another_brand(shop: Shop) -> None:
    conversation = shop.ada_writes()
    handoff = shop.waits(conversation)
    with pytest.raises(ValueError, match="brand"), transaction.atomic():
        queues.move(handoff, open_shop("globex").queue)


def test_the_outlook_counts_who_is_there_and_who_waits(shop: Shop) -> None:
    shop.waits(shop.ada_writes())
    presence.seen(shop.bo)
    presence.set_available(shop.di, False)
    seen = queues.outlook("acme", "acme-web", "", "zh")
    assert (seen.queue_name, seen.open, seen.agents, seen.waiting, seen.opens_at) == ("人工", True, 1, 1, None)


def test_an_agent_not_seen_for_thirty_seconds_is_not_there(shop: Shop) -> None:
    start = now()
    presence.seen(shop.bo, start)
    assert queues.outlook(shop.brand, shop.inbox, "", "en", start + timedelta(seconds=30)).agents == 1
    assert queues.outlook(shop.brand, shop.inbox, "", "en", start + timedelta(seconds=31)).agents == 0


def test_somebody_present_who_does_not_serve_the_queue_does_not_count(shop: Shop) -> None:
    presence.seen(shop.cy)
    presence.seen(shop.mo)  # a manager, but the queue has members of its own
    assert queues.outlook(shop.brand, shop.inbox, "", "en").agents == 0
    shop.queue.members.clear()
    assert queues.outlook(shop.brand, shop.inbox, "", "en").agents == 1


def test_a_closed_queue_says_when_people_are_back(shop: Shop) -> None:
    OpeningHours.objects.create(queue=shop.queue, weekday=0, opens=time(9), closes=time(17))
    Queue.objects.update(time_zone="Asia/Shanghai")
    seen = queues.outlook(shop.brand, shop.inbox, "", "en", datetime(2026, 5, 3, 12, 0, tzinfo=UTC))
    assert not seen.open
    assert seen.opens_at is not None
    assert seen.opens_at.isoformat() == "2026-05-04T09:00:00+08:00"


@pytest.mark.parametrize(
    ("mode", "share", "drawn", "who"),
    [
        ("bot_first", 100, 99, "bot"),
        ("bot_first", 0, 0, "people"),
        ("bot_first", 30, 29, "bot"),
        ("bot_first", 30, 30, "people"),
        ("people_first", 100, 0, "people"),
        ("bot_only", 0, 50, "bot"),
        ("closed", 0, 50, "bot"),
    ],
)
def test_the_inboxs_mode_and_share_decide_who_meets_the_customer(mode: str, share: int, drawn: int, who: str) -> None:
    assert entry_mode(Inbox(mode=mode, bot_share=share), drawn) == who
