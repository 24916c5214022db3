"""Turns: claimed in one short transaction, run outside any, committed whole under the fence or not at all.

    pending ──claim──> running ──commit──> done
                         │ lease over, or an error: claimed again (attempt + 1, same batch, same prior state)
                         │ a newer message before it acted or showed anything; a person: superseded
                         └ after three attempts: failed, with an apology and a person offered

Leases run on the database's clock. Every claim raises `Conversation.fence`; `commit` begins with an UPDATE that
names the fence it was claimed with, so a worker that lost its lease cannot publish a word.
"""

import logging
import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import DurationField, Q, Value
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from csbot import conf, contacts, effects, events
from csbot.actions.journal import Superseded, TurnJournal
from csbot.dialogue.turn import Engine, Line, TurnRequest, TurnResult
from csbot.entries import lock, say_as_bot
from csbot.leases import keeper, lease_end
from csbot.messages import Assurance, FileRef, Happening, Heard, Outbound
from csbot.models import Conversation, Entry, Handoff, Turn
from csbot.prepared import Insert, Parameter, Select, Update, parameter

logger = logging.getLogger(__name__)

HISTORY_LINES = 20

_LINES = Entry.objects.filter(conversation_id=parameter(Conversation, "pk", "conversation"))
_BATCH = Select(
    lambda: _LINES.filter(
        Q(sender=Entry.Sender.CUSTOMER, kind__in=[Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT, Entry.Kind.HEARD])
        | Q(kind=Entry.Kind.HAPPENING),
        seq__gt=parameter(Entry, "seq", "from_seq"),
        seq__lte=parameter(Entry, "seq", "through_seq"),
    ).order_by("seq")
)
_HISTORY = Select(
    lambda: _LINES.filter(
        kind__in=[Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT, Entry.Kind.HEARD],
        seq__lte=parameter(Entry, "seq", "from_seq"),
    ).order_by("-seq")[:HISTORY_LINES]
)
_LOCK_WITH_ALL = Select(
    lambda: (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("inbox", "brand", "bot", "contact")
        .filter(pk=parameter(Conversation, "pk"))
    )
)
_RUNNING = Select(
    lambda: Turn.objects.filter(
        conversation_id=parameter(Conversation, "pk", "conversation"), status=Turn.Status.RUNNING
    )
)
_WAITING = Select(
    lambda: Handoff.objects.filter(
        conversation_id=parameter(Conversation, "pk", "conversation"), ended_at=None, taken_at=None
    )
)
_NUMBER = Update(
    lambda: Conversation.objects.filter(pk=parameter(Conversation, "pk")),
    fence=parameter(Conversation, "fence"),
    turn_count=parameter(Conversation, "turn_count"),
)
_STORE = Insert(Turn, lease_until=lease_end(Parameter("lease", DurationField())))
_COMMIT = Update(
    lambda: Conversation.objects.filter(
        pk=parameter(Conversation, "pk"), fence=parameter(Conversation, "fence", "mine")
    ),
    **{
        name: parameter(Conversation, name)
        for name in (
            "turned_seq",
            "state",
            "language",
            "topic",
            "sentiment",
            "sentiments",
            "secret_expected",
            "updated_at",
        )
    },
)
_DONE = Update(
    lambda: Turn.objects.filter(pk=parameter(Turn, "pk")),
    status=Value(Turn.Status.DONE.value),
    ended_at=parameter(Turn, "ended_at"),
    error=Value(""),
)
WORKER = f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn this process may run: what it answers, and the fence it must commit under.

    `row` is the conversation as it was claimed, with its inbox, brand, bot and contact.
    """

    conversation: UUID
    row: Conversation
    turn: int
    number: int
    attempt: int
    from_seq: int
    through_seq: int
    fence: int


class Outcome(Enum):
    """What became of a claimed turn."""

    NOT_COMMITTED = "not committed"  # superseded, or failed and to be claimed again
    MORE_TO_ANSWER = "more to answer"  # committed, and something came meanwhile
    ALL_ANSWERED = "all answered"


def work(conversation_id: UUID) -> int:
    """Runs turns of this conversation until the bot owes none; how many were committed."""
    committed = 0
    while (claimed := claim(conversation_id)) is not None:
        outcome = run(claimed)
        committed += outcome is not Outcome.NOT_COMMITTED
        if outcome is Outcome.ALL_ANSWERED:
            break
    return committed


def claim(conversation_id: UUID) -> Claim | None:
    """Takes the conversation's next turn, or one whose lease has run out; None when there is nothing to do."""
    with transaction.atomic():
        conversation = _LOCK_WITH_ALL.first(pk=conversation_id)
        if conversation is None:
            return None  # erased meanwhile
        if conversation.status != Conversation.Status.OPEN or conversation.holder != Conversation.Holder.BOT:
            return None
        if conversation.pending_seq <= conversation.turned_seq:
            return None
        running = _RUNNING.first(conversation=conversation.pk)
        if running is not None:
            if conversation.turns.filter(pk=running.pk, lease_until__gt=Now()).exists():
                return None
            if running.attempt < conf.TURN_ATTEMPTS():
                return _claim_again(conversation, running)
            _fail(conversation, running)
        if conversation.pending_seq <= conversation.turned_seq:
            return None
        return _claim_next(conversation)


