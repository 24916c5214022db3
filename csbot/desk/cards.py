"""What stands beside an open conversation: who the customer is, and what the bot knows and tried."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import OuterRef, Subquery

from csbot.conversations import name_of
from csbot.handoff import rights, tickets
from csbot.handoff.summary import summarise
from csbot.models import Conversation, Entry, Ticket

EARLIER = 8


def card(user: AbstractBaseUser, conversation: Conversation, language: str) -> dict[str, Any]:
    """The state, the customer card and the bot's summary of one conversation that `user` may see, as JSON."""
    answers = tickets.open_ticket_of(conversation)
    ticket = conversation.tickets.order_by("-created_at").first()
    handoff = conversation.handoffs.filter(ended_at=None).select_related("queue").first()
    return {
        "conversation": str(conversation.pk),
        "status": conversation.status,
        "holder": conversation.holder,
        "mine": conversation.holder == "agent" and conversation.agent_id == user.pk,
        "agent": name_of(conversation.agent) if conversation.agent else "",
        "waiting": handoff is not None and handoff.taken_at is None,
        "queue": {"id": handoff.queue_id, "name": handoff.queue.name(language)} if handoff else None,
        "brand": {"id": conversation.brand_id, "name": conversation.brand.name},
        "inbox": conversation.inbox.name,
        "language": conversation.language,
        "topic": conversation.topic,
        "sentiment": round(conversation.sentiment, 2),
        "opened_at": conversation.opened_at.isoformat(),
        "rating": conversation.rating,
        "last_seq": conversation.last_seq,
        "ticket": {"email": ticket.email, "status": ticket.status, "by_mail": answers is not None} if ticket else None,
        "customer": _customer(user, conversation),
        "summary": summarise(conversation, language),
        "bot": conversation.bot.name,
    }


def _customer(user: AbstractBaseUser, conversation: Conversation) -> dict[str, Any]:
    contact = conversation.contact
    asked = Entry.objects.filter(conversation=OuterRef("pk"), kind=Entry.Kind.MESSAGE, sender="customer").exclude(
        text=""
    )
    earlier = (
        Conversation.objects.filter(contact=contact)
        .exclude(pk=conversation.pk)
        .select_related("inbox")
        .annotate(asked=Subquery(asked.order_by("seq").values("text")[:1]))
        .order_by("-opened_at")
    )
    readable = set(rights.conversations_of(user).filter(contact=contact).values_list("pk", flat=True))
    return {
        "id": contact.pk,
        "name": contact.name,
        "notes": contact.notes,
        "assurance": conversation.assurance,
        "subject": conversation.subject,
        "addresses": [
            {"kind": str(row.get_kind_display()), "value": row.value, "verified": row.verified_at is not None}
            for row in contact.addresses.exclude(kind__in=["visitor", "user"]).order_by("kind", "value")[:10]
        ],
        "earlier_total": earlier.count(),
        "earlier": [
            {
                "conversation": str(row.pk) if row.pk in readable else "",
                "at": row.opened_at.isoformat(),
                "inbox": row.inbox.name,
                "outcome": str(row.get_outcome_display()) if row.outcome else str(row.get_status_display()),
                "rating": row.rating,
                # What somebody said elsewhere is shown only to whoever may read it there.
                "asked": (row.asked or "")[:120] if row.pk in readable else "",
            }
            for row in earlier[:EARLIER]
        ],
    }


def open_tickets(conversation: Conversation) -> bool:
    """Whether somebody still waits for an answer by e-mail."""
    return conversation.tickets.filter(status=Ticket.Status.OPEN).exists()
