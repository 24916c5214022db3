"""The lines customers wait in: what they may expect, entering, being taken, going back, leaving.

Everything that changes a line is called with the conversation's row locked, inside the caller's transaction, and
tells the staff pages after commit. A conversation has at most one open handoff; it waits while nobody has taken it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from csbot import events
from csbot.dialogue.turn import HandoffRequest
from csbot.entries import append
from csbot.handoff import presence
from csbot.handoff.choice import choose, queue_for
from csbot.handoff.hours import Schedule, Slot
from csbot.models import Brand, Conversation, Entry, Handoff, Inbox, Queue, Timer

UNTAKEN = "untaken"  # the timer that offers a ticket to whoever waits too long


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a customer may expect of the queue that inbox, topic and language choose.

    `agents` is how many people could take a conversation now, `waiting` how many wait before. `opens_at` is set while
    the queue is closed: when people are back, in the queue's time zone; None also when no opening is known.
    """

    queue_id: int | None
    queue_name: str
    open: bool
    agents: int
    waiting: int
    opens_at: datetime | None


def outlook(brand: Brand | str, inbox: Inbox | str, topic: str, language: str, now: datetime | None = None) -> Outlook:
    """Reads which queue would be entered and what the customer may expect; changes nothing."""
    now = now or timezone.now()
    if isinstance(brand, str):
        brand = Brand.objects.get(key=brand)
    row = inbox if isinstance(inbox, Inbox) else Inbox.objects.filter(key=inbox, brand=brand).first()
    queue = choose(brand, row, topic, language)
    if queue is None:
        return Outlook(None, "", False, 0, 0, None)
    schedule = schedule_of(queue)
    return Outlook(
        queue_id=queue.pk,
        queue_name=queue.name(language),
        open=schedule.is_open(now),
        agents=presence.present(queue, now).count(),
        waiting=waiting_in(queue).count(),
        opens_at=schedule.next_opening(now),
    )


def schedule_of(queue: Queue) -> Schedule:
    """The queue's hours as the admin wrote them."""
    week: dict[int, tuple[Slot, ...]] = {}
    for slot in queue.hours.all():
        week[slot.weekday] = (*week.get(slot.weekday, ()), Slot(slot.opens, slot.closes))
    holidays: dict[date, Slot | None] = {
        day.date: Slot(day.opens, day.closes) if day.opens is not None and day.closes is not None else None
        for day in queue.holidays.all()
    }
    return Schedule(ZoneInfo(queue.time_zone), week, holidays)


def waiting_in(queue: Queue) -> QuerySet[Handoff]:
    """Who waits, in the order they will be served."""
    return Handoff.objects.filter(queue=queue, ended_at=None, taken_at=None).order_by("rank", "pk")


def position(handoff: Handoff) -> int:
    """The place in the line, from 1."""
    ahead = waiting_in(handoff.queue).filter(rank__lt=handoff.rank).count()
    return ahead + waiting_in(handoff.queue).filter(rank=handoff.rank, pk__lt=handoff.pk).count() + 1


def enter(conversation: Conversation, request: HandoffRequest, now: datetime | None = None) -> Handoff:
    """Puts a locked conversation into the queue that topic and language choose: a status entry "queued" with its
    place, and a timer for the offer of a ticket. One that waits or is held already keeps its place."""
    now = now or timezone.now()
    current = open_handoff(conversation)
    if current is not None:
        return current
    queue = queue_for(
        conversation.brand, conversation.inbox, request.topic or conversation.topic, conversation.language
    )
    handoff = Handoff.objects.create(
        conversation=conversation,
        queue=queue,
        reason=request.reason,
        detail=request.detail,
        summary=dict(request.summary),
        entered_at=now,
        rank=now,
    )
    _arm(conversation, queue, now)
    _status(conversation, "queued", queue, position=position(handoff), reason=request.reason)
    return handoff


def leave(conversation: Conversation, outcome: str = Handoff.Outcome.LEFT, now: datetime | None = None) -> bool:
    """Takes a waiting conversation out of its line, with a status entry; False when it did not wait."""
    handoff = open_handoff(conversation)
    if handoff is None or handoff.taken_at is not None:
        return False
    _finish(handoff, outcome, now)
    _disarm(conversation)
    _status(conversation, "left_queue", handoff.queue)
    return True


def take(conversation: Conversation, agent: AbstractBaseUser, now: datetime | None = None) -> bool:
    """Gives the line's place to `agent`: of two who claim it, one gets True. A conversation that does not wait is
    taken over as it stands. The caller writes the conversation's holder, its fence and the status entry."""
    now = now or timezone.now()
    handoff = open_handoff(conversation)
    if handoff is None:
        queue = queue_for(conversation.brand, conversation.inbox, conversation.topic, conversation.language)
        Handoff.objects.create(
            conversation=conversation,
            queue=queue,
            reason=Handoff.Reason.TAKEOVER,
            entered_at=now,
            rank=now,
            agent_id=agent.pk,
            taken_at=now,
        )
    else:
        # The condition decides, not the lock: a forgotten lock cannot give one customer to two agents.
        won = Handoff.objects.filter(pk=handoff.pk, taken_at=None, ended_at=None).update(
            agent_id=agent.pk, taken_at=now
        )
        if not won:
            return bool(handoff.agent_id == agent.pk)
    _disarm(conversation)
    _desk_changed(conversation)
    return True


