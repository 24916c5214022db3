"""The door for adapters, the desk and the API: everything that happens to a conversation from outside.

Every function is one transaction that first locks the conversation; listeners hear after commit. Taking, handing
back and closing raise the fence, so that a turn that was running then can no longer commit: a bot's late word
never follows a person's.
"""

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser

from csbot import conf
from csbot.entries import append
from csbot.handoff import queues, tickets
from csbot.locked import (
    Refused,
    append_heard,
    close_locked,
    happen,
    locked,
    must_be_open,
    name_of,
    owe_a_turn,
    own_attachments,
    raise_fence,
    status,
    storable,
)
from csbot.messages import PERSON, FileRef, Happening, Heard
from csbot.models import Conversation, Entry, Receipt
from csbot.nlu.pii import never_store
from csbot.receiving import Received, open, receive  # noqa: A004 - the door's word, used with its module's name

__all__ = [
    "PERSON",
    "Received",
    "Refused",
    "close",
    "hand_back",
    "happen",
    "heard",
    "name_of",
    "note",
    "open",
    "rate",
    "read",
    "receive",
    "request_person",
    "say",
    "take",
]


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
    text = storable(text)
    if not (text.strip() or attachments):
        raise Refused("empty", "The message has neither text nor a file.")
    if len(text) > conf.MESSAGE_CHARACTERS():
        raise Refused("too_long", f"The message has {len(text)} characters; {conf.MESSAGE_CHARACTERS()} at most.")
    with locked(conversation_id) as conversation:
        must_be_open(conversation)
        if conversation.holder != Conversation.Holder.AGENT or conversation.agent_id != agent.pk:
            raise Refused("not_yours", "Take the conversation before writing in it.")
        sender = f"agent:{agent.pk}"
        if external_id:
            first = Receipt.objects.filter(inbox=conversation.inbox, sender=sender, external_id=external_id).first()
            if first is not None:
                return first.seq
        data = {"attachments": own_attachments(conversation, attachments)} if attachments else {}
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
    text = storable(text)
    if not text.strip():
        raise Refused("empty", "The note is empty.")
    with locked(conversation_id) as conversation:
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
    with locked(conversation_id) as conversation:
        must_be_open(conversation)
        if conversation.holder == Conversation.Holder.AGENT:
            return bool(conversation.agent_id == agent.pk)
        raise_fence(conversation)
        conversation.holder = Conversation.Holder.AGENT
        conversation.agent_id = agent.pk
        # What the customer wrote meanwhile is for the person to answer.
        conversation.turned_seq = conversation.pending_seq
        conversation.save()
        queues.take(conversation, agent)
        status(conversation, "taken", agent=agent)
        return True


def hand_back(conversation_id: UUID, agent: AbstractBaseUser, note_text: str = "") -> None:
    """Gives the conversation back to the bot, which says so; `note_text` tells it, and later agents, what was done."""
    with locked(conversation_id) as conversation:
        must_be_open(conversation)
        if conversation.holder != Conversation.Holder.AGENT:
            return
        if conversation.agent_id != agent.pk:
            raise Refused("not_yours", "Another agent holds this conversation.")
        if note_text.strip():
            append(
                conversation,
                Entry.Kind.NOTE,
                Entry.Sender.AGENT,
                text=storable(note_text),
                author=agent,
                author_name=name_of(agent),
                staff_only=True,
            )
        raise_fence(conversation)
        conversation.holder = Conversation.Holder.BOT
        conversation.agent = None
        # What the customer told the person was the person's to answer: no later turn reads it as said to the bot.
        conversation.turned_seq = conversation.pending_seq = conversation.last_seq
        conversation.save()
        queues.hand_back(conversation, agent)
        status(conversation, "handed_back", agent=agent)
        happen(conversation, Happening.HANDED_BACK, {"agent": name_of(agent), "note": note_text})


def close(
    conversation_id: UUID, *, by: str = "system", agent: AbstractBaseUser | None = None, outcome: str = ""
) -> None:
    """Ends the conversation; nothing more is said in it. Closing twice changes nothing."""
    with locked(conversation_id) as conversation:
        close_locked(conversation, by=by, agent=agent, outcome=outcome)


def rate(conversation_id: UUID, rating: int, comment: str = "") -> None:
    """The customer's satisfaction, 1 to 5; also after closing. The last one counts. Raises `Refused("bad_rating")`."""
    if not 1 <= rating <= 5:
        raise Refused("bad_rating", f"A rating is from 1 to 5, not {rating}.")
    comment = never_store(storable(comment)).text[: conf.MESSAGE_CHARACTERS()]
    with locked(conversation_id) as conversation:
        conversation.rating = rating
        conversation.rating_comment = comment
        conversation.save(update_fields=["rating", "rating_comment", "updated_at"])
        append(conversation, Entry.Kind.RATING, Entry.Sender.CUSTOMER, text=comment, data={"rating": rating})


def read(conversation_id: UUID, by: str, through: int) -> None:
    """Marks the entries up to `through` as read by "customer" or "agent". Only ever moves forward."""
    with locked(conversation_id) as conversation:
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
    with locked(conversation_id) as conversation:
        append_heard(conversation, what)


def request_person(conversation_id: UUID, *, external_id: str = "") -> int:
    """The button "talk to a person": the same as saying it. Its `seq`."""
    with locked(conversation_id) as conversation:
        must_be_open(conversation)
        entry = append(conversation, Entry.Kind.MESSAGE, Entry.Sender.CUSTOMER, data={"choice": PERSON})
        owe_a_turn(conversation, entry.seq)
        return entry.seq