def _claim_next(conversation: Conversation) -> Claim:
    conversation.fence += 1
    conversation.turn_count += 1
    _NUMBER(pk=conversation.pk, fence=conversation.fence, turn_count=conversation.turn_count)
    turn = Turn(
        conversation=conversation,
        number=conversation.turn_count,
        from_seq=conversation.turned_seq,
        through_seq=conversation.pending_seq,
        fence=conversation.fence,
        worker=WORKER,
    )
    _STORE(turn, lease=timedelta(seconds=conf.LEASE_SECONDS()))
    return _claimed(conversation, turn, attempt=1)


def _claim_again(conversation: Conversation, turn: Turn) -> Claim:
    conversation.fence += 1
    conversation.save(update_fields=["fence"])
    attempt = turn.attempt + 1
    Turn.objects.filter(pk=turn.pk).update(
        attempt=attempt, fence=conversation.fence, lease_until=lease_end(), worker=WORKER
    )
    if turn.shown:
        events.ephemeral(conversation.pk, {"kind": "draft_withdrawn", "turn": turn.number, "attempt": turn.attempt})
    return _claimed(conversation, turn, attempt)


def _claimed(conversation: Conversation, turn: Turn, attempt: int) -> Claim:
    return Claim(
        conversation=conversation.pk,
        row=conversation,
        turn=turn.pk,
        number=turn.number,
        attempt=attempt,
        from_seq=turn.from_seq,
        through_seq=turn.through_seq,
        fence=conversation.fence,
    )


def run(claimed: Claim) -> Outcome:
    """Runs and commits a claimed turn; never raises. What fails is released, to be claimed again."""
    with keeper.holding(claimed.turn, claimed.fence):
        try:
            request = build_request(claimed)
            return commit(claimed, request, _engine()(request))
        except Superseded:
            logger.info("Turn %s of %s was superseded.", claimed.number, claimed.conversation)
            return Outcome.NOT_COMMITTED
        except Exception as error:  # the outermost door of a turn: it is retried, then the customer is told
            logger.exception(
                "Turn %s of %s failed (attempt %s).", claimed.number, claimed.conversation, claimed.attempt
            )
            _release(claimed, f"{type(error).__name__}: {error}")
            return Outcome.NOT_COMMITTED


def build_request(claimed: Claim) -> TurnRequest:
    """What the turn may know, read outside any transaction."""
    conversation = claimed.row
    batch = tuple(
        line_of(entry)
        for entry in _BATCH(
            conversation=claimed.conversation, from_seq=claimed.from_seq, through_seq=claimed.through_seq
        )
    )
    bot = conversation.bot
    return TurnRequest(
        conversation=conversation.pk,
        number=claimed.number,
        attempt=claimed.attempt,
        brand=conversation.brand.key,
        bot=bot.pk,
        bot_revision=bot.revision,
        inbox=conversation.inbox.key,
        inbox_mode=conversation.inbox.mode,
        channel=conversation.inbox.channel,
        form=conversation.form,
        language=conversation.language,
        languages=tuple(bot.languages),
        assurance=Assurance(conversation.assurance),
        subject=conversation.subject,
        contact=conversation.contact_id,
        contact_name=conversation.contact.name,
        # An anonymous visitor learns nothing of the contact they may turn out to be.
        email="" if conversation.assurance == Assurance.ANONYMOUS else contacts.email_of(conversation.contact_id),
        batch=batch,
        history=partial(_history, claimed),
        state=conversation.state,
        sentiments=tuple(conversation.sentiments),
        waiting=bool(_WAITING(conversation=conversation.pk)),
        journal=TurnJournal(conversation.pk, claimed.turn, claimed.number, claimed.fence),
        show=partial(_show, claimed),
    )


