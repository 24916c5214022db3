"""The door for adapters, the desk and the API: everything that happens to a conversation from outside.

Every function is one transaction that first locks the conversation; listeners hear after commit. Taking, handing
back and closing raise the fence, so that a turn that was running then can no longer commit: a bot's late word
never follows a person's.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from csbot import conf, contacts, sealing
from csbot.entries import append, lock
from csbot.handoff import modes, queues, tickets
from csbot.messages import Assurance, FileRef, Happening, Heard, Inbound, Vouched
from csbot.models import Address, Attachment, Conversation, Entry, Inbox, Receipt, Turn
from csbot.nlu.pii import never_store
from csbot.prepared import Insert, Select, Update, parameter
from csbot.runners import wake

PERSON = "person"  # the choice that the "talk to a person" button sends

_INBOX = Select(lambda: Inbox.objects.select_related("brand", "bot").filter(key=parameter(Inbox, "key")))
_OPEN_ONE = Select(
    lambda: Conversation.objects.select_for_update().filter(
        inbox_id=parameter(Inbox, "pk", "inbox"),
        thread_key=parameter(Conversation, "thread_key"),
        status=Conversation.Status.OPEN,
    )
)
_RECEIPT = Select(
    lambda: Receipt.objects.filter(
        inbox_id=parameter(Inbox, "pk", "inbox"),
        sender=parameter(Receipt, "sender"),
        external_id=parameter(Receipt, "external_id"),
    )
)
_STORE_RECEIPT = Insert(Receipt)
_OWE = Update(
    lambda: Conversation.objects.filter(pk=parameter(Conversation, "pk")),
    pending_seq=parameter(Conversation, "pending_seq"),
    fence=parameter(Conversation, "fence"),
    updated_at=parameter(Conversation, "updated_at"),
)


class Refused(Exception):
    """What was asked cannot be done. `code` is stable, the message is for a log; nothing has changed."""

    def __init__(self, code: str, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message: its conversation, its `seq`, and whether it had been accepted before."""

    conversation: UUID
    seq: int
    duplicate: bool


def open(  # noqa: A001 - the door's word, and only ever used with its module's name
    inbox: str,
    sender: str,
    *,
    address_kind: str = Address.Kind.VISITOR,
    thread: str = "",
    language: str = "",
    vouched: Vouched | None = None,
    form: str = "chat",
    greet: bool = True,
) -> Conversation:
    """The open conversation of this sender on this inbox, or a new one, which greets unless told otherwise.

    Raises `Refused("unknown_inbox")`.
    """
    row = _inbox(inbox)
    for _attempt in range(2):
        try:
            with transaction.atomic():
                conversation = _open_locked(
                    row, sender, address_kind=address_kind, thread=thread, language=language, form=form, greet=greet
                )
                if vouched is not None:
                    _vouch(conversation, vouched)
                if greet and conversation.turn_count == 0:
                    _wake_after_commit(conversation)
            return conversation
        except IntegrityError:
            # Two sockets of one visitor opened at once: the other one's conversation is there now.
            continue
    raise Refused("busy", f"The conversation of {sender} on {inbox} could not be opened; try again.", retry_after=1.0)


def receive(inbound: Inbound, *, address_kind: str = Address.Kind.VISITOR) -> Received:
    """Accepts a message once: a repeat of (inbox, sender, external id) is answered with the first one's `seq`.

    Raises `Refused`: unknown_inbox, empty, too_long, no_external_id, busy.
    """
    text = _storable(inbound.text)
    if not inbound.external_id:
        raise Refused("no_external_id", "A message needs the channel's id, so that a repeat can be recognised.")
    if not (text.strip() or inbound.choice or inbound.attachments):
        raise Refused("empty", "The message has neither text nor a choice nor a file.")
    limit = conf.MESSAGE_CHARACTERS()
    if len(text) > limit:
        raise Refused("too_long", f"The message has {len(text)} characters; {limit} at most are accepted.")
    inbox = _inbox(inbound.inbox)
    for _attempt in range(3):
        first = _receipt(inbox, inbound)
        if first is not None:
            return first
        try:
            with transaction.atomic():
                return _accept(inbox, inbound, text, address_kind)
        except IntegrityError:
            # The same message, or the same visitor's first, came twice at once: the next look finds the winner.
            continue
    raise Refused("busy", "The message could not be stored now; send it again.", retry_after=1.0)


