"""The append-only record of a conversation: the one place that takes a `seq`.

Whoever writes holds the conversation's row first (`lock`), so numbers have neither gaps nor doubles; what was
written is published when the transaction commits, and never when it does not.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F

from csbot import events
from csbot.messages import Outbound
from csbot.models import Conversation, Entry
from csbot.prepared import Insert, Select, Update, parameter

REPLAY_ENTRIES = 500

_LOCK = Select(lambda: Conversation.objects.select_for_update().filter(pk=parameter(Conversation, "pk")))
_TAKE_NUMBERS = Update(
    lambda: Conversation.objects.filter(pk=parameter(Conversation, "pk")),
    last_seq=F("last_seq") + parameter(Conversation, "last_seq", "count"),
)
_STORE = Insert(Entry)
_REPLAY = Select(
    lambda: Entry.objects.filter(
        conversation_id=parameter(Conversation, "pk", "conversation"), seq__gt=parameter(Entry, "seq", "after")
    ).order_by("seq")[:REPLAY_ENTRIES]
)


def lock(conversation_id: UUID | str) -> Conversation:
    """The conversation, its row locked until the surrounding transaction ends. Raises `Conversation.DoesNotExist`."""
    conversation = _LOCK.first(pk=conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist(f"There is no conversation {conversation_id}.")
    return conversation


def append(
    conversation: Conversation,
    kind: str,
    sender: str,
    *,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    author: AbstractBaseUser | None = None,
    author_name: str = "",
    staff_only: bool = False,
) -> Entry:
    """The next entry of a locked conversation; listeners hear of it after commit."""
    entry = Entry(
        conversation=conversation,
        kind=kind,
        sender=sender,
        text=text,
        data=dict(data or {}),
        author_id=author.pk if author else None,
        author_name=author_name,
        staff_only=staff_only,
    )
    return append_all(conversation, [entry])[0]


def say_as_bot(conversation: Conversation, replies: Iterable[Outbound], name: str = "") -> list[Entry]:
    """The bot's messages, appended to a locked conversation in order."""
    return append_all(
        conversation,
        [
            Entry(
                conversation=conversation,
                kind=Entry.Kind.MESSAGE,
                sender=Entry.Sender.BOT,
                author_name=name,
                text=reply.text,
                data=reply.to_json(),
            )
            for reply in replies
        ],
    )


def append_all(conversation: Conversation, entries: list[Entry]) -> list[Entry]:
    """Numbers and stores `entries`, in order, under the lock of `conversation`."""
    if not entries:
        return []
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An entry is appended inside the transaction that holds its conversation's lock.")
    # The increment is the database's, not this process's: a forgotten lock breaks the unique constraint
    # instead of silently doubling a number.
    _TAKE_NUMBERS(pk=conversation.pk, count=len(entries))
    for offset, entry in enumerate(entries, start=1):
        entry.seq = conversation.last_seq + offset
    conversation.last_seq += len(entries)
    for entry in entries:
        _STORE(entry)
    payload = [(entry_json(entry), entry.staff_only) for entry in entries]
    transaction.on_commit(lambda: events.publish(conversation.pk, payload))
    return entries


def entry_json(entry: Entry) -> dict[str, Any]:
    """What a listener receives of an entry that it may see."""
    return {
        "seq": entry.seq,
        "kind": str(entry.kind),
        "sender": str(entry.sender),
        "name": entry.author_name,
        "text": entry.text,
        "at": entry.at.isoformat(timespec="milliseconds"),
        "data": entry.data,
    }


def replay(conversation_id: UUID, *, after: int, audience: str) -> list[dict[str, Any]]:
    """The next entries with `seq` > `after`, 500 at most; one that the audience may not see is its bare `seq`."""
    rows = _REPLAY(conversation=conversation_id, after=after)
    return [visible(entry_json(entry), staff_only=entry.staff_only, audience=audience) for entry in rows]


def visible(entry: dict[str, Any], *, staff_only: bool, audience: str) -> dict[str, Any]:
    """`entry` as `audience` ("customer" or "staff") may see it. A gap in `seq` thereby always means loss."""
    if audience == "staff" or not staff_only:
        return entry
    return {"seq": entry["seq"]}