def _history(claimed: Claim) -> tuple[Line, ...]:
    earlier = _HISTORY(conversation=claimed.conversation, from_seq=claimed.from_seq)
    return tuple(line_of(entry) for entry in reversed(earlier))


def line_of(entry: Entry) -> Line:
    """An entry as the dialogue sees it."""
    data: dict[str, Any] = entry.data
    detail = dict(data.get("detail", {}))
    if "sealed" in data:
        detail["sealed"] = data["sealed"]
    if "expects" in data:
        detail["expects"] = data["expects"]
    return Line(
        seq=entry.seq,
        sender=str(entry.sender),
        text=entry.text,
        choice=data.get("choice", ""),
        happening=Happening(data["happening"]) if "happening" in data else None,
        detail=detail,
        attachments=tuple(FileRef(**ref) for ref in data.get("attachments", ())),
        heard=Heard(data["seq"], entry.text, data["complete"]) if entry.kind == Entry.Kind.HEARD else None,
        language=data.get("language", ""),
        at=entry.at,
    )


def commit(claimed: Claim, request: TurnRequest, result: TurnResult) -> Outcome:
    """Everything the turn decided, in one transaction under its fence; else raises `Superseded` and leaves no trace."""
    with transaction.atomic():
        sentiments = list(request.sentiments)
        if result.sentiment is not None:
            sentiments = [*sentiments, round(result.sentiment, 3)][-20:]
        mine = _COMMIT(
            pk=claimed.conversation,
            mine=claimed.fence,
            turned_seq=claimed.through_seq,
            state=result.state,
            language=result.language or request.language,
            topic=result.topic or claimed.row.topic,
            sentiment=claimed.row.sentiment if result.sentiment is None else result.sentiment,
            sentiments=sentiments,
            secret_expected=_expects_secret(result.replies),
            updated_at=timezone.now(),
        )
        if not mine:
            raise Superseded(f"Turn {claimed.number} lost its fence before it could commit.")
        _DONE(pk=claimed.turn, ended_at=timezone.now())
        conversation = lock(claimed.conversation)
        conversation.inbox, conversation.brand, conversation.bot = claimed.row.inbox, claimed.row.brand, claimed.row.bot
        effects.apply(conversation, claimed.turn, request, result)
    return Outcome.MORE_TO_ANSWER if conversation.pending_seq > claimed.through_seq else Outcome.ALL_ANSWERED


def _expects_secret(replies: list[Outbound]) -> bool:
    return bool(replies and replies[-1].expects is not None and replies[-1].expects.secret)


def _show(claimed: Claim, index: int, sentence: str) -> None:
    mine = Turn.objects.filter(pk=claimed.turn, fence=claimed.fence, status=Turn.Status.RUNNING).update(shown=True)
    if not mine:
        raise Superseded(f"Turn {claimed.number} was superseded while it spoke.")
    events.ephemeral(
        claimed.conversation,
        {"kind": "draft", "turn": claimed.number, "attempt": claimed.attempt, "index": index, "text": sentence},
    )


def _release(claimed: Claim, error: str) -> None:
    """Ends the lease now, so that the next claim takes the turn again."""
    Turn.objects.filter(pk=claimed.turn, fence=claimed.fence).update(lease_until=Now(), error=error[:2000])


def _fail(conversation: Conversation, turn: Turn) -> None:
    """Gives a turn up: an apology, a person offered, and later messages go on."""
    logger.error("Turn %s of %s failed for good after %s attempts.", turn.number, conversation.pk, turn.attempt)
    Turn.objects.filter(pk=turn.pk).update(status=Turn.Status.FAILED, ended_at=timezone.now())
    conversation.fence += 1
    conversation.turned_seq = turn.through_seq
    conversation.save(update_fields=["fence", "turned_seq"])
    if turn.shown:
        events.ephemeral(conversation.pk, {"kind": "draft_withdrawn", "turn": turn.number, "attempt": turn.attempt})
    say_as_bot(conversation, [effects.apologise(conversation)], conversation.bot.name)


def _engine() -> Engine:
    engine: Engine = import_string(conf.ENGINE())
    return engine
