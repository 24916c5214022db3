"""Live events, sent after commit: hints that something changed, never the truth itself.

The channel layer may drop anything, silently and by its specification. Whoever must not miss an entry listens
through `csbot.feeds.Feed`, which heals from the database.
"""

import asyncio
import contextlib
import json
import logging
import threading
from typing import Any
from uuid import UUID

from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger(__name__)

# A hint carries its entries only while they are small: the layer's capacity is for hints.
INLINE_BYTES = 8 * 1024


def conversation_group(conversation_id: UUID | str) -> str:
    """The channel layer group of everyone who follows a conversation."""
    return f"csbot.conversation.{UUID(str(conversation_id)).hex}"


def desk_group(brand_id: int) -> str:
    """The channel layer group of the staff pages of a brand."""
    return f"csbot.desk.{brand_id}"


class Relay:
    """Sends to the channel layer from one coroutine, whoever asks and from whatever thread.

    `async_to_sync(group_send)` would open a Redis connection per event loop and can deadlock; the in-memory layer
    belongs to the loop of its listeners. So a process that serves sockets lends its loop (`adopt`); any other
    gets a thread with a loop of its own at the first send.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: asyncio.Queue[tuple[str, dict[str, Any]]] | None = None
        self._task: asyncio.Task[None] | None = None

    def adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        """Sends from `loop` from now on. Call it from that loop."""
        with self._lock:
            if self._loop is loop and self._task is not None and not self._task.done():
                return
            self._loop, self._queue = loop, asyncio.Queue()
            self._task = loop.create_task(self._run(self._queue), name="csbot-relay")

    def send(self, group: str, event: dict[str, Any]) -> None:
        """Queues `event` for `group`; never blocks, never raises for a layer that is away."""
        with self._lock:
            loop, queue = self._loop, self._queue
            if loop is None or loop.is_closed() or queue is None:
                if isinstance(get_channel_layer(), InMemoryChannelLayer | None):
                    return  # no socket in this process, and nobody elsewhere can hear this layer
                loop, queue = self._own_loop()
        with contextlib.suppress(RuntimeError):  # the loop closed meanwhile: its listeners are gone with it
            loop.call_soon_threadsafe(queue.put_nowait, (group, event))

    def _own_loop(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Queue[tuple[str, dict[str, Any]]]]:
        loop = asyncio.new_event_loop()
        queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._loop, self._queue = loop, queue
        threading.Thread(
            target=loop.run_until_complete, args=(self._run(queue),), name="csbot-relay", daemon=True
        ).start()
        return loop, queue

    async def _run(self, queue: asyncio.Queue[tuple[str, dict[str, Any]]]) -> None:
        while True:
            group, event = await queue.get()
            layer = get_channel_layer()
            if layer is None:
                continue
            try:
                await layer.group_send(group, event)
            except Exception:  # the layer is away: listeners heal by heartbeat, the sender must not suffer
                logger.warning("A live event for %s was lost; listeners heal by heartbeat.", group, exc_info=True)


relay = Relay()


def publish(conversation_id: UUID, entries: list[tuple[dict[str, Any], bool]]) -> None:
    """Tells the followers of a conversation of new entries, given as (entry JSON, staff only). Call it after commit."""
    event: dict[str, Any] = {
        "type": "conversation.entry",
        "conversation": str(conversation_id),
        "seq": entries[-1][0]["seq"],
    }
    encoded = json.dumps(entries, default=str)
    if len(encoded) <= INLINE_BYTES:
        event["entries"] = json.loads(encoded)
    relay.send(conversation_group(conversation_id), event)


def ephemeral(conversation_id: UUID, payload: dict[str, Any]) -> None:
    """Sends what is not an entry (typing, drafts, presence) to the followers. It may be lost and is never replayed."""
    relay.send(
        conversation_group(conversation_id),
        {"type": "conversation.ephemeral", "conversation": str(conversation_id), "payload": payload},
    )


def desk_changed(brand_id: int) -> None:
    """Tells the staff pages of a brand that their lists have changed; they read their snapshot again."""
    relay.send(desk_group(brand_id), {"type": "desk.changed", "brand": brand_id})
