"""Leases of running turns, on the database's clock: taken for seconds, renewed while the work goes on."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import close_old_connections, connection
from django.db.models import DateTimeField, Expression, ExpressionWrapper, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from csbot import conf
from csbot.models import Turn

logger = logging.getLogger(__name__)


def lease_end(lease: Expression | None = None) -> "ExpressionWrapper[CombinedExpression]":
    """The database's now plus the lease: clocks of different machines never meet."""
    lasting = lease or Value(timedelta(seconds=conf.LEASE_SECONDS()))
    return ExpressionWrapper(Now() + lasting, output_field=DateTimeField())


class LeaseKeeper:
    """Renews the leases of the turns that this process runs, from one thread, up to each turn's hard limit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, tuple[int, float]] = {}  # turn → (fence, since)
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, turn: int, fence: int) -> Iterator[None]:
        """Keeps the lease of `turn` alive while the block runs."""
        with self._lock:
            self._held[turn] = (fence, time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="csbot-leases", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(turn, None)

    def _run(self) -> None:
        idle = threading.Event()  # never set: a sleep that does not depend on anything but the interpreter's life
        while True:
            idle.wait(conf.RENEW_SECONDS())
            with self._lock:
                if not self._held:
                    self._thread = None
                    break
                held = dict(self._held)
            self._renew(held)
        connection.close()

    def _renew(self, held: dict[int, tuple[int, float]]) -> None:
        try:
            close_old_connections()
            for turn, (fence, since) in held.items():
                if time.monotonic() - since < conf.TURN_LIMIT_SECONDS():
                    Turn.objects.filter(pk=turn, fence=fence, status=Turn.Status.RUNNING).update(
                        lease_until=lease_end()
                    )
        except Exception:  # the database is away: the lease may lapse, and the fence keeps us honest
            logger.warning("Leases could not be renewed.", exc_info=True)


keeper = LeaseKeeper()
