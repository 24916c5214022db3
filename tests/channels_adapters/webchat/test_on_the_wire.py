"""The real server and a real websocket client: what only they can show."""

import asyncio
import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests import live
from tests.live import Site


class Visitor:
    """A client with an outbox and a memory of what it saw, as docs/webchat.md asks of one."""

    def __init__(self, site: Site) -> None:
        self.url = site.url
        self.secret = ""
        self.conversation: str | None = None
        self.seen: list[dict[str, Any]] = []

    def session(self) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/csbot/webchat/web/session",
            json.dumps({"visitor": self.secret, "language": "en"}).encode(),
            {"Origin": self.url, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            data: dict[str, Any] = json.load(answer)
        self.secret = data.get("visitor", self.secret)
        return data

    @contextlib.asynccontextmanager
    async def connected(self, **options: Any) -> AsyncIterator[ClientConnection]:
        session = await asyncio.to_thread(self.session)
        address = self.url.replace("http", "ws", 1) + session["socket"]
        async with connect(address, origin=self.url, proxy=None, **options) as socket:  # type: ignore[arg-type]
            after = self.seen[-1]["seq"] if self.seen else 0
            hello = {
                "type": "hello",
                "v": 1,
                "token": session["token"],
                "conversation": self.conversation,
                "after": after,
            }
            await socket.send(json.dumps(hello))
            yield socket

    async def take(self, socket: ClientConnection) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 60))
        if frame["type"] == "ready" and frame["conversation"]:
            self.conversation = frame["conversation"]
        elif frame["type"] == "entry":
            assert frame["seq"] == len(self.seen) + 1, "an entry was lost, doubled or out of order"
            self.seen.append(frame)
        return frame

    async def until(self, socket: ClientConnection, text: str) -> None:
        while not any(entry.get("text") == text for entry in self.seen):
            await self.take(socket)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_foreign_origin_gets_http_403(site: Site, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{site.url.replace('http', 'ws', 1)}/csbot/ws/web/", origin=origin, proxy=None):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_a_megabyte_closes_the_socket_and_nothing_else(site: Site) -> None:
    ada = Visitor(site)
    async with ada.connected() as socket:
        await ada.take(socket)
        await socket.send(json.dumps({"type": "message", "client_id": "big", "text": "x" * 1_000_000}))
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await ada.take(socket)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code in (1009, 4413)
    async with ada.connected() as socket:
        await socket.send(json.dumps({"type": "message", "client_id": "small", "text": "still there"}))
        await ada.until(socket, "You said: still there")


async def test_nothing_is_lost_when_the_server_is_replaced(tmp_path: Path) -> None:
    settings = "tests.channels_adapters.webchat.site"
    with live.serve(tmp_path / "var", settings=settings) as site:
        ada = Visitor(site)
        async with ada.connected() as socket:
            await socket.send(json.dumps({"type": "message", "client_id": "c1", "text": "one"}))
            await ada.until(socket, "You said: one")
    port = int(site.url.rpartition(":")[2])
    with live.running(site, port):
        async with ada.connected() as socket:
            for client_id, text in (("c1", "one"), ("c2", "two")):
                await socket.send(json.dumps({"type": "message", "client_id": client_id, "text": text}))
            await ada.until(socket, "You said: two")
    texts = [entry.get("text") for entry in ada.seen if entry.get("kind") == "message"]
    assert texts == ["one", "You said: one", "two", "You said: two"]


async def test_a_client_that_stops_reading_is_closed_and_resumes(tmp_path: Path) -> None:
    """A deadline of one second, a replay too large for every buffer on the way, and a client that reads nothing."""
    with live.serve(tmp_path / "var", settings="tests.channels_adapters.webchat.site_impatient") as site:
        ada = Visitor(site)
        async with ada.connected() as socket:
            await socket.send(json.dumps({"type": "start"}))
            await ada.until(socket, "Hello! How can I help?")
        site.shell(
            "from django.db import transaction\n"
            "from csbot import entries\n"
            "from csbot.models import Conversation, Entry\n"
            "with transaction.atomic():\n"
            "    chat = entries.lock(Conversation.objects.get().pk)\n"
            "    more = [Entry(conversation=chat, kind='message', sender='bot', text='x' * 8000) for _ in [0] * 3000]\n"
            "    entries.append_all(chat, more)"
        )
        async with ada.connected(max_queue=1, compression=None) as socket:
            await asyncio.sleep(4)  # the client's own laziness is what is tested
            with pytest.raises(ConnectionClosed):
                while True:
                    await ada.take(socket)
        assert len(ada.seen) < 3002
        while len(ada.seen) < 3002:
            with contextlib.suppress(ConnectionClosed):
                async with ada.connected() as socket:
                    while len(ada.seen) < 3002:
                        await ada.take(socket)
