"""Tickets: a request answered by e-mail, because nobody could take the conversation in time."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.template import TemplateDoesNotExist
from django.template.loader import select_template
from django.utils import timezone, translation

from csbot import conf, deliveries, events
from csbot.addresses import address
from csbot.dialogue.turn import TicketRequest
from csbot.entries import append
from csbot.handoff import links, queues
from csbot.handoff.choice import queue_for
from csbot.handoff.summary import last_lines, title_of_intent
from csbot.locked import name_of
from csbot.models import Conversation, Entry, Handoff, Queue, Ticket


def open_ticket(conversation: Conversation, request: TicketRequest) -> Ticket:
    """Turns a locked conversation's wait into a ticket: it leaves its line, the customer and the queue's mailbox are
    written to, and staff pages list it. The address that is known already gets no second ticket while one is open."""
    email = request.email.strip()
    waiting = queues.open_handoff(conversation)
    queue = (
        waiting.queue
        if waiting is not None
        else queue_for(
            conversation.brand, conversation.inbox, request.topic or conversation.topic, conversation.language
        )
    )
    if waiting is not None and waiting.taken_at is None:
        queues.end(conversation, Handoff.Outcome.TICKET)
    known = conversation.tickets.filter(status=Ticket.Status.OPEN, email__iexact=email).first()
    if known is not None:
        return known
    ticket = Ticket.objects.create(conversation=conversation, queue=queue, email=email)
    append(
        conversation,
        Entry.Kind.STATUS,
        Entry.Sender.SYSTEM,
        data={"status": "ticket", "queue": queue.names or {"en": queue.key}, "email": email},
    )
    _mail_customer(ticket)
    if queue.ticket_email:
        _mail_queue(ticket, waiting, request.summary)
    transaction.on_commit(lambda: events.desk_changed(conversation.brand_id))
    return ticket


def open_ticket_of(conversation: Conversation) -> Ticket | None:
    """The ticket that an agent's next message also answers by e-mail.

    After the first answer, e-mails go on until the customer has written in the chat again.
    """
    ticket = conversation.tickets.exclude(status=Ticket.Status.CLOSED).order_by("-created_at").first()
    if ticket is None or ticket.answered_at is None:
        return ticket
    back = conversation.entries.filter(
        kind=Entry.Kind.MESSAGE, sender=Entry.Sender.CUSTOMER, at__gt=ticket.answered_at
    ).exists()
    return None if back else ticket


def answer_by_email(conversation: Conversation, text: str, agent: AbstractBaseUser) -> Ticket | None:
    """Sends what an agent has just said also by e-mail, when the conversation has a ticket; inside the transaction
    that stores the message. The ticket, or None when the customer is in the chat."""
    ticket = open_ticket_of(conversation)
    if ticket is None or not text.strip():
        return None
    subject, body = render(
        "ticket_answer",
        conversation.language,
        {
            "brand": conversation.brand.name,
            "name": conversation.contact.name,
            "agent": name_of(agent),
            "answer": text,
            "link": links.url(conversation, ticket.email),
            "days": links.LIFETIME.days,
        },
    )
    deliveries.queue_email(conversation, ticket.email, subject, body)
    ticket.status = Ticket.Status.ANSWERED
    ticket.answered_at = timezone.now()
    ticket.save(update_fields=["status", "answered_at"])
    transaction.on_commit(lambda: events.desk_changed(conversation.brand_id))
    return ticket


def reopen_for_answer(conversation: Conversation) -> bool:
    """Opens a closed, locked conversation again so that its ticket can be answered in it; False when the customer has
    begun another one meanwhile."""
    if conversation.status == Conversation.Status.OPEN:
        return True
    newer = Conversation.objects.filter(
        inbox=conversation.inbox_id, thread_key=conversation.thread_key, status=Conversation.Status.OPEN
    )
    if newer.exists():
        return False
    conversation.status = Conversation.Status.OPEN
    conversation.closed_at = None
    conversation.outcome = ""
    conversation.save(update_fields=["status", "closed_at", "outcome", "updated_at"])
    return True


def render(template: str, language: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject (the template's first line) and body of an e-mail, in `language` or else in English."""
    names = [f"csbot/email/{template}.{language}.txt", f"csbot/email/{template}.en.txt"]
    try:
        found = select_template(names)
    except TemplateDoesNotExist as error:
        raise TemplateDoesNotExist(f"None of {', '.join(names)} exists.") from error
    # Plain text: nothing in it is markup, so nothing is escaped; dates are named in the reader's language.
    with translation.override({"zh": "zh-hans"}.get(language, language)):
        text = str(found.template.render(_plain(values)))
    subject, _newline, body = text.partition("\n")
    return subject.strip(), body.lstrip("\n")


def _plain(values: Mapping[str, Any]) -> Any:
    from django.template import Context

    return Context(dict(values), autoescape=False)


def _mail_customer(ticket: Ticket) -> None:
    conversation = ticket.conversation
    opens_at = queues.schedule_of(ticket.queue).next_opening(timezone.now())
    asked = (
        conversation.entries.filter(kind=Entry.Kind.MESSAGE, sender=Entry.Sender.CUSTOMER)
        .exclude(text="")
        .exclude(text__iexact=ticket.email)
        .order_by("-seq")
        .values_list("text", flat=True)[:10]
    )
    # The question is the longest of the last lines: the very last is often just "yes" or "a person please".
    question = max(asked, key=len, default="")
    subject, body = render(
        "ticket_opened",
        conversation.language,
        {
            "brand": conversation.brand.name,
            "name": conversation.contact.name,
            "opens_at": opens_at.replace(tzinfo=None)
            if opens_at
            else None,  # the queue's wall clock, as people there read it
            "zone": ticket.queue.time_zone,
            "question": question,
            "link": links.url(conversation, ticket.email),
            "days": links.LIFETIME.days,
        },
    )
    deliveries.queue_email(conversation, ticket.email, subject, body)


def _mail_queue(ticket: Ticket, handoff: Handoff | None, summary: Mapping[str, Any]) -> None:
    conversation = ticket.conversation
    language = staff_language(ticket.queue)
    with translation.override({"zh": "zh-hans"}.get(language, language)):
        reason = str(Handoff.Reason(handoff.reason).label) if handoff is not None else ""
    subject, body = render(
        "ticket_queue",
        language,
        {
            "queue": ticket.queue.name(language),
            "customer": str(conversation.contact),
            "email": ticket.email,
            "reason": reason,
            "topic": conversation.topic,
            "intent": title_of_intent(conversation, summary or conversation.state, language),
            "lines": last_lines(conversation),
            "desk": desk_url(conversation),
        },
    )
    deliveries.queue_email(conversation, ticket.queue.ticket_email, subject, body, reply_to=ticket.email)


def staff_language(queue: Queue) -> str:
    """The language that a queue's staff is written to in: its only one, else English."""
    return str(queue.languages[0]) if len(queue.languages) == 1 else "en"


def desk_url(conversation: Conversation) -> str:
    """The staff page, opened at this conversation."""
    path = address("csbot:desk") or "/csbot/desk/"
    return f"{conf.SITE_URL().rstrip('/')}{path}#{conversation.pk}"
