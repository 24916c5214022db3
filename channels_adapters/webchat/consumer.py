"""The socket of one visitor: frames in, entries out. States: waiting for hello → ready → closing.

The database is reached through the bounded pool only, entries through a `Feed`, and everything that leaves goes
through one queue with a deadline: a socket that lags is closed, and resumes by `seq`.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from channels_adapters import conf
from channels_adapters.webchat import origins, protocol, tokens, visits
from channels_adapters.webchat.limits import Window
from channels_adapters.webchat.protocol import Close, FrameError
from csbot import conf as core_conf
from csbot import conversations, runtime
from csbot.events import conversation_group, ephemeral
from csbot.feeds import Feed
from csbot.messages import Heard
from csbot.pools import in_database

logger = logging.getLogger(__name__)

QUEUE_FRAMES = 512  # frames waiting for a slow client before its socket counts as lagging
FRAMES_PER_10_SECONDS = 400  # of any kind; a widget sends a few dozen at its busiest
WRITES_PER_10_SECONDS = 30  # reads, ratings, heards: rows, but not messages
TYPING_SECONDS = 1.0
EPHEMERAL = frozenset({"draft", "draft_withdrawn", "typing"})

messages_of = Window(20, 10.0)


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is not typed
    """Speaks `protocol` with one browser. The URL names the inbox: `csbot/ws/<inbox>/`."""

    visit: tokens.Pass | None = None
    conversation: UUID | None = None
    language = ""
    open = False  # whether the followed conversation is
    feed: Feed | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._queue: asyncio.Queue[str | tuple[Close, str]] = asyncio.Queue(QUEUE_FRAMES)
        self._newer: set[str] = set()
        self._limits = {"frames": Window(FRAMES_PER_10_SECONDS, 10.0), "writes": Window(WRITES_PER_10_SECONDS, 10.0)}
        self._typed_at = 0.0
        self._closing = False
        self._dropped = False
        self._main = asyncio.current_task()
        self._tasks: list[asyncio.Task[None]] = []
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._dropped:
                raise  # the server is going down
        finally:
            await self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Runs the handler, without Channels' visit to its one database thread: all queries go through the pool."""
        handler = getattr(self, message["type"].replace(".", "_"))
        await handler(message)

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    # The visitor's side.

    async def connect(self) -> None:
        runtime.start()
        self.inbox = str(self.scope["url_route"]["kwargs"]["inbox"])
        headers = {name: value.decode("latin-1") for name, value in self.scope["headers"]}
        self.origin = origins.normal(headers.get(b"origin", ""))
        try:
            door = await in_database(visits.door, self.inbox)
        except Exception:  # the outermost door: the database may be away
            logger.exception("A socket of inbox %s could not be opened.", self.inbox)
            await self.close()
            return
        if door is None or not origins.may_embed(self.origin, door.origins, headers.get(b"host", "")):
            await self.close()  # before accepting: the handshake is refused with HTTP 403
            return
        await self.accept()
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._await_hello())]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closing:
            return
        if self._limits["frames"].wait("", time.monotonic()):
            self._shut(Close.RATE, "Too many frames.")
            return
        try:
            frame = protocol.parse(text_data if text_data is not None else bytes_data)
            await self._answer(frame)
        except FrameError as mistake:
            self._error(mistake.code, mistake.detail, client_id=mistake.client_id)
            if mistake.close or self.visit is None:
                self._shut(mistake.close or Close.BAD_FRAME, mistake.detail)
        except Exception:  # the outermost door: logged, answered, and the client comes back and resumes
            logger.exception("A frame failed in conversation %s.", self.conversation)
            self._error("unavailable", "Something broke on this side; nothing was lost.", retry_after=2.0)
            self._shut(Close.UNAVAILABLE, "Something broke on this side.")

    async def _answer(self, frame: protocol.ClientFrame) -> None:
        if isinstance(frame, protocol.Hello):
            await self._hello(frame)
            return
        if self.visit is None:
            raise FrameError("hello_first", "The first frame is hello.", close=Close.BAD_FRAME)
        match frame:
            case protocol.Ping():
                self._post({"type": "pong"})
            case protocol.Message():
                await self._message(self.visit, frame)
            case protocol.Typing():
                self._typing(frame.on)
            case _:
                wait = self._limits["writes"].wait("", time.monotonic())
                if wait:
                    self._error("rate", "Too many of these at once.", retry_after=wait)
                    return
                try:
                    await self._write_down(self.visit, frame)
                except conversations.Refused as refusal:
                    self._error(refusal.code, str(refusal), retry_after=refusal.retry_after)

    async def _hello(self, hello: protocol.Hello) -> None:
        try:
            visit = tokens.read(hello.token, inbox=self.inbox, origin=self.origin)
        except tokens.TokenError as problem:
            raise FrameError("token", str(problem), close=Close.TOKEN) from None
        if self.visit is not None:
            raise FrameError("hello_again", "This socket has already said hello.")
        self.language = hello.language.partition("-")[0].lower()
        await self._join(visit)
        self.visit = visit
        ready = await in_database(visits.ready, visit.inbox, visit.sender, known=hello.conversation, after=hello.after)
        if hello.after and ready["conversation"] == str(hello.conversation) and not ready["after"]:
            self._error("future_seq", f"There is no entry {hello.after} yet; everything follows from the first.")
        await self._attach(ready)

    async def _message(self, visit: tokens.Pass, message: protocol.Message) -> None:
        messages_of.limit = core_conf.MESSAGES_PER_10_SECONDS()
        wait = messages_of.wait(f"{visit.inbox}/{visit.sender}", time.monotonic())
        if wait:
            self._error("rate", "Too many messages at once.", retry_after=wait, client_id=message.client_id)
            return
        try:
            # The page's language opens a conversation; in an open one the words themselves tell.
            language = "" if self.open else self.language
            received = await in_database(visits.receive, visit, message, language)
        except conversations.Refused as refusal:
            self._error(refusal.code, str(refusal), retry_after=refusal.retry_after, client_id=message.client_id)
            return
        self._post({"type": "ack", "client_id": message.client_id, "seq": received.seq})
        if received.conversation != self.conversation and not received.duplicate:
            await self._attach(await in_database(visits.ready, visit.inbox, visit.sender))

    def _typing(self, on: bool) -> None:
        now = time.monotonic()
        if self.conversation is None or (on and now - self._typed_at < TYPING_SECONDS):
            return
        self._typed_at = now if on else 0.0
        ephemeral(self.conversation, {"kind": "typing", "sender": "customer", "on": on})

    async def _write_down(self, visit: tokens.Pass, frame: protocol.ClientFrame) -> None:
        match frame:
            case protocol.Start():
                await in_database(visits.start, visit, self.language)
                await self._renew(visit)
            case protocol.Person():
                if await in_database(visits.ask_for_person, visit, self.language) != self.conversation:
                    await self._renew(visit)
            case _ if self.conversation is None:
                raise FrameError("no_conversation", "Nothing has been said yet; send start or a message.")
            case protocol.Read(through):
                await in_database(conversations.read, self.conversation, "customer", through)
            case protocol.Rating(value, comment):
                await in_database(conversations.rate, self.conversation, value, comment)
            case protocol.HeardFrame(seq, text, complete):
                await in_database(conversations.heard, self.conversation, Heard(seq, text, complete))
            case protocol.End():
                await in_database(conversations.close, self.conversation, by="customer")

    async def _renew(self, visit: tokens.Pass) -> None:
        ready = await in_database(visits.ready, visit.inbox, visit.sender, known=self.conversation)
        if ready["conversation"] != (str(self.conversation) if self.conversation else None):
            await self._attach(ready)
        else:
            self._post({**ready, "after": self.feed.at if self.feed else 0})

    # The conversation's side.

    async def _attach(self, ready: protocol.Ready) -> None:
        """Follows the conversation of `ready`, after whose `after` every entry is sent."""
        await self._detach()
        self.open = ready["status"] == "open"
        self._post(ready)
        if ready["conversation"] is None:
            return
        self.conversation = UUID(ready["conversation"])
        await self.channel_layer.group_add(conversation_group(self.conversation), self.channel_name)
        self.feed = Feed(self.conversation, "customer", self._deliver, after=ready["after"])
        await self.feed.start()

    async def _detach(self) -> None:
        if self.feed is not None:
            await self.feed.stop()
            await self.channel_layer.group_discard(conversation_group(self.feed.conversation_id), self.channel_name)
            self.feed = None

    async def _deliver(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if entry.get("kind") == "status" and entry["data"].get("status") == "closed":
                self.open = False
            frame = protocol.dump(protocol.entry(visits.shown(entry)))
            if self._queue.full() and asyncio.current_task() is self._main and not self._closing:
                # A long replay may wait for the client. Anyone else (the heartbeat serves every socket) may not.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(conf.WEBCHAT_SEND_SECONDS()):
                        await self._queue.put(frame)
                        continue
            self._put(frame)

    async def conversation_entry(self, event: dict[str, Any]) -> None:
        if self.feed is not None and event["conversation"] == str(self.feed.conversation_id) and not self._closing:
            await self.feed.hint(event)

    async def conversation_ephemeral(self, event: dict[str, Any]) -> None:
        payload = event["payload"]
        followed = self.feed is not None and event["conversation"] == str(self.feed.conversation_id)
        # These may be lost: the first to go when the client lags.
        if (
            followed
            and payload.get("kind") in EPHEMERAL
            and payload.get("sender") != "customer"
            and self._queue.qsize() < QUEUE_FRAMES // 2
        ):
            self._post({**{key: value for key, value in payload.items() if key != "kind"}, "type": payload["kind"]})

    # The visitor's other sockets, in whatever process.

    def _visitor_group(self, visit: tokens.Pass) -> str:
        return f"csbot.visitor.{visit.sender}"

    async def _join(self, visit: tokens.Pass) -> None:
        await self.channel_layer.group_add(self._visitor_group(visit), self.channel_name)
        await self.channel_layer.group_send(
            self._visitor_group(visit), {"type": "visitor.joined", "channel": self.channel_name}
        )

    async def visitor_joined(self, event: dict[str, Any]) -> None:
        if event["channel"] != self.channel_name:
            self._newer.add(event["channel"])
            if len(self._newer) >= conf.WEBCHAT_SOCKETS():
                self._shut(Close.TOO_MANY_SOCKETS, "This visitor opened newer sockets.")

    async def visitor_left(self, event: dict[str, Any]) -> None:
        self._newer.discard(event["channel"])

    # What leaves.

    def _post(self, frame: Mapping[str, Any]) -> None:
        self._put(protocol.dump(frame))

    def _put(self, frame: str) -> None:
        if self._closing:
            return
        try:
            self._queue.put_nowait(frame)
        except asyncio.QueueFull:
            self._shut(Close.LAGGING, "The client reads too slowly.")

    def _error(self, code: str, message: str, *, retry_after: float | None = None, client_id: str = "") -> None:
        frame: protocol.Error = {"type": "error", "code": code, "message": message}
        if retry_after is not None:
            frame["retry_after"] = round(retry_after, 2)
        if client_id:
            frame["client_id"] = client_id
        self._post(frame)

    def _shut(self, code: Close, reason: str) -> None:
        """Closes after what is already queued, or at once when the queue itself is the trouble."""
        if self._closing:
            return
        self._closing = True
        if self._queue.full():
            self._tasks.append(asyncio.create_task(self._hang_up(code, reason)))
        else:
            self._queue.put_nowait((code, reason))

    async def _write(self) -> None:
        deadline = conf.WEBCHAT_SEND_SECONDS()
        while True:
            item = await self._queue.get()
            if not isinstance(item, str):
                await self._hang_up(*item)
                return
            try:
                async with asyncio.timeout(deadline):
                    await self.send(text_data=item)
            except TimeoutError:
                self._closing = True
                await self._hang_up(Close.LAGGING, "The client reads too slowly.")
                return
            except OSError:  # the client is gone; the disconnect is on its way
                return

    async def _hang_up(self, code: Close, reason: str) -> None:
        # A client that reads nothing does not take the closing frame either: then the connection is dropped.
        try:
            async with asyncio.timeout(1):
                await self.close(code=int(code), reason=reason[:100])
        except (TimeoutError, OSError):
            self._dropped = True
            if self._main is not None:
                self._main.cancel()

    async def _await_hello(self) -> None:
        await asyncio.sleep(conf.WEBCHAT_HELLO_SECONDS())
        if self.visit is None:
            self._shut(Close.HELLO_TIMEOUT, "No hello in time.")

    async def _leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self.visit is None:
            return
        group = self._visitor_group(self.visit)
        await self._detach()
        await self.channel_layer.group_discard(group, self.channel_name)
        await self.channel_layer.group_send(group, {"type": "visitor.left", "channel": self.channel_name})
