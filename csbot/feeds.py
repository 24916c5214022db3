"""Listening to conversations: every entry once, in order, none missing.

An event of the channel layer is only a hint that a conversation has grown. A `Feed` takes an entry from a hint
when it is the next one, reads the database when it is not, and a heartbeat heals even a lost last event.
"""

import asyncio
import logging
import weakref
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from csbot import conf
from csbot.entries import replay, visible
from csbot.events import relay
from csbot.models import Conversation
from csbot.pools import in_database

logger = logging.getLogger(__name__)

Deliver = Callable[[list[dict[str, Any]]], Awaitable[None]]


class Feed:
    """Delivers every entry of one conversation after `after` to one listener: each once, in order, none missing.

    `deliver` gets a list of entries as `entries.visible` shows them to `audience`. When it raises, the feed stops
    there and delivers the same entries again at the next hint.
    """

    def __init__(self, conversation_id: UUID, audience: str, deliver: Deliver, after: int = 0) -> None:
        self.conversation_id = conversation_id
        self.audience = audience
        self.at = after
        self._deliver = deliver
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Delivers what is there and watches from now on. Join the group before, so that nothing falls between."""
        heartbeat.watch(self)
        await self.catch_up()

    async def stop(self) -> None:
        heartbeat.unwatch(self)

    async def hint(self, event: dict[str, Any]) -> None:
        """Takes a `conversation.entry` event of the channel layer."""
        async with self._lock:
            if event["seq"] <= self.at:
                return
            fresh = [pair for pair in event.get("entries", ()) if pair[0]["seq"] > self.at]
            if fresh and fresh[0][0]["seq"] == self.at + 1:
                await self._hand_over(
                    [visible(entry, staff_only=hidden, audience=self.audience) for entry, hidden in fresh]
                )
                return
        await self.catch_up()

    async def catch_up(self) -> None:
        """Delivers what the database holds beyond what was delivered."""
        async with self._lock:
            while True:
                entries = await in_database(replay, self.conversation_id, after=self.at, audience=self.audience)
                if not entries:
                    return
                await self._hand_over(entries)

    async def _hand_over(self, entries: list[dict[str, Any]]) -> None:
        await self._deliver(entries)
        self.at = entries[-1]["seq"]


class Heartbeat:
    """Compares all watched conversations with the database, one query per beat and process."""

    def __init__(self) -> None:
        self._feeds: weakref.WeakSet[Feed] = weakref.WeakSet()
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def watch(self, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        relay.adopt(loop)
        if self._task is None or self._task.done() or self._loop is not loop:
            self._feeds = weakref.WeakSet()
            self._loop = loop
            self._task = loop.create_task(self._run(), name="csbot-heartbeat")
        self._feeds.add(feed)

    def unwatch(self, feed: Feed) -> None:
        self._feeds.discard(feed)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(conf.HEARTBEAT_SECONDS())
            try:
                await self.beat()
            except Exception:  # the database is away for a moment: the next beat tries again
                logger.warning("A heartbeat failed; the next one tries again.", exc_info=True)

    async def beat(self) -> None:
        """One comparison now: every feed that lags behind its conversation catches up."""
        feeds = list(self._feeds)
        if not feeds:
            return
        newest = await in_database(_newest, list({feed.conversation_id for feed in feeds}))
        for feed in feeds:
            if newest.get(feed.conversation_id, 0) > feed.at:
                await feed.catch_up()


def _newest(conversation_ids: list[UUID]) -> dict[UUID, int]:
    return dict(Conversation.objects.filter(pk__in=conversation_ids).values_list("pk", "last_seq"))


heartbeat = Heartbeat()
