"""The demo's past: conversations of the weeks before, some of them waiting now, with ratings and gaps.

Written through the models with the times they would have had; nothing here goes through the engine, because what
was said then is the pack's content (`history.yaml`), not today's bot.
"""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils import timezone

from csbot import contacts
from csbot.handoff import choice
from csbot.models import Address, Conversation, Entry, Handoff, Inbox, Queue, Ticket
from csbot.nlu import pii, sentiment
from kb import curation

SECONDS_BETWEEN_LINES = 23
ANONYMOUS = {"Visitor", "访客"}
OUTCOMES = {"ticket": Handoff.Outcome.TICKET, "handed_off": Handoff.Outcome.RESOLVED}
NAMESPACE = uuid.UUID("7d0c1c5e-1f7b-4f0e-9d7e-5d0a6c1f4b11")


def import_history(path: Path, inbox: Inbox, now: datetime | None = None) -> int:
    """Stores the conversations of `path` that are not there yet; how many were new.

    Those that wait are waiting since a few minutes before `now`: run again on another day, they wait anew only
    when they have been taken out of the database.
    """
    moment = now or timezone.now()
    stored = 0
    for number, past in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
        key = uuid.uuid5(NAMESPACE, f"{inbox.key}/{number}")
        if Conversation.objects.filter(pk=key).exists():
            continue
        with transaction.atomic():
            _store(key, past, inbox, moment)
        stored += 1
    return stored


def _store(key: uuid.UUID, past: dict[str, Any], inbox: Inbox, now: datetime) -> None:
    waiting = bool(past["waiting"])
    lines = past["lines"]
    lasted = timedelta(seconds=SECONDS_BETWEEN_LINES * (len(lines) - 1))
    if waiting:
        begun = now - timedelta(minutes=past["minutes_ago"]) - lasted
    else:
        hour, minute = map(int, past["at"].split(":"))
        day = (now - timedelta(days=past["days_ago"])).astimezone(ZoneInfo(settings.TIME_ZONE))
        begun = min(day.replace(hour=hour, minute=minute, second=0, microsecond=0), now - lasted)
    ended = begun + lasted
    agent = _agent(past.get("agent", ""))
    conversation = _conversation(key, past, inbox, begun, ended, agent)
    entries = _entries(conversation, lines, begun, agent)
    if past["outcome"] in ("handed_off", "ticket") or waiting:
        _handoff(conversation, past, entries, agent, ended, waiting=waiting)
    if past["rating"]:
        entries.append(
            _entry(
                conversation,
                Entry.Kind.RATING,
                Entry.Sender.CUSTOMER,
                past["comment"] or "",
                ended,
                {"rating": past["rating"]},
            )
        )
    for seq, entry in enumerate(entries, start=1):
        entry.seq = seq
    times = [entry.at for entry in entries]
    Entry.objects.bulk_create(entries)
    # `auto_now_add` stamps the moment of insertion; the past is put back afterwards.
    for entry, at in zip(entries, times, strict=True):
        Entry.objects.filter(conversation=conversation, seq=entry.seq).update(at=at)
    scores = [sentiment.score(line["text"], past["language"]) for line in lines if line["from"] == "customer"]
    Conversation.objects.filter(pk=key).update(
        last_seq=len(entries),
        pending_seq=len(entries),
        turned_seq=len(entries),
        sentiment=scores[-1] if scores else 0.0,
        sentiments=[round(score, 3) for score in scores][-20:],
        opened_at=begun,
        updated_at=ended,
        closed_at=None if waiting else ended,
    )
    if past["gap"]:
        curation.record_gap(
            pii.mask(past["gap"]).text,
            collections=[collection.key for collection in inbox.bot.collections.all()],
            language=past["language"],
            reason="nothing found",
            reference=str(key),
        )


