"""What may be done to a conversation by whoever holds its lock: happenings, the fence, what the bot owes, closing.

The doors (`csbot.conversations`, `csbot.receiving`) and the turns' effects stand on these. Each expects the row
locked in the surrounding transaction; listeners and runners hear after commit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Value
from django.utils import timezone

from csbot.entries import append, lock
from csbot.handoff import queues
from csbot.messages import FileRef, Happening, Heard
from csbot.models import Attachment, Conversation, Entry, Turn
from csbot.pacing import paced
from csbot.prepared import Update, parameter
from csbot.runners import wake

_OWE = Update(
    lambda: Conversation.objects.filter(pk=parameter(Conversation, "pk")),
    pending_seq=parameter(Conversation, "pending_seq"),
    fence=parameter(Conversation, "fence"),
    paced_until=parameter(Conversation, "paced_until"),
    updated_at=parameter(Conversation, "updated_at"),
)
_TOUCH = Update(
    lambda: Conversation.objects.filter(pk=parameter(Conversation, "pk")),
    paced_until=parameter(Conversation, "paced_until"),
    updated_at=parameter(Conversation, "updated_at"),
)
_SUPERSEDE = Update(
    lambda: Turn.objects.filter(
        conversation_id=parameter(Conversation, "pk", "conversation"),
        status=Turn.Status.RUNNING,
        acted=False,
        shown=False,
    ),
    status=Value(Turn.Status.SUPERSEDED.value),
    ended_at=parameter(Turn, "ended_at"),
)


class Refused(Exception):
    """What was asked cannot be done. `code` is stable, the message is for a log; nothing has changed."""

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


@contextmanager
def locked(conversation_id: UUID) -> Iterator[Conversation]:
    with transaction.atomic():
        try:
            conversation = lock(conversation_id)
        except Conversation.DoesNotExist:
            raise Refused("unknown_conversation", f"There is no conversation {conversation_id}.") from None
        yield conversation


def must_be_open(conversation: Conversation) -> None:
    if conversation.status != Conversation.Status.OPEN:
        raise Refused("closed", "The conversation is closed.")


def happen(conversation: Conversation, what: Happening, detail: Mapping[str, Any] | None = None) -> Entry:
    """Appends a happening to a locked conversation; the bot owes a turn for it, if it holds the conversation."""
    entry = append(
        conversation,
        Entry.Kind.HAPPENING,
        Entry.Sender.SYSTEM,
        data={"happening": str(what), "detail": dict(detail or {})},
        staff_only=True,
    )
    owe_a_turn(conversation, entry.seq)
    return entry


def keep_pace(conversation: Conversation, limit: int) -> None:
    """Notes one more message, to be stored with what it owes. Raises `Refused("rate")`."""
    wait, conversation.paced_until = paced(conversation.paced_until, timezone.now(), limit=limit, seconds=10.0)
    if wait:
        raise Refused("rate", "Too many messages at once.", retry_after=wait)


def owe_a_turn(conversation: Conversation, seq: int) -> None:
    """Marks `seq` as unanswered. A running turn that has neither acted nor shown anything is superseded by it."""
    if conversation.holder != Conversation.Holder.BOT or conversation.status != Conversation.Status.OPEN:
        _TOUCH(pk=conversation.pk, paced_until=conversation.paced_until, updated_at=timezone.now())
        return
    now = timezone.now()
    if conversation.pending_seq > conversation.turned_seq:  # only then can a turn be running
        conversation.fence += bool(_SUPERSEDE(conversation=conversation.pk, ended_at=now))
    conversation.pending_seq = seq
    _OWE(
        pk=conversation.pk,
        pending_seq=seq,
        fence=conversation.fence,
        paced_until=conversation.paced_until,
        updated_at=now,
    )
    wake_after_commit(conversation)


def wake_after_commit(conversation: Conversation) -> None:
    transaction.on_commit(lambda: wake(conversation.pk))


def raise_fence(conversation: Conversation) -> None:
    conversation.fence += 1
    Turn.objects.filter(conversation=conversation, status=Turn.Status.RUNNING).update(
        status=Turn.Status.SUPERSEDED, ended_at=timezone.now()
    )


def close_locked(
    conversation: Conversation, *, by: str, agent: AbstractBaseUser | None = None, outcome: str = ""
) -> None:
    """`close` for a caller that already holds the lock."""
    if conversation.status == Conversation.Status.CLOSED:
        return
    raise_fence(conversation)
    conversation.status = Conversation.Status.CLOSED
    conversation.closed_at = timezone.now()
    conversation.turned_seq = conversation.pending_seq
    conversation.outcome = outcome or _outcome(conversation)
    conversation.save()
    conversation.timers.all().delete()
    queues.end(conversation)
    status(conversation, "closed", agent=agent, by=by)


def status(conversation: Conversation, status: str, *, agent: AbstractBaseUser | None = None, by: str = "") -> None:
    data: dict[str, Any] = {"status": status}
    if agent is not None:
        data["agent"] = name_of(agent)
    if by:
        data["by"] = by
    append(conversation, Entry.Kind.STATUS, Entry.Sender.SYSTEM, data=data, author=agent)


def _outcome(conversation: Conversation) -> str:
    if conversation.tickets.exists():
        return Conversation.Outcome.TICKET
    if conversation.handoffs.filter(taken_at__isnull=False).exists():
        return Conversation.Outcome.HANDED_OFF
    if conversation.handoffs.exists():
        return Conversation.Outcome.ABANDONED
    said = conversation.entries.filter(kind=Entry.Kind.MESSAGE, sender=Entry.Sender.CUSTOMER).exists()
    return Conversation.Outcome.CONTAINED if said else Conversation.Outcome.ABANDONED


def append_heard(conversation: Conversation, what: Heard) -> None:
    append(
        conversation,
        Entry.Kind.HEARD,
        Entry.Sender.CUSTOMER,
        text=storable(what.text),
        data={"seq": what.seq, "complete": what.complete},
    )


def own_attachments(conversation: Conversation, refs: tuple[FileRef, ...]) -> list[dict[str, Any]]:
    """The stored facts of `refs`. Raises `Refused` for a file of another conversation: a reference is not a right."""
    rows = {
        str(row.pk): row
        for row in Attachment.objects.filter(conversation=conversation, pk__in=[ref.id for ref in refs])
    }
    missing = [ref.id for ref in refs if ref.id not in rows]
    if missing:
        raise Refused("unknown_attachment", f"No such file in this conversation: {', '.join(missing)}.")
    return [
        {"id": ref.id, "name": rows[ref.id].name, "content_type": rows[ref.id].content_type, "size": rows[ref.id].size}
        for ref in refs
    ]


def storable(text: str) -> str:
    """`text` without what a database cannot hold: NUL characters and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def name_of(user: AbstractBaseUser) -> str:
    """How a member of staff is shown to customers: the first name, else the user name."""
    return str(getattr(user, "first_name", "") or user.get_username())
