"""What a committed turn causes: replies, assurance, handoff, tickets, timers, e-mails, gaps, trace, the end.

Everything here runs inside the commit's transaction, on a locked conversation.
"""

from typing import Any

from django.utils import timezone

from csbot import contacts
from csbot.dialogue.turn import TurnRequest, TurnResult
from csbot.entries import say_as_bot
from csbot.handoff import queues, tickets
from csbot.locked import close_locked
from csbot.messages import PERSON, Assurance, Button, Outbound
from csbot.models import Address, Conversation, Delivery, Timer, Trace
from csbot.nlu.pii import mask
from csbot.prepared import Insert
from csbot.wordings import wording
from kb import curation

_STORE_TRACE = Insert(Trace)


def apply(conversation: Conversation, turn: int, request: TurnRequest, result: TurnResult) -> None:
    """Writes what `result` asks for; the replies come first, so that what follows is never heard before them."""
    say_as_bot(conversation, result.replies, conversation.bot.name)
    _raise_assurance(conversation, result)
    if result.leave_queue and result.ticket is None:
        queues.leave(conversation, "left")
    if result.ticket is not None:
        tickets.open_ticket(conversation, result.ticket)
    elif result.handoff is not None:
        queues.enter(conversation, result.handoff)
    _set_timers(conversation, result)
    Delivery.objects.bulk_create(
        Delivery(
            conversation=conversation,
            kind=Delivery.Kind.EMAIL,
            recipient=email.to,
            payload={"subject": email.subject, "body": email.body},
            next_at=timezone.now(),
        )
        for email in result.emails
    )
    for gap in result.gaps:
        curation.record_gap(
            mask(gap.question).text,
            collections=list(conversation.bot.collections.values_list("key", flat=True)),
            language=gap.language,
            reason=gap.reason,
            reference=str(conversation.pk),
            near=gap.near,
        )
    _STORE_TRACE(
        Trace(
            turn_id=turn,
            summary=result.summary,
            stages=[
                {"stage": stage.name, "ms": round(stage.milliseconds, 2), **_plain(stage.finding)}
                for stage in result.stages
            ]
            + [{"stage": "facts", **_plain(result.facts)}],
            milliseconds=sum(stage.milliseconds for stage in result.stages),
        )
    )
    if result.close:
        close_locked(conversation, by="bot")


def apologise(conversation: Conversation) -> Outbound:
    """What the customer is told when a turn failed for good: an apology, and a person offered."""
    where: dict[str, Any] = {
        "brand": conversation.brand.key,
        "inbox": conversation.inbox.key,
        "language": conversation.language,
    }
    return Outbound(
        text=wording("failure", form="chat", **where),
        spoken=wording("failure", form="spoken", **where),
        language=conversation.language,
        buttons=(Button(wording("button.person", form="chat", **where), PERSON),),
    )


def _raise_assurance(conversation: Conversation, result: TurnResult) -> None:
    if result.assurance is None:
        return
    if result.assurance.rank > Assurance(conversation.assurance).rank:
        conversation.assurance = result.assurance
    if result.subject:
        conversation.subject = result.subject
    conversation.save(update_fields=["assurance", "subject"])
    if result.verified_email:
        contacts.verify_address(conversation.contact, Address.Kind.EMAIL, result.verified_email)


def _set_timers(conversation: Conversation, result: TurnResult) -> None:
    for timer in result.timers:
        if timer.delay is None:
            Timer.objects.filter(conversation=conversation, kind=timer.kind).delete()
        else:
            Timer.objects.update_or_create(
                conversation=conversation,
                kind=timer.kind,
                defaults={"due_at": timezone.now() + timer.delay, "data": dict(timer.data)},
            )


def _plain(finding: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in finding.items() if value not in (None, "", (), [], {})}
