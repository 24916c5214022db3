"""Where a turn runs. A wake-up only says that a conversation may owe a turn; the database is the queue.

A runner may drop, double or reorder wake-ups without harm: `turns.claim` decides, and the sweeper finds what was
never woken.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from uuid import UUID

from django.db import close_old_connections
from django.utils.module_loading import import_string

from csbot import conf
from csbot.pools import finish

logger = logging.getLogger(__name__)


class Runner(Protocol):
    """Runs `turns.work(conversation_id)` soon, somewhere."""

    def wake(self, conversation_id: UUID) -> None:
        """Never blocks for long and never raises: the message is already safe."""
        ...

    def stop(self) -> None:
        """Finishes what runs and takes nothing new."""
        ...


class ThreadRunner:
    """A bounded pool of threads in this process: the embedded default, and what a sweeper runs turns with."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=conf.TURN_THREADS(), thread_name_prefix="csbot-turn")
        self._lock = threading.Lock()
        self._waiting: set[UUID] = set()
        self._stopped = False

    def wake(self, conversation_id: UUID) -> None:
        with self._lock:
            # A wake-up that has not started yet will see this message too.
            if self._stopped or conversation_id in self._waiting:
                return
            self._waiting.add(conversation_id)
            self._pool.submit(self._work, conversation_id)

    def _work(self, conversation_id: UUID) -> None:
        from csbot.turns import work

        with self._lock:
            self._waiting.discard(conversation_id)
            if self._stopped:
                return
        try:
            close_old_connections()
            work(conversation_id)
        except Exception:  # the outermost door of this thread: the sweeper tries again
            logger.exception("Turns of %s could not be run here; the sweeper tries again.", conversation_id)

    def stop(self) -> None:
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        finish(self._pool)

    def drain(self) -> None:
        """Waits until everything woken so far has run, and closes the threads' connections. For tests and commands."""
        finish(self._pool)
        self._pool = ThreadPoolExecutor(max_workers=conf.TURN_THREADS(), thread_name_prefix="csbot-turn")


class CeleryRunner:
    """Wakes a Celery worker on the queue `turns`. The wake-up expires; a broker that is away costs a sweep, no more."""

    def wake(self, conversation_id: UUID) -> None:
        from kombu.exceptions import OperationalError

        from csbot.tasks import run_turns

        try:
            run_turns.apply_async(
                args=(str(conversation_id),), queue="turns", expires=30, ignore_result=True, retry=False
            )
        except OperationalError as error:
            logger.warning("The broker is away (%s); the sweeper will find conversation %s.", error, conversation_id)

    def stop(self) -> None:
        """Nothing runs here."""


class InlineRunner:
    """Runs the turn at once, in the caller's thread: for tests and for programs that answer one customer."""

    def wake(self, conversation_id: UUID) -> None:
        from csbot.turns import work

        work(conversation_id)

    def stop(self) -> None:
        """Nothing outlives a wake."""


_lock = threading.Lock()
_runner: tuple[str, Runner] | None = None


def get_runner() -> Runner:
    """The process's runner, as `CSBOT_RUNNER` names it."""
    global _runner
    path = conf.RUNNER()
    with _lock:
        if _runner is None or _runner[0] != path:
            _runner = (path, import_string(path)())
        return _runner[1]


def wake(conversation_id: UUID) -> None:
    """Says that this conversation may owe a turn. Call it after commit."""
    get_runner().wake(conversation_id)


def stop() -> None:
    """Finishes what runs in this process; the next wake makes a new runner."""
    global _runner
    with _lock:
        current, _runner = _runner, None
    if current is not None:
        current[1].stop()
