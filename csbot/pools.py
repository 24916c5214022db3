"""Short database work for coroutines, on a bounded pool of threads.

Channels' own `database_sync_to_async` runs everything on one thread per process (measured: 20 calls of 50 ms took
1.01 s there and 0.20 s on a pool), so sockets would wait for each other.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

from csbot import conf

P = ParamSpec("P")
T = TypeVar("T")

_lock = threading.Lock()
_pool: ThreadPoolExecutor | None = None


def _threads() -> ThreadPoolExecutor:
    global _pool
    with _lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(max_workers=conf.DATABASE_THREADS(), thread_name_prefix="csbot-db")
        return _pool


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `function(*args, **kwargs)`, run on the pool with a live connection. For short queries only."""
    context = contextvars.copy_context()

    def call() -> T:
        close_old_connections()
        return context.run(function, *args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_threads(), call)


def close() -> None:
    """Ends the pool's threads and closes their connections; the next use makes a new one."""
    global _pool
    with _lock:
        pool, _pool = _pool, None
    if pool is not None:
        finish(pool)


def finish(pool: ThreadPoolExecutor) -> None:
    """Lets what was submitted to `pool` end, closes its threads' connections, and ends the threads."""
    if pool._threads:
        # One closing for each thread there can be: each of them waits for all others, so that none takes two.
        barrier = threading.Barrier(pool._max_workers)
        for _ in range(pool._max_workers):
            pool.submit(_close_connections, barrier)
    pool.shutdown(wait=True)


def _close_connections(barrier: threading.Barrier) -> None:
    try:
        connections.close_all()
    finally:
        barrier.wait()