def _receipt(inbox: Inbox, inbound: Inbound) -> Received | None:
    row = _RECEIPT.first(inbox=inbox.pk, sender=inbound.sender, external_id=inbound.external_id)
    return Received(row.conversation_id, row.seq, duplicate=True) if row else None


def _accept(inbox: Inbox, inbound: Inbound, text: str, address_kind: str) -> Received:
    conversation = _open_locked(
        inbox,
        inbound.sender,
        address_kind=address_kind,
        thread=inbound.thread,
        language=inbound.language,
        form="chat",
        greet=False,
    )
    if inbound.vouched is not None:
        _vouch(conversation, inbound.vouched)
    data: dict[str, Any] = {}
    if conversation.secret_expected and text.strip() and not inbound.choice:
        data["sealed"] = sealing.seal(conversation, text.strip())
        text = sealing.MASK
    else:
        masked = never_store(text)
        text = masked.text
        if masked.kinds:
            data["masked"] = list(masked.kinds)
    if inbound.choice:
        data["choice"] = inbound.choice
    if inbound.language:
        data["language"] = inbound.language
    if inbound.attachments:
        data["attachments"] = _own_attachments(conversation, inbound.attachments)
    if inbound.metadata:
        data["metadata"] = dict(inbound.metadata)
    entry = append(
        conversation,
        Entry.Kind.MESSAGE,
        Entry.Sender.CUSTOMER,
        text=text,
        data=data,
    )
    _STORE_RECEIPT(
        Receipt(
            inbox=inbox,
            sender=inbound.sender,
            external_id=inbound.external_id,
            conversation=conversation,
            seq=entry.seq,
        )
    )
    if inbound.heard is not None:
        _append_heard(conversation, inbound.heard)
    _owe_a_turn(conversation, entry.seq)
    return Received(conversation.pk, entry.seq, duplicate=False)


def say(
    conversation_id: UUID,
    agent: AbstractBaseUser,
    text: str,
    *,
    attachments: tuple[FileRef, ...] = (),
    external_id: str = "",
) -> int:
    """An agent's message; its `seq`. A repeat of `external_id` is not said twice.

    Raises `Refused("not_yours")` unless this agent holds the conversation; closed, empty, too_long.
    """
    text = _storable(text)
    if not (text.strip() or attachments):
        raise Refused("empty", "The message has neither text nor a file.")
    if len(text) > conf.MESSAGE_CHARACTERS():
        raise Refused("too_long", f"The message has {len(text)} characters; {conf.MESSAGE_CHARACTERS()} at most.")
    with _locked(conversation_id) as conversation:
        _must_be_open(conversation)
        if conversation.holder != Conversation.Holder.AGENT or conversation.agent_id != agent.pk:
            raise Refused("not_yours", "Take the conversation before writing in it.")
        sender = f"agent:{agent.pk}"
        if external_id:
            first = Receipt.objects.filter(inbox=conversation.inbox, sender=sender, external_id=external_id).first()
            if first is not None:
                return first.seq
        data = {"attachments": _own_attachments(conversation, attachments)} if attachments else {}
        entry = append(
            conversation,
            Entry.Kind.MESSAGE,
            Entry.Sender.AGENT,
            text=text,
            data=data,
            author=agent,
            author_name=name_of(agent),
        )
        if external_id:
            Receipt.objects.create(
                inbox=conversation.inbox,
                sender=sender,
                external_id=external_id,
                conversation=conversation,
                seq=entry.seq,
            )
        tickets.answer_by_email(conversation, text, agent)
        conversation.save(update_fields=["updated_at"])
        return entry.seq


def note(conversation_id: UUID, agent: AbstractBaseUser, text: str) -> int:
    """A note that only staff see; its `seq`."""
    text = _storable(text)
    if not text.strip():
        raise Refused("empty", "The note is empty.")
    with _locked(conversation_id) as conversation:
        return append(
            conversation,
            Entry.Kind.NOTE,
            Entry.Sender.AGENT,
            text=text,
            author=agent,
            author_name=name_of(agent),
            staff_only=True,
        ).seq


def take(conversation_id: UUID, agent: AbstractBaseUser) -> bool:
    """Gives the conversation to `agent`; from now on the bot is silent. False when another agent has it."""
    with _locked(conversation_id) as conversation:
        _must_be_open(conversation)
        if conversation.holder == Conversation.Holder.AGENT:
            return bool(conversation.agent_id == agent.pk)
        _raise_fence(conversation)
        conversation.holder = Conversation.Holder.AGENT
        conversation.agent_id = agent.pk
        # What the customer wrote meanwhile is for the person to answer.
        conversation.turned_seq = conversation.pending_seq
        conversation.save()
        queues.take(conversation, agent)
        _status(conversation, "taken", agent=agent)
        return True


