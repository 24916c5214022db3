"""Messages in: each accepted once, in the open conversation of its sender or in a new one."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from csbot import conf, contacts, sealing
from csbot.entries import append
from csbot.handoff import modes
from csbot.locked import (
    Refused,
    append_heard,
    happen,
    keep_pace,
    owe_a_turn,
    own_attachments,
    storable,
    wake_after_commit,
)
from csbot.messages import Assurance, Happening, Inbound, Vouched
from csbot.models import Address, Conversation, Entry, Inbox, Receipt
from csbot.nlu.pii import never_store
from csbot.prepared import Insert, Select, parameter

# What an inbox keeps secret is read by who needs it, not decrypted at every message.
_INBOX = Select(
    lambda: (
        Inbox.objects.select_related("brand", "bot")
        .defer("credentials", "vouching_secret")
        .filter(key=parameter(Inbox, "key"))
    )
)
_OPEN_ONE = Select(
    lambda: (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("inbox", "brand", "bot")
        .defer("inbox__credentials", "inbox__vouching_secret")
        .filter(
            inbox__key=parameter(Inbox, "key", "inbox"),
            thread_key=parameter(Conversation, "thread_key"),
            status=Conversation.Status.OPEN,
        )
    )
)
_RECEIPT = Select(
    lambda: Receipt.objects.filter(
        inbox__key=parameter(Inbox, "key", "inbox"),
        sender=parameter(Receipt, "sender"),
        external_id=parameter(Receipt, "external_id"),
    )
)
_STORE_RECEIPT = Insert(Receipt)


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
    for _attempt in range(2):
        try:
            with transaction.atomic():
                conversation = _open_locked(
                    inbox, sender, address_kind=address_kind, thread=thread, language=language, form=form, greet=greet
                )
                if vouched is not None:
                    _vouch(conversation, vouched)
                if greet and conversation.turn_count == 0:
                    wake_after_commit(conversation)
            return conversation
        except IntegrityError:
            # Two sockets of one visitor opened at once: the other one's conversation is there now.
            continue
    raise Refused("busy", f"The conversation of {sender} on {inbox} could not be opened; try again.", retry_after=1.0)


def receive(inbound: Inbound, *, address_kind: str = Address.Kind.VISITOR, per_10_seconds: int = 0) -> Received:
    """Accepts a message once: a repeat of (inbox, sender, external id) is answered with the first one's `seq`.

    `per_10_seconds` limits a sender who can be told to wait; 0 is for a channel that has nobody to tell.
    Raises `Refused`: unknown_inbox, empty, too_long, no_external_id, rate, busy.
    """
    text = storable(inbound.text)
    if not inbound.external_id:
        raise Refused("no_external_id", "A message needs the channel's id, so that a repeat can be recognised.")
    if not (text.strip() or inbound.choice or inbound.attachments):
        raise Refused("empty", "The message has neither text nor a choice nor a file.")
    limit = conf.MESSAGE_CHARACTERS()
    if len(text) > limit:
        raise Refused("too_long", f"The message has {len(text)} characters; {limit} at most are accepted.")
    for _attempt in range(3):
        try:
            with transaction.atomic():
                return _accept(inbound, text, address_kind, per_10_seconds)
        except IntegrityError:
            # The message was accepted before; or the same visitor's first two came at once, and now one is there.
            first = _RECEIPT.first(inbox=inbound.inbox, sender=inbound.sender, external_id=inbound.external_id)
            if first is not None:
                return Received(first.conversation_id, first.seq, duplicate=True)
    raise Refused("busy", "The message could not be stored now; send it again.", retry_after=1.0)


def _accept(inbound: Inbound, text: str, address_kind: str, per_10_seconds: int) -> Received:
    conversation = _open_locked(
        inbound.inbox,
        inbound.sender,
        address_kind=address_kind,
        thread=inbound.thread,
        language=inbound.language,
        form="chat",
        greet=False,
    )
    # First of all, so that a repeat ends here (IntegrityError), whatever became of its conversation or its files.
    _STORE_RECEIPT(
        Receipt(
            inbox=conversation.inbox,
            sender=inbound.sender,
            external_id=inbound.external_id,
            conversation=conversation,
            seq=conversation.last_seq + 1,
        )
    )
    if per_10_seconds:
        keep_pace(conversation, per_10_seconds)
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
        data["attachments"] = own_attachments(conversation, inbound.attachments)
    if inbound.metadata:
        data["metadata"] = dict(inbound.metadata)
    entry = append(conversation, Entry.Kind.MESSAGE, Entry.Sender.CUSTOMER, text=text, data=data)
    if inbound.heard is not None:
        append_heard(conversation, inbound.heard)
    owe_a_turn(conversation, entry.seq)
    return Received(conversation.pk, entry.seq, duplicate=False)


def _inbox(key: str) -> Inbox:
    inbox = _INBOX.first(key=key)
    if inbox is None:
        raise Refused("unknown_inbox", f"There is no inbox {key!r}; inboxes are made in the admin.")
    return inbox


def _open_locked(
    key: str, sender: str, *, address_kind: str, thread: str, language: str, form: str, greet: bool
) -> Conversation:
    thread_key = f"{sender}/{thread}" if thread else sender
    # PostgreSQL re-reads a row it had to wait for, so one that was closed meanwhile is not found here.
    found = _OPEN_ONE.first(inbox=key, thread_key=thread_key)
    if found is not None:
        return found
    inbox = _inbox(key)
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
