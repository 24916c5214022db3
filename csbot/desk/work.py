"""What an agent does with a conversation, each with its rights: one function per action of the staff page.

All raise `conversations.Refused`. A conversation that the agent may not see is answered as one that does not exist.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from csbot import conversations, events
from csbot.conversations import Refused
from csbot.entries import lock
from csbot.handoff import presence, queues, rights, tickets
from csbot.messages import FileRef
from csbot.models import Conversation, Handoff, Queue, Ticket

OUTCOMES = (Handoff.Outcome.RESOLVED, Handoff.Outcome.UNRESOLVED, Handoff.Outcome.SPAM)


def visible(user: AbstractBaseUser, conversation_id: UUID) -> Conversation:
    """The conversation, if the user may read it."""
    found = (
        rights.conversations_of(user)
        .select_related("brand", "inbox", "bot", "contact", "agent")
        .filter(pk=conversation_id)
        .first()
    )
    if found is None:
        raise Refused("unknown_conversation", "There is no such conversation, or it is not for you.")
    return found


def take(user: AbstractBaseUser, conversation_id: UUID) -> None:
    """Takes the conversation; of two agents one wins and the other is refused ("taken"). A closed one is opened again
    for the sake of its ticket."""
    visible(user, conversation_id)
    with transaction.atomic():
        conversation = lock(conversation_id)
        if conversation.status == Conversation.Status.CLOSED:
            ticketed = conversation.tickets.exclude(status=Ticket.Status.CLOSED).exists()
            if not ticketed:
                raise Refused("closed", "The conversation is closed.")
            if not tickets.reopen_for_answer(conversation):
                raise Refused("newer", "The customer has begun a new conversation; answer there.")
        if not conversations.take(conversation_id, user):
            raise Refused("taken", "A colleague has this conversation.")
    presence.seen(user)


def say(user: AbstractBaseUser, conversation_id: UUID, text: str, files: Sequence[str], external_id: str) -> int:
    """Says `text` to the customer; a repeat of `external_id` is the same message. Its `seq`."""
    visible(user, conversation_id)
    refs = tuple(FileRef(id=each, name="", content_type="", size=0) for each in files)
    return conversations.say(conversation_id, user, text, attachments=refs, external_id=external_id)


def note(user: AbstractBaseUser, conversation_id: UUID, text: str) -> int:
    """Leaves a note that only staff see; its `seq`."""
    visible(user, conversation_id)
    return conversations.note(conversation_id, user, text)


def hand_back(user: AbstractBaseUser, conversation_id: UUID, text: str) -> None:
    """Gives the conversation back to the bot, with a note of what was done."""
    held(user, conversation_id)
    conversations.hand_back(conversation_id, user, text)


def requeue(user: AbstractBaseUser, conversation_id: UUID, queue_id: int | None) -> None:
    """Puts the conversation back into its line, or into another queue of the brand, before everybody else."""
    brand = held(user, conversation_id).brand_id
    queue = Queue.objects.filter(pk=queue_id, brand=brand, enabled=True).first() if queue_id is not None else None
    if queue_id is not None and queue is None:
        raise Refused("unknown_queue", "This brand has no such queue.")
    with transaction.atomic():
        if queues.requeue(lock(conversation_id), queue=queue) is None:
            raise Refused("not_yours", "You do not hold this conversation any more.")


def close(user: AbstractBaseUser, conversation_id: UUID, outcome: str) -> None:
    """Closes the conversation with what came of it, one of `OUTCOMES`; an answered ticket is closed with it."""
    held(user, conversation_id)
    if outcome not in OUTCOMES:
        raise Refused("bad_outcome", f"The outcome is one of {', '.join(OUTCOMES)}.")
    with transaction.atomic():
        conversation = lock(conversation_id)
        queues.end(conversation, outcome)
        if outcome != Handoff.Outcome.UNRESOLVED:
            conversation.tickets.update(status=Ticket.Status.CLOSED)
        conversations.close(conversation_id, by="agent", agent=user)


def read(user: AbstractBaseUser, conversation_id: UUID, through: int) -> None:
    """Marks the customer's messages as read, if the conversation is the user's: looking on is no reading."""
    conversation = visible(user, conversation_id)
    if conversation.agent_id == user.pk and conversation.holder == Conversation.Holder.AGENT:
        conversations.read(conversation_id, "agent", through)


def available(user: AbstractBaseUser, on: bool) -> None:
    """Whether the user takes conversations; colleagues' lists show it."""
    presence.set_available(user, on)
    changed(user)


def changed(user: AbstractBaseUser) -> None:
    """Tells the staff pages of the user's brands to read their lists again."""
    for brand in rights.brands_of(user, rights.AGENT, rights.MANAGER).values_list("pk", flat=True):
        events.desk_changed(brand)


def held(user: AbstractBaseUser, conversation_id: UUID) -> Conversation:
    """The conversation, if the user may see it and holds it now."""
    conversation = visible(user, conversation_id)
    if conversation.holder != Conversation.Holder.AGENT or conversation.agent_id != user.pk:
        raise Refused("not_yours", "You do not hold this conversation.")
    return conversation