def hand_back(conversation_id: UUID, agent: AbstractBaseUser, note_text: str = "") -> None:
    """Gives the conversation back to the bot, which says so; `note_text` tells it, and later agents, what was done."""
    with _locked(conversation_id) as conversation:
        _must_be_open(conversation)
        if conversation.holder != Conversation.Holder.AGENT:
            return
        if conversation.agent_id != agent.pk:
            raise Refused("not_yours", "Another agent holds this conversation.")
        if note_text.strip():
            append(
                conversation,
                Entry.Kind.NOTE,
                Entry.Sender.AGENT,
                text=_storable(note_text),
                author=agent,
                author_name=name_of(agent),
                staff_only=True,
            )
        _raise_fence(conversation)
        conversation.holder = Conversation.Holder.BOT
        conversation.agent = None
        # What the customer told the person was the person's to answer: no later turn reads it as said to the bot.
        conversation.turned_seq = conversation.pending_seq = conversation.last_seq
        conversation.save()
        queues.hand_back(conversation, agent)
        _status(conversation, "handed_back", agent=agent)
        happen(conversation, Happening.HANDED_BACK, {"agent": name_of(agent), "note": note_text})


def close(
    conversation_id: UUID, *, by: str = "system", agent: AbstractBaseUser | None = None, outcome: str = ""
) -> None:
    """Ends the conversation; nothing more is said in it. Closing twice changes nothing."""
    with _locked(conversation_id) as conversation:
        close_locked(conversation, by=by, agent=agent, outcome=outcome)


def close_locked(
    conversation: Conversation, *, by: str, agent: AbstractBaseUser | None = None, outcome: str = ""
) -> None:
    """`close` for a caller that already holds the lock."""
    if conversation.status == Conversation.Status.CLOSED:
        return
    _raise_fence(conversation)
    conversation.status = Conversation.Status.CLOSED
    conversation.closed_at = timezone.now()
    conversation.turned_seq = conversation.pending_seq
    conversation.outcome = outcome or _outcome(conversation)
    conversation.save()
    conversation.timers.all().delete()
    queues.end(conversation)
    _status(conversation, "closed", agent=agent, by=by)


def rate(conversation_id: UUID, rating: int, comment: str = "") -> None:
    """The customer's satisfaction, 1 to 5; also after closing. The last one counts. Raises `Refused("bad_rating")`."""
    if not 1 <= rating <= 5:
        raise Refused("bad_rating", f"A rating is from 1 to 5, not {rating}.")
    comment = never_store(_storable(comment)).text[: conf.MESSAGE_CHARACTERS()]
    with _locked(conversation_id) as conversation:
        conversation.rating = rating
        conversation.rating_comment = comment
        conversation.save(update_fields=["rating", "rating_comment", "updated_at"])
        append(conversation, Entry.Kind.RATING, Entry.Sender.CUSTOMER, text=comment, data={"rating": rating})


def read(conversation_id: UUID, by: str, through: int) -> None:
    """Marks the entries up to `through` as read by "customer" or "agent". Only ever moves forward."""
    with _locked(conversation_id) as conversation:
        through = min(through, conversation.last_seq)
        newest = (
            conversation.entries.filter(kind=Entry.Kind.READ, sender=by)
            .order_by("-seq")
            .values_list("data", flat=True)
            .first()
        )
        if newest is not None and newest.get("through", 0) >= through:
            return
        append(conversation, Entry.Kind.READ, by, data={"through": through})


def heard(conversation_id: UUID, what: Heard) -> None:
    """Records what the customer actually heard or saw of a bot's message."""
    with _locked(conversation_id) as conversation:
        _append_heard(conversation, what)


def request_person(conversation_id: UUID, *, external_id: str = "") -> int:
    """The button "talk to a person": the same as saying it. Its `seq`."""
    with _locked(conversation_id) as conversation:
        _must_be_open(conversation)
        entry = append(conversation, Entry.Kind.MESSAGE, Entry.Sender.CUSTOMER, data={"choice": PERSON})
        _owe_a_turn(conversation, entry.seq)
        return entry.seq