def _conversation(
    key: uuid.UUID, past: dict[str, Any], inbox: Inbox, begun: datetime, ended: datetime, agent: AbstractUser | None
) -> Conversation:
    anonymous = past["customer"] in ANONYMOUS
    sender = f"v-demo-{key.hex[:12]}" if anonymous else f"u-demo-{uuid.uuid5(NAMESPACE, past['customer']).hex[:12]}"
    name = "" if anonymous else past["customer"]
    contact = contacts.identify(inbox.brand, Address.Kind.VISITOR, sender, name=name, language=past["language"])
    outcome = "" if past["waiting"] else past["outcome"]
    return Conversation.objects.create(
        pk=key,
        brand=inbox.brand,
        inbox=inbox,
        bot=inbox.bot,
        contact=contact,
        thread_key=f"{sender}/{key.hex[:6]}",
        status=Conversation.Status.OPEN if past["waiting"] else Conversation.Status.CLOSED,
        language=past["language"],
        topic=past["topic"],
        agent_id=agent.pk if agent else None,
        outcome=outcome,
        rating=past["rating"],
        rating_comment=past["comment"] or "",
    )


def _entries(
    conversation: Conversation, lines: list[dict[str, str]], begun: datetime, agent: AbstractUser | None
) -> list[Entry]:
    entries = []
    for index, line in enumerate(lines):
        at = begun + timedelta(seconds=SECONDS_BETWEEN_LINES * index)
        data = {"language": conversation.language} if line["from"] == "bot" else {}
        entry = _entry(conversation, Entry.Kind.MESSAGE, line["from"], line["text"], at, data)
        if line["from"] == Entry.Sender.AGENT and agent is not None:
            entry.author_id, entry.author_name = agent.pk, agent.first_name
        elif line["from"] == Entry.Sender.BOT:
            entry.author_name = conversation.bot.name
        entries.append(entry)
    return entries


def _entry(conversation: Conversation, kind: str, sender: str, text: str, at: datetime, data: dict[str, Any]) -> Entry:
    return Entry(conversation=conversation, kind=kind, sender=sender, text=pii.never_store(text).text, data=data, at=at)


def _handoff(
    conversation: Conversation,
    past: dict[str, Any],
    entries: list[Entry],
    agent: AbstractUser | None,
    ended: datetime,
    *,
    waiting: bool,
) -> None:
    queue = choice.choose(conversation.brand, conversation.inbox, past["topic"], past["language"])
    if queue is None:
        return
    first_agent_line = next((entry for entry in entries if entry.sender == Entry.Sender.AGENT), None)
    taken_at = first_agent_line.at if first_agent_line is not None and agent is not None else None
    entered_at = (taken_at - timedelta(seconds=SECONDS_BETWEEN_LINES)) if taken_at else ended
    entries.insert(
        entries.index(first_agent_line) if first_agent_line is not None else len(entries),
        _entry(
            conversation,
            Entry.Kind.STATUS,
            Entry.Sender.SYSTEM,
            "",
            entered_at,
            {
                "status": "ticket" if past["outcome"] == "ticket" else "queued",
                "queue": queue.names or {"en": queue.key},
            },
        ),
    )
    words = [line["text"] for line in past["lines"] if line["from"] == "customer"]
    Handoff.objects.create(
        conversation=conversation,
        queue=queue,
        reason=past.get("reason") or (Handoff.Reason.REQUEST if agent else Handoff.Reason.LADDER),
        detail=words[0] if words else "",
        entered_at=entered_at,
        rank=entered_at,
        agent_id=agent.pk if agent and taken_at else None,
        taken_at=taken_at,
        ended_at=None if waiting else ended,
        outcome="" if waiting else OUTCOMES[past["outcome"]],
    )
    if past["outcome"] == "ticket":
        _ticket(conversation, queue, ended)


def _ticket(conversation: Conversation, queue: Queue, at: datetime) -> None:
    ticket = Ticket.objects.create(
        conversation=conversation,
        queue=queue,
        email=f"{conversation.pk.hex[:8]}@example.org",
        status=Ticket.Status.ANSWERED,
        answered_at=at + timedelta(hours=3),
    )
    Ticket.objects.filter(pk=ticket.pk).update(created_at=at)


def _agent(name: str) -> AbstractUser | None:
    user = get_user_model()._default_manager.filter(first_name=name).first() if name else None
    return user if isinstance(user, AbstractUser) else None