def requeue(
    conversation: Conversation,
    reason: str = "",
    *,
    queue: Queue | None = None,
    head: bool = True,
    detail: str = "",
    now: datetime | None = None,
) -> Handoff | None:
    """Puts a held conversation back into its line, or into `queue`, by default before everybody else. The bot keeps
    the customer company meanwhile. None when it was not held by anybody."""
    now = now or timezone.now()
    held = open_handoff(conversation)
    if held is None or held.taken_at is None:
        return None
    _finish(held, Handoff.Outcome.REQUEUED, now)
    queue = queue or held.queue
    if queue.brand_id != held.queue.brand_id:
        raise ValueError("A conversation stays with its brand: the queue belongs to another one.")
    first = waiting_in(queue).values_list("rank", flat=True).first() if head else None
    fresh = Handoff.objects.create(
        conversation=conversation,
        queue=queue,
        reason=reason or held.reason,
        detail=detail or held.detail,
        summary=held.summary,
        entered_at=now,
        rank=min(now, first - timedelta(microseconds=1)) if first else now,
    )
    release(conversation)
    _arm(conversation, queue, now)
    _status(conversation, "requeued", queue, position=position(fresh), reason=fresh.reason)
    return fresh


def release(conversation: Conversation) -> None:
    """Takes a locked conversation from its agent and gives it to the bot, under a new fence. What the customer told
    the agent is no turn's to answer."""
    conversation.holder = Conversation.Holder.BOT
    conversation.agent = None
    conversation.fence += 1
    conversation.turned_seq = conversation.pending_seq = conversation.last_seq
    conversation.save(update_fields=["holder", "agent", "fence", "turned_seq", "pending_seq", "updated_at"])


def hand_back(conversation: Conversation, agent: AbstractBaseUser, now: datetime | None = None) -> None:
    """Ends the handoff because `agent` gives the conversation back to the bot; the caller writes the rest."""
    end(conversation, Handoff.Outcome.HANDED_BACK, now)


def end(conversation: Conversation, outcome: str = "", now: datetime | None = None) -> None:
    """Ends whatever handoff is open, because the conversation ends or goes back to the bot; no status entry.

    Without an outcome: resolved when somebody had taken it, else left."""
    handoff = open_handoff(conversation)
    if handoff is not None:
        _finish(handoff, outcome or (Handoff.Outcome.RESOLVED if handoff.taken_at else Handoff.Outcome.LEFT), now)
    _disarm(conversation)
    _desk_changed(conversation)


def move(handoff: Handoff, queue: Queue, now: datetime | None = None) -> None:
    """Moves a waiting handoff to another queue of the brand; its place goes by how long it has waited already."""
    if queue.brand_id != handoff.queue.brand_id:
        raise ValueError("A conversation stays with its brand: the queue belongs to another one.")
    if Handoff.objects.filter(pk=handoff.pk, taken_at=None, ended_at=None).update(queue=queue):
        handoff.queue = queue
        _arm(handoff.conversation, queue, now or timezone.now())
        _status(handoff.conversation, "queued", queue, position=position(handoff), reason=handoff.reason)


def open_handoff(conversation: Conversation) -> Handoff | None:
    """The handoff that waits or is held, if any."""
    return Handoff.objects.select_related("queue").filter(conversation=conversation, ended_at=None).first()


def _finish(handoff: Handoff, outcome: str, now: datetime | None) -> None:
    handoff.ended_at = now or timezone.now()
    handoff.outcome = outcome
    handoff.save(update_fields=["ended_at", "outcome"])


def _arm(conversation: Conversation, queue: Queue, now: datetime) -> None:
    Timer.objects.update_or_create(
        conversation=conversation,
        kind=UNTAKEN,
        defaults={"due_at": now + timedelta(seconds=queue.untaken_after), "data": {"queue": queue.key}},
    )


def _disarm(conversation: Conversation) -> None:
    Timer.objects.filter(conversation=conversation, kind=UNTAKEN).delete()


def _status(conversation: Conversation, status: str, queue: Queue, **facts: Any) -> None:
    append(
        conversation,
        Entry.Kind.STATUS,
        Entry.Sender.SYSTEM,
        data={"status": status, "queue": queue.names or {"en": queue.key}, **facts},
    )
    _desk_changed(conversation)


def _desk_changed(conversation: Conversation) -> None:
    transaction.on_commit(lambda: events.desk_changed(conversation.brand_id))
