"""What a visit reads and changes in the database. Plain synchronous functions, each one short."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse

from channels_adapters.webchat import protocol, tokens
from csbot import conf, conversations
from csbot.messages import FileRef, Inbound
from csbot.models import Conversation, Inbox

# What a customer is told of an entry, by its kind; of any other kind its bare seq.
SHOWN: Mapping[str, frozenset[str] | None] = {
    "message": frozenset({"buttons", "sources", "attachments", "language", "expects", "choice"}),
    "transcript": frozenset({"language"}),
    "status": None,  # everything: the client words it
    "read": frozenset({"through"}),
    "rating": frozenset({"rating"}),
    "edit": None,
}


@dataclass(frozen=True, slots=True)
class Door:
    """An inbox as the socket needs it before anyone said who they are."""

    key: str
    origins: tuple[str, ...]


def door(inbox: str) -> Door | None:
    """The web chat inbox of this key, or None."""
    origins = Inbox.objects.filter(key=inbox, channel="webchat").values_list("origins", flat=True).first()
    return None if origins is None else Door(inbox, tuple(origins))


def ready(inbox: str, sender: str, *, known: UUID | None = None, after: int = 0) -> protocol.Ready:
    """The visitor's open conversation, else their last one, as a `ready` frame.

    `after` counts only for the conversation it was said of, and only when that has come so far.
    """
    conversation = _latest(inbox, sender)
    if conversation is None:
        return _ready(None, 0)
    resumes = known == conversation.pk and after <= conversation.last_seq
    return _ready(conversation, after if resumes else 0)


def ahead(inbox: str, sender: str, *, known: UUID | None, after: int) -> bool:
    """Whether the client claims entries that do not exist: its memory is of another database, or made up."""
    conversation = _latest(inbox, sender)
    return conversation is not None and known == conversation.pk and after > conversation.last_seq


def start(visit: tokens.Pass, language: str) -> None:
    """Opens a conversation for the visitor unless one is open; the bot greets. Raises `conversations.Refused`."""
    conversations.open(visit.inbox, visit.sender, language=language, vouched=visit.vouched)


def receive(visit: tokens.Pass, message: protocol.Message, language: str) -> conversations.Received:
    """Stores one message, once per `client_id`. Raises `conversations.Refused`; nothing is stored then."""
    return conversations.receive(
        Inbound(
            inbox=visit.inbox,
            sender=visit.sender,
            external_id=message.client_id,
            text=message.text,
            choice=message.choice,
            # By id alone: the core takes the facts from its own row, and only of this conversation.
            attachments=tuple(FileRef(str(each), "", "", 0) for each in message.attachments),
            language=language,
            vouched=visit.vouched,
            # Comes back with the entry, so that a client that missed the ack knows its own message again.
            metadata={"client_id": message.client_id},
        ),
        per_10_seconds=conf.MESSAGES_PER_10_SECONDS(),
    )


def ask_for_person(visit: tokens.Pass, language: str) -> UUID:
    """The button: in the open conversation, or in a new one that does not greet first. Its conversation."""
    conversation = conversations.open(visit.inbox, visit.sender, language=language, vouched=visit.vouched, greet=False)
    conversations.request_person(conversation.pk)
    return conversation.pk


def adopt(inbox: str, visitor: str, user: str) -> bool:
    """Gives the open conversation of an anonymous browser to the user who has just signed in there.

    False when there is none, when somebody else is already known in it, or when the user has an open one of their
    own. The browser's secret must be replaced after True: it has become the user's.
    """
    if Conversation.objects.filter(inbox__key=inbox, thread_key=user, status=Conversation.Status.OPEN).exists():
        return False
    try:
        with transaction.atomic():
            return bool(
                Conversation.objects.filter(
                    inbox__key=inbox, thread_key=visitor, status=Conversation.Status.OPEN, subject=""
                ).update(thread_key=user)
            )
    except IntegrityError:  # another tab opened the user's own conversation at the same moment
        return False


def shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    """`entry` as a customer may read it: internal facts left out, files with a link that opens them."""
    if "kind" not in entry:
        return dict(entry)
    if entry["kind"] not in SHOWN:
        return {"seq": entry["seq"]}
    keys = SHOWN[entry["kind"]]
    data = {key: value for key, value in entry["data"].items() if keys is None or key in keys}
    if entry["sender"] == "customer" and "client_id" in entry["data"].get("metadata", {}):
        data["client_id"] = entry["data"]["metadata"]["client_id"]
    if data.get("attachments"):
        data["attachments"] = [{**each, "url": file_url(str(each["id"]))} for each in data["attachments"]]
    return {**entry, "data": data}


def file_url(attachment: str) -> str:
    """A link, good for some hours, that opens one file without cookies."""
    return f"{reverse('csbot_file', args=[attachment])}?t={tokens.file_token(attachment)}"


def _latest(inbox: str, sender: str) -> Conversation | None:
    # "open" sorts after "closed": the open one first, else the newest.
    return (
        Conversation.objects.filter(inbox__key=inbox, thread_key=sender)
        .select_related("agent")
        .order_by("-status", "-opened_at")
        .first()
    )


def _ready(conversation: Conversation | None, after: int) -> protocol.Ready:
    agent = conversation.agent if conversation else None
    return {
        "type": "ready",
        "v": protocol.VERSION,
        "conversation": str(conversation.pk) if conversation else None,
        "status": ("open" if conversation.status == Conversation.Status.OPEN else "closed") if conversation else "none",
        "holder": "agent" if conversation and conversation.holder == Conversation.Holder.AGENT else "bot",
        "agent": conversations.name_of(agent) if agent else "",
        "language": conversation.language if conversation else "",
        "rating": conversation.rating if conversation else None,
        "after": after,
        "last_seq": conversation.last_seq if conversation else 0,
    }
