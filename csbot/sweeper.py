"""The sweeper finds what was left behind: owed turns nobody was woken for, leases of dead workers, due timers.

It needs no beat: every process that runs turns has one, a thread that asks a few cheap questions a second. What it
finds it runs itself, so that a broker which is away delays a turn by seconds and no more.
"""

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from csbot import conf, deliveries
from csbot.entries import lock
from csbot.handoff import absence
from csbot.locked import happen
from csbot.messages import Happening
from csbot.models import Conversation, Timer, Turn
from csbot.privacy import retention
from csbot.runners import ThreadRunner

logger = logging.getLogger(__name__)

BATCH = 100
HOUSEKEEPING_SECONDS = 3600.0


def stalled(limit: int = BATCH) -> list[UUID]:
    """Conversations that owe a turn which nobody runs: never woken, or its worker's lease has run out."""
    running = Turn.objects.filter(conversation=OuterRef("pk"), status=Turn.Status.RUNNING)
    held = Conversation.objects.filter(status=Conversation.Status.OPEN, holder=Conversation.Holder.BOT)
    never = held.filter(~Exists(running), pending_seq__gt=F("turned_seq")).order_by("updated_at")
    expired = Turn.objects.filter(
        status=Turn.Status.RUNNING,
        lease_until__lte=Now(),
        conversation__status=Conversation.Status.OPEN,
        conversation__holder=Conversation.Holder.BOT,
    )
    found = list(never.values_list("pk", flat=True)[:limit])
    found += expired.values_list("conversation_id", flat=True)[:limit]
    return found


def fire_due_timers(limit: int = BATCH) -> list[UUID]:
    """Turns each due timer into a happening of its conversation, once; the conversations concerned."""
    fired = []
    due = (
        Timer.objects.filter(due_at__lte=timezone.now()).order_by("due_at").values_list("pk", "conversation_id")[:limit]
    )
    for pk, conversation_id in due:
        with transaction.atomic():
            conversation = lock(conversation_id)
            timer = Timer.objects.filter(pk=pk, due_at__lte=timezone.now()).first()
            if timer is None:
                continue  # another sweeper fired it, or it was put off
            timer.delete()
            if conversation.status != Conversation.Status.OPEN or conversation.holder != Conversation.Holder.BOT:
                continue
            happen(conversation, Happening.TIMER, {"kind": timer.kind, **timer.data})
            fired.append(conversation_id)
    return fired


def sweep(run: Callable[[UUID], None]) -> int:
    """One round: everything found is given to `run`; how many things there were to do."""
    done = len(fire_due_timers()) + absence.sweep_gone_agents() + deliveries.send_due()
    found = stalled()
    for conversation_id in found:
        run(conversation_id)
    return done + len(found)


class _Sweeper(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="csbot-sweeper", daemon=True)
        self.stopping = threading.Event()

    def run(self) -> None:
        runner = ThreadRunner()
        housekept = 0.0
        while not self.stopping.wait(conf.SWEEP_SECONDS()):
            try:
                close_old_connections()
                sweep(runner.wake)
                if time.monotonic() - housekept > HOUSEKEEPING_SECONDS:
                    housekept = time.monotonic()
                    retention.forget_expired()
            except Exception:  # the outermost door of this thread: the next round tries again
                logger.warning("A sweep failed; the next one tries again.", exc_info=True)
        runner.stop()
        connection.close()


_lock = threading.Lock()
_sweeper: _Sweeper | None = None


def start() -> bool:
    """Starts this process's sweeper; False when it runs already."""
    global _sweeper
    with _lock:
        if _sweeper is not None and _sweeper.is_alive():
            return False
        _sweeper = _Sweeper()
        _sweeper.start()
        return True


def stop() -> None:
    """Stops it after the round it is in."""
    global _sweeper
    with _lock:
        sweeper, _sweeper = _sweeper, None
    if sweeper is not None:
        sweeper.stopping.set()
        sweeper.join(timeout=30)
