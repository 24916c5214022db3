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


def lock(conversation_id: UUID | str) -> Conversation:
    """The conversation, its row locked until the surrounding transaction ends. Raises `Conversation.DoesNotExist`."""
    return Conversation.objects.select_for_update().get(pk=conversation_id)


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
    Conversation.objects.filter(pk=conversation.pk).update(last_seq=F("last_seq") + len(entries))
    for offset, entry in enumerate(entries, start=1):
        entry.seq = conversation.last_seq + offset
    conversation.last_seq += len(entries)
    stored = Entry.objects.bulk_create(entries)
    payload = [(entry_json(entry), entry.staff_only) for entry in stored]
    transaction.on_commit(lambda: events.publish(conversation.pk, payload))
    return stored


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


def replay(conversation_id: UUID, *, after: int, audience: str, limit: int = 500) -> list[dict[str, Any]]:
    """Entries with `seq` > `after`, in order; one that the audience may not see is its bare `seq`."""
    rows = Entry.objects.filter(conversation_id=conversation_id, seq__gt=after).order_by("seq")[:limit]
    return [visible(entry_json(entry), staff_only=entry.staff_only, audience=audience) for entry in rows]


def visible(entry: dict[str, Any], *, staff_only: bool, audience: str) -> dict[str, Any]:
    """`entry` as `audience` ("customer" or "staff") may see it. A gap in `seq` thereby always means loss."""
    if audience == "staff" or not staff_only:
        return entry
    return {"seq": entry["seq"]}
