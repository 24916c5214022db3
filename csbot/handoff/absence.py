"""An agent who is gone for 30 seconds: the customer is told, and returns to the head of the line."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from csbot.entries import lock, say_as_bot
from csbot.handoff import queues
from csbot.handoff.presence import PRESENT
from csbot.messages import Outbound
from csbot.models import AgentPresence, Conversation, Handoff
from csbot.wordings import wording


def sweep_gone_agents(now: datetime | None = None) -> int:
    """Requeues the open conversations whose agent's staff page was last seen over 30 seconds ago; how many.

    One with a ticket has nobody waiting in the chat: it goes back to the list of tickets instead.
    """
    now = now or timezone.now()
    return sum(_requeue(conversation, now) for conversation in _left_alone(now))


def _left_alone(now: datetime) -> list[UUID]:
    here = AgentPresence.objects.filter(seen_at__gte=now - PRESENT).values("user_id")
    held = Conversation.objects.filter(
        Q(agent=None) | ~Q(agent__in=here), status=Conversation.Status.OPEN, holder=Conversation.Holder.AGENT
    )
    # Whoever has just been given a conversation gets as long to appear as whoever has just left one.
    recent = Handoff.objects.filter(ended_at=None, taken_at__gte=now - PRESENT).values("conversation_id")
    return list(held.exclude(pk__in=recent).values_list("pk", flat=True)[:100])


def _requeue(conversation_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        conversation = lock(conversation_id)
        # The agent may be back, or have closed it, since the list was read.
        if conversation_id not in _left_alone(now):
            return False
        if conversation.tickets.exclude(status="closed").exists():
            queues.end(conversation, Handoff.Outcome.TICKET, now)
            queues.release(conversation)
            return True
        if queues.requeue(conversation, Handoff.Reason.AGENT_GONE, now=now) is None:
            queues.release(conversation)  # held without a handoff: nothing to return to but the bot
            return True
        words = {
            form: wording(
                "agent_gone",
                brand=conversation.brand,
                inbox=conversation.inbox.key,
                language=conversation.language,
                form=form,
            )
            for form in ("chat", "spoken")
        }
        say_as_bot(
            conversation,
            [Outbound(words["chat"], spoken=words["spoken"], language=conversation.language)],
            conversation.bot.name,
        )
        return True