def happen(conversation: Conversation, what: Happening, detail: Mapping[str, Any] | None = None) -> Entry:
    """Appends a happening to a locked conversation; the bot owes a turn for it, if it holds the conversation."""
    entry = append(
        conversation,
        Entry.Kind.HAPPENING,
        Entry.Sender.SYSTEM,
        data={"happening": str(what), "detail": dict(detail or {})},
        staff_only=True,
    )
    _owe_a_turn(conversation, entry.seq)
    return entry


def name_of(user: AbstractBaseUser) -> str:
    """How a member of staff is shown to customers: the first name, else the user name."""
    return str(getattr(user, "first_name", "") or user.get_username())


@contextmanager
def _locked(conversation_id: UUID) -> Iterator[Conversation]:
    with transaction.atomic():
        try:
            conversation = lock(conversation_id)
        except Conversation.DoesNotExist:
            raise Refused("unknown_conversation", f"There is no conversation {conversation_id}.") from None
        yield conversation


def _inbox(key: str) -> Inbox:
    inbox = _INBOX.first(key=key)
    if inbox is None:
        raise Refused("unknown_inbox", f"There is no inbox {key!r}; inboxes are made in the admin.")
    return inbox


def _open_locked(
    inbox: Inbox, sender: str, *, address_kind: str, thread: str, language: str, form: str, greet: bool
) -> Conversation:
    thread_key = f"{sender}/{thread}" if thread else sender
    # PostgreSQL re-reads a row it had to wait for, so one that was closed meanwhile is not found here.
    for conversation in _OPEN_ONE(inbox=inbox.pk, thread_key=thread_key):
        conversation.inbox, conversation.brand, conversation.bot = inbox, inbox.brand, inbox.bot
        return conversation
    languages = inbox.bot.languages or ["en"]
    contact = contacts.identify(inbox.brand, address_kind, sender, language=language)
    conversation = Conversation.objects.create(
        brand=inbox.brand,
        inbox=inbox,
        bot=inbox.bot,
        contact=contact,
        thread_key=thread_key,
        language=language if language in languages else languages[0],
        form=form,
    )
    people = modes.entry_mode(inbox, secrets.randbelow(100)) == "people"
    if greet or people:
        happen(conversation, Happening.OPENED, {"people": people})
    return conversation


def _vouch(conversation: Conversation, who: Vouched) -> None:
    if conversation.subject == who.subject and conversation.assurance == Assurance.VERIFIED:
        return
    conversation.contact = contacts.vouch(conversation.contact, who)
    conversation.assurance = Assurance.VERIFIED
    conversation.subject = who.subject
    conversation.save(update_fields=["contact", "assurance", "subject", "updated_at"])


def _owe_a_turn(conversation: Conversation, seq: int) -> None:
    """Marks `seq` as unanswered. A running turn that has neither acted nor shown anything is superseded by it."""
    if conversation.holder != Conversation.Holder.BOT or conversation.status != Conversation.Status.OPEN:
        conversation.save(update_fields=["updated_at"])
        return
    if conversation.pending_seq > conversation.turned_seq:  # only then can a turn be running
        superseded = Turn.objects.filter(
            conversation=conversation, status=Turn.Status.RUNNING, acted=False, shown=False
        ).update(status=Turn.Status.SUPERSEDED, ended_at=timezone.now())
        conversation.fence += bool(superseded)
    conversation.pending_seq = seq
    _OWE(pk=conversation.pk, pending_seq=seq, fence=conversation.fence, updated_at=timezone.now())
    _wake_after_commit(conversation)


def _wake_after_commit(conversation: Conversation) -> None:
    transaction.on_commit(lambda: wake(conversation.pk))


def _raise_fence(conversation: Conversation) -> None:
    conversation.fence += 1
    Turn.objects.filter(conversation=conversation, status=Turn.Status.RUNNING).update(
        status=Turn.Status.SUPERSEDED, ended_at=timezone.now()
    )


def _append_heard(conversation: Conversation, what: Heard) -> None:
    append(
        conversation,
        Entry.Kind.HEARD,
        Entry.Sender.CUSTOMER,
        text=_storable(what.text),
        data={"seq": what.seq, "complete": what.complete},
    )


def _status(conversation: Conversation, status: str, *, agent: AbstractBaseUser | None = None, by: str = "") -> None:
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


def _own_attachments(conversation: Conversation, refs: tuple[FileRef, ...]) -> list[dict[str, Any]]:
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


def _must_be_open(conversation: Conversation) -> None:
    if conversation.status != Conversation.Status.OPEN:
        raise Refused("closed", "The conversation is closed.")


def _storable(text: str) -> str:
    """`text` without what a database cannot hold: NUL characters and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
