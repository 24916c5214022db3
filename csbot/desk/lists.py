"""The lists of the staff page: who waits, what is mine, tickets, who is here. Read whole at every change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from csbot.conversations import name_of
from csbot.handoff import presence, rights
from csbot.models import AgentPresence, Conversation, Entry, Handoff, Queue, Ticket

SPOKEN = [Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT]
AT_MOST = 200  # rows of a list; a longer line says how much longer it is


def snapshot(user: AbstractBaseUser, language: str, now: datetime | None = None) -> dict[str, Any]:
    """Everything the lists show to `user`, in `language` (a content language such as "zh").

    `waiting` oldest first, `mine`, `others` (held by colleagues), `tickets`, `present`; each row names its
    conversation, and times are ISO 8601. `waiting_total` counts those beyond the rows too.
    """
    now = now or timezone.now()
    queues = {queue.pk: queue for queue in rights.queues_of(user).select_related("brand")}
    open_handoffs = Handoff.objects.filter(queue__in=queues, ended_at=None, conversation__status="open")
    waiting = open_handoffs.filter(taken_at=None).order_by("rank", "pk")
    mine = Conversation.objects.filter(agent_id=user.pk, holder="agent", status="open").order_by("opened_at")
    others = open_handoffs.exclude(taken_at=None).exclude(conversation__agent_id=user.pk).order_by("taken_at")
    tickets = Ticket.objects.filter(queue__in=queues, status=Ticket.Status.OPEN).order_by("created_at")
    return {
        "me": {"id": user.pk, "name": name_of(user), "available": presence.is_available(user)},
        "waiting": [_waits(row, queues, language) for row in _with_conversation(waiting)[:AT_MOST]],
        "waiting_total": waiting.count(),
        "mine": _mine(mine, language),
        "others": [
            {**_row(row.conversation, row.last_text), "agent": name_of(row.agent) if row.agent else ""}
            for row in _with_conversation(others).select_related("agent")[:AT_MOST]
        ],
        "tickets": [
            {
                **_row(row.conversation, row.last_text),
                "queue": queues[row.queue_id].name(language),
                "email": row.email,
                "since": row.created_at.isoformat(),
            }
            for row in _with_conversation(tickets)[:AT_MOST]
        ],
        "present": _present(queues.values(), now),
        "queues": [
            {"id": queue.pk, "name": queue.name(language), "brand": queue.brand_id}
            for queue in queues.values()
            if queue.enabled
        ],
    }


def _with_conversation(rows: QuerySet[Any]) -> QuerySet[Any]:
    last = Entry.objects.filter(conversation=OuterRef("conversation"), kind__in=SPOKEN, sender="customer").exclude(
        text=""
    )
    found: QuerySet[Any] = rows.select_related("conversation__contact", "conversation__inbox").annotate(
        last_text=Subquery(last.order_by("-seq").values("text")[:1])
    )
    return found


def _row(conversation: Conversation, last_text: str | None) -> dict[str, Any]:
    return {
        "conversation": str(conversation.pk),
        "name": conversation.contact.name,
        "number": conversation.contact_id,
        "verified": conversation.assurance == "verified",
        "language": conversation.language,
        "inbox": conversation.inbox.name,
        "channel": conversation.inbox.channel,
        "brand": conversation.brand_id,
        "topic": conversation.topic,
        "sentiment": round(conversation.sentiment, 2),
        "last": (last_text or "")[:160],
        "seq": conversation.last_seq,
    }


def _waits(handoff: Any, queues: dict[int, Queue], language: str) -> dict[str, Any]:
    return {
        **_row(handoff.conversation, handoff.last_text),
        "queue": queues[handoff.queue_id].name(language),
        "reason": handoff.reason,
        "reason_text": str(handoff.get_reason_display()),
        "detail": handoff.detail,
        "since": handoff.entered_at.isoformat(),
    }


def _mine(conversations: QuerySet[Conversation], language: str) -> list[dict[str, Any]]:
    rows = list(conversations.select_related("contact", "inbox"))
    seen = _read_through([row.pk for row in rows])
    unread = _unread(seen)
    last = {
        entry.conversation_id: entry
        for entry in Entry.objects.filter(
            pk__in=Entry.objects.filter(conversation__in=rows, kind__in=SPOKEN)
            .values("conversation")
            .annotate(newest=Max("pk"))
            .values("newest")
        )
    }
    return [
        {
            **_row(row, last[row.pk].text if row.pk in last else ""),
            "last_sender": last[row.pk].sender if row.pk in last else "",
            "unread": unread.get(row.pk, 0),
            "since": row.updated_at.isoformat(),
        }
        for row in rows
    ]


def _read_through(conversations: list[UUID]) -> dict[UUID, int]:
    """Up to which `seq` an agent has seen each conversation: read marks, and whatever agents wrote themselves."""
    through = dict.fromkeys(conversations, 0)
    marks = Entry.objects.filter(
        conversation__in=conversations, sender="agent", kind__in=[Entry.Kind.READ, Entry.Kind.MESSAGE]
    )
    for conversation, kind, seq, data in marks.values_list("conversation_id", "kind", "seq", "data"):
        through[conversation] = max(through[conversation], data.get("through", 0) if kind == Entry.Kind.READ else seq)
    return through


def _unread(through: dict[UUID, int]) -> dict[UUID, int]:
    if not through:
        return {}
    newer = Q()
    for conversation, seq in through.items():
        newer |= Q(conversation=conversation, seq__gt=seq)
    counted = (
        Entry.objects.filter(newer, kind__in=SPOKEN, sender="customer").values("conversation").annotate(n=Count("pk"))
    )
    return {row["conversation"]: row["n"] for row in counted}


def _present(queues: Iterable[Queue], now: datetime) -> list[dict[str, Any]]:
    """The colleagues who serve one of `queues` and have been seen lately, with how much they hold."""
    pks = [queue.pk for queue in queues]
    brands = {queue.brand_id for queue in queues}
    rows = (
        AgentPresence.objects.filter(seen_at__gte=now - presence.PRESENT)
        .filter(
            Q(user__csbot_queues__in=pks)
            | Q(user__csbot_memberships__brand__in=brands, user__csbot_memberships__role=rights.MANAGER)
            | Q(user__is_superuser=True)
        )
        .select_related("user")
        .distinct()
    )
    held: dict[int | None, int] = {
        row["agent"]: row["n"]
        for row in Conversation.objects.filter(
            agent__in=[row.user_id for row in rows], holder="agent", status="open", brand__in=brands
        )
        .values("agent")
        .annotate(n=Count("pk"))
    }
    people = [
        {"id": row.user_id, "name": name_of(row.user), "available": row.available, "holds": held.get(row.user_id, 0)}
        for row in rows
    ]
    return sorted(people, key=lambda person: (not person["available"], str(person["name"]).casefold()))
