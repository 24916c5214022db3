"""The socket of one staff page: the lists, and a feed for each conversation that is open in it.

Staff only, from this site's own pages only. Entries come through `Feed`s and are resumed by `seq`; the lists are a
snapshot, sent when it differs from the last one. Everything that leaves goes through one bounded queue: a page that
lags is closed, comes back and resumes.
"""

import asyncio
import contextlib
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AbstractBaseUser
from django.utils import translation

from csbot import runtime
from csbot.conversations import Refused, name_of
from csbot.desk import cards, lists, sessions, work
from csbot.desk.frames import Frame, FrameError, parse
from csbot.events import conversation_group, desk_group, ephemeral
from csbot.feeds import Feed
from csbot.handoff import presence, rights
from csbot.pools import in_database

logger = logging.getLogger(__name__)

# Close codes, as web chat has them where they mean the same.
LOGGED_OUT, RATE, LAGGING, UNAVAILABLE = 4401, 4429, 4410, 1013
QUEUE_FRAMES = 1024
SEND_SECONDS = 15.0
SEEN_SECONDS = 10.0  # three chances within the 30 seconds after which an agent counts as gone
SETTLE_SECONDS = 0.15  # several changes at once are one snapshot
FRAMES_PER_10_SECONDS = 400
OPEN_AT_MOST = 20


class DeskConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One staff page. See `frames` for what it says and hears."""

    user: AbstractBaseUser | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE_FRAMES)
        self._feeds: dict[UUID, Feed] = {}
        self._groups: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._shown = ""
        self._closing = False
        self._window = (0.0, 0)
        try:
            await super().__call__(scope, receive, send)
        finally:
            for task in self._tasks:
                task.cancel()
            for feed in self._feeds.values():
                await feed.stop()
            for group in self._groups:
                await self.channel_layer.group_discard(group, self.channel_name)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Runs the handler, without Channels' visit to its one database thread: all queries go through the pool."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def connect(self) -> None:
        runtime.start()
        self.headers: dict[bytes, bytes] = dict(self.scope["headers"])
        self.language = _ui_language(self.scope.get("query_string", b""))
        if sessions.same_origin(self.headers):
            try:
                self.user = await in_database(sessions.staff_of, self.headers)
            except Exception:  # the outermost door: the database may be away
                logger.exception("A staff socket could not be opened.")
        if self.user is None:
            await self.close()  # before accepting: the handshake is refused with HTTP 403
            return
        await self.accept()
        for brand in await in_database(_brands, self.user):
            await self._join(desk_group(brand))
        self._tasks = [asyncio.create_task(each) for each in (self._write(), self._stay(), self._show_lists())]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closing or self.user is None:
            return
        if self._too_many():
            self._shut(RATE)
            return
        frame_id = ""
        try:
            frame = parse(text_data if text_data is not None else bytes_data)
            frame_id = frame.id
            await self._answer(self.user, frame)
        except FrameError as mistake:
            self._post({"type": "refused", "id": mistake.id, "code": mistake.code, "message": str(mistake)})
        except Refused as refusal:
            answer = {"type": "refused", "id": frame_id, "code": refusal.code, "message": str(refusal)}
            self._post(answer if refusal.retry_after is None else {**answer, "retry_after": refusal.retry_after})
        except Exception:  # the outermost door: logged, answered, and the page comes back and resumes
            logger.exception("A frame of the staff page of %s failed.", self.user.pk)
            self._post(
                {"type": "refused", "id": frame_id, "code": "unavailable", "message": "Something broke; try again."}
            )
            self._shut(UNAVAILABLE)

    async def _answer(self, user: AbstractBaseUser, frame: Frame) -> None:
        done: dict[str, Any] = {"type": "done", "id": frame.id, "conversation": str(frame.conversation)}
        match frame.type:
            case "ping":
                self._post({"type": "pong"})
                return
            case "open":
                await self._open(user, frame.conversation, frame.number)
            case "leave":
                await self._leave(frame.conversation)
            case "card":
                await self._send_card(user, frame.conversation)
            case "typing":
                await self._typing(user, frame)
                return
            case "take":
                await in_database(work.take, user, frame.conversation)
            case "say":
                done["seq"] = await in_database(
                    work.say, user, frame.conversation, frame.text, frame.files, f"desk:{frame.id}" if frame.id else ""
                )
            case "note":
                done["seq"] = await in_database(work.note, user, frame.conversation, frame.text)
            case "hand_back":
                await in_database(work.hand_back, user, frame.conversation, frame.text)
            case "requeue":
                await in_database(work.requeue, user, frame.conversation, frame.queue)
            case "close":
                await in_database(work.close, user, frame.conversation, frame.outcome)
            case "read":
                await in_database(work.read, user, frame.conversation, frame.number)
                self._changed.set()
            case "available":
                await in_database(work.available, user, frame.on)
        if frame.id:
            self._post(done)

    # Conversations.

    async def _open(self, user: AbstractBaseUser, conversation: UUID, after: int) -> None:
        if conversation not in self._feeds and len(self._feeds) >= OPEN_AT_MOST:
            raise Refused("too_many_open", f"At most {OPEN_AT_MOST} conversations are open in one page.")
        last_seq = await self._send_card(user, conversation)
        await self._leave(conversation)
        await self._join(conversation_group(conversation))

        async def deliver(entries: list[dict[str, Any]]) -> None:
            self._post({"type": "entries", "conversation": str(conversation), "entries": entries})

        # A page that knows of more than there is (the database was restored) begins again from the first.
        feed = Feed(conversation, "staff", deliver, after=after if after <= last_seq else 0)
        self._feeds[conversation] = feed
        await feed.start()

    async def _leave(self, conversation: UUID) -> None:
        feed = self._feeds.pop(conversation, None)
        if feed is not None:
            await feed.stop()
            await self._part(conversation_group(conversation))

    async def _send_card(self, user: AbstractBaseUser, conversation: UUID) -> int:
        def read() -> dict[str, Any]:
            with translation.override(self.language):
                return cards.card(user, work.visible(user, conversation), _content_language(self.language))

        card = await in_database(read)
        self._post({"type": "card", "card": card})
        return int(card["last_seq"])

    async def _typing(self, user: AbstractBaseUser, frame: Frame) -> None:
        if frame.conversation in self._feeds:  # opened before, and so checked
            ephemeral(frame.conversation, {"kind": "typing", "sender": "agent", "name": name_of(user), "on": frame.on})

    async def conversation_entry(self, event: dict[str, Any]) -> None:
        feed = self._feeds.get(UUID(event["conversation"]))
        if feed is not None and not self._closing:
            await feed.hint(event)
            self._changed.set()

    async def conversation_ephemeral(self, event: dict[str, Any]) -> None:
        payload = event["payload"]
        # These may be lost: the first to go when the page lags. One's own typing is no news.
        if (
            UUID(event["conversation"]) in self._feeds
            and self._queue.qsize() < QUEUE_FRAMES // 2
            and not (payload.get("sender") == "agent" and payload.get("name") == name_of(self.user))  # type: ignore[arg-type]
        ):
            self._post({"type": "ephemeral", "conversation": event["conversation"], "payload": payload})

    # Lists and presence.

    async def desk_changed(self, event: dict[str, Any]) -> None:
        self._changed.set()

    async def _show_lists(self) -> None:
        self._changed.set()
        while True:
            # A lost hint heals at the next look, which comes by itself.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SEEN_SECONDS):
                    await self._changed.wait()
                    await asyncio.sleep(SETTLE_SECONDS)
            self._changed.clear()
            try:
                shown = await in_database(self._lists)
            except Exception:  # the database is away for a moment: the next look tries again
                logger.warning("The lists of a staff page could not be read.", exc_info=True)
                continue
            if shown != self._shown:
                self._shown = shown
                self._put(shown)

    def _lists(self) -> str:
        assert self.user is not None  # noqa: S101 - only called once somebody is connected
        with translation.override(self.language):
            content = lists.snapshot(self.user, _content_language(self.language))
        return _dump({"type": "snapshot", **content})

    async def _stay(self) -> None:
        """Says that this agent is here, and looks whether they still may be."""
        while True:
            try:
                self.user = await in_database(sessions.staff_of, self.headers)
                if self.user is None:
                    self._shut(LOGGED_OUT)
                    return
                if await in_database(presence.seen, self.user):
                    await in_database(work.changed, self.user)
            except Exception:  # the database is away for a moment: the next beat tries again
                logger.warning("An agent's presence could not be noted.", exc_info=True)
            await asyncio.sleep(SEEN_SECONDS)

    # What leaves.

    def _post(self, frame: dict[str, Any]) -> None:
        self._put(_dump(frame))

    def _put(self, frame: str) -> None:
        if self._closing:
            return
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._closing = True
            self._tasks.append(asyncio.create_task(self._hang_up(LAGGING)))

    def _shut(self, code: int) -> None:
        if not self._closing:
            self._closing = True
            self._tasks.append(asyncio.create_task(self._hang_up_after_queue(code)))

    async def _hang_up_after_queue(self, code: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._queue.put(code)
                return
        await self._hang_up(code)

    async def _write(self) -> None:
        while True:
            item = await self._queue.get()
            if isinstance(item, int):
                await self._hang_up(item)
                return
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self.send(text_data=item)
            except TimeoutError:
                self._closing = True
                await self._hang_up(LAGGING)
                return
            except OSError:  # the page is gone; the disconnect is on its way
                return

    async def _hang_up(self, code: int) -> None:
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(2):
                await self.close(code=code)

    async def _join(self, group: str) -> None:
        self._groups.add(group)
        await self.channel_layer.group_add(group, self.channel_name)

    async def _part(self, group: str) -> None:
        self._groups.discard(group)
        await self.channel_layer.group_discard(group, self.channel_name)

    def _too_many(self) -> bool:
        began, count = self._window
        now = time.monotonic()
        self._window = (now, 1) if now - began > 10 else (began, count + 1)
        return self._window[1] > FRAMES_PER_10_SECONDS


def _dump(frame: dict[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=str)


def _brands(user: AbstractBaseUser) -> list[int]:
    return list(rights.brands_of(user, rights.AGENT, rights.MANAGER).values_list("pk", flat=True))


def _ui_language(query: bytes) -> str:
    """The language the page was rendered in, as its socket's address says."""
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[0]
    try:
        return translation.get_supported_language_variant(asked)
    except LookupError:
        return "en"


def _content_language(ui: str) -> str:
    """The content language of an interface language: its primary tag, such as zh for zh-hans."""
    return ui.partition("-")[0]
