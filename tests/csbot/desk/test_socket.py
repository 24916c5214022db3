"""The staff socket: lists, conversations by seq, and a no for whoever has no business here."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from csbot import conversations
from csbot.desk.consumer import DeskConsumer
from csbot.messages import Inbound
from csbot.models import Membership
from csbot.pools import close as close_pool
from csbot.pools import in_database
from tests.csbot.staff import Shop, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
OWN = "http://localhost"


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.CSBOT_RUNNER = "tests.csbot.desk.test_socket.NoRunner"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


class NoRunner:
    """Turns are somebody else's subject here."""

    def wake(self, conversation_id: UUID) -> None:
        """Nothing runs."""

    def stop(self) -> None:
        """Nothing ran."""


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return open_shop("sock")


def cookie_of(user: User) -> bytes:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()


Open = Callable[..., Any]


@pytest.fixture
async def desk(shop: Shop) -> AsyncIterator[Open]:
    """Opens staff sockets, and closes them at the end."""
    opened = []

    async def connect(user: User | None, origin: str = OWN) -> "Page | None":
        headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
        if user is not None:
            headers.append((b"cookie", await in_database(cookie_of, user)))
        scope = {"type": "websocket", "path": "/csbot/desk/ws/", "headers": headers, "query_string": b"lang=en"}
        socket = ApplicationCommunicator(DeskConsumer.as_asgi(), scope)  # type: ignore[no-untyped-call]
        await socket.send_input({"type": "websocket.connect"})  # type: ignore[no-untyped-call]
        if (await socket.receive_output(timeout=60))["type"] != "websocket.accept":  # type: ignore[no-untyped-call]
            return None
        opened.append(socket)
        return Page(socket)

    yield connect
    for socket in opened:
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})  # type: ignore[no-untyped-call]
        await socket.wait(timeout=60)  # type: ignore[no-untyped-call]
    await asyncio.to_thread(close_pool)


class Page:
    """The other end of a staff socket."""

    def __init__(self, socket: ApplicationCommunicator) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def tells(self, frame: dict[str, Any] | str) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self.socket.send_input({"type": "websocket.receive", "text": text})  # type: ignore[no-untyped-call]

    async def frame(self) -> dict[str, Any]:
        message = await self.socket.receive_output(timeout=60)  # type: ignore[no-untyped-call]
        assert message["type"] == "websocket.send", message
        frame: dict[str, Any] = json.loads(message["text"])
        self.heard.append(frame)
        return frame

    async def hears(self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The next frame of `kind` that fits; what came in between is kept in `heard`."""
        async with asyncio.timeout(15):
            while True:
                frame = await self.frame()
                if frame["type"] == kind and fits(frame):
                    return frame

    async def shows(self, fits: Callable[[dict[str, Any]], bool]) -> None:
        """The lists as the page has them now fit, or soon do. They may have come while something else was awaited."""
        newest = next((frame for frame in reversed(self.heard) if frame["type"] == "snapshot"), None)
        if newest is None or not fits(newest):
            await self.hears("snapshot", fits)

    async def asks(self, **frame: Any) -> dict[str, Any]:
        """The answer, done or refused, to a frame."""
        frame.setdefault("id", uuid4().hex)
        await self.tells({key: str(value) if isinstance(value, UUID) else value for key, value in frame.items()})
        async with asyncio.timeout(15):
            while True:
                answer = await self.frame()
                if answer.get("id") == frame["id"]:
                    return answer


async def test_an_agent_sees_who_waits_on_connecting(shop: Shop, desk: Open) -> None:
    conversation = await in_database(shop.ada_writes)
    await in_database(shop.waits, conversation, "anger")
    page = await desk(shop.bo)
    lists = await page.hears("snapshot")
    assert [(row["conversation"], row["reason"]) for row in lists["waiting"]] == [(str(conversation.pk), "anger")]
    assert lists["me"]["name"] == "Bo"


async def test_the_lists_follow_what_happens(shop: Shop, desk: Open) -> None:
    page = await desk(shop.bo)
    await page.shows(lambda lists: not lists["waiting"])
    conversation = await in_database(shop.ada_writes)
    await in_database(shop.waits, conversation)
    await page.shows(lambda lists: len(lists["waiting"]) == 1)


async def test_strangers_outsiders_and_foreign_pages_are_refused(shop: Shop, desk: Open) -> None:
    assert await desk(None) is None
    assert await desk(shop.cy) is None
    assert await desk(shop.bo, "https://evil.example") is None
    assert await desk(shop.bo, "") is None


async def test_a_conversation_is_followed_by_seq_and_resumed(shop: Shop, desk: Open) -> None:
    conversation = await in_database(shop.ada_writes)
    await in_database(shop.waits, conversation)
    page = await desk(shop.bo)
    assert (await page.asks(type="open", conversation=conversation.pk, after=0))["type"] == "done"
    assert [frame["type"] for frame in page.heard if frame["type"] in ("card", "entries")] == ["card", "entries"]
    await in_database(conversations.receive, Inbound("sock-web", "ada", "1", text="Anybody there?"))
    entries = await page.hears("entries", lambda frame: frame["entries"][-1]["text"] == "Anybody there?")
    again = await desk(shop.bo)
    await again.asks(type="open", conversation=conversation.pk, after=entries["entries"][-1]["seq"] - 1)
    resumed = next(frame for frame in again.heard if frame["type"] == "entries")
    assert [entry["text"] for entry in resumed["entries"]] == ["Anybody there?"]


async def test_bo_takes_and_answers_while_di_is_told_no(shop: Shop, desk: Open) -> None:
    conversation = await in_database(shop.ada_writes)
    await in_database(shop.waits, conversation)
    bo, di = await desk(shop.bo), await desk(shop.di)
    assert (await bo.asks(type="take", conversation=conversation.pk))["type"] == "done"
    await bo.shows(lambda lists: len(lists["mine"]) == 1)
    refused = await di.asks(type="take", conversation=conversation.pk)
    assert (refused["type"], refused["code"]) == ("refused", "taken")
    said = await bo.asks(type="say", conversation=conversation.pk, text="Hello Ada", id="once")
    again = await bo.asks(type="say", conversation=conversation.pk, text="Hello Ada", id="once")
    assert said["seq"] == again["seq"]
    assert (await di.asks(type="say", conversation=conversation.pk, text="Me too"))["code"] == "not_yours"
    await di.shows(lambda lists: [row["agent"] for row in lists["others"]] == ["Bo"])
    closed = await bo.asks(type="close", conversation=conversation.pk, outcome="resolved")
    assert closed["type"] == "done"
    await bo.shows(lambda lists: not lists["mine"])


async def test_a_conversation_of_another_queue_is_as_if_there_were_none(shop: Shop, desk: Open) -> None:
    conversation = await in_database(shop.ada_writes)
    page = await desk(shop.bo)
    for kind in ("open", "card", "take", "note", "read"):
        answer = await page.asks(type=kind, conversation=conversation.pk, text="x")
        assert answer["code"] == "unknown_conversation", kind
    assert (await page.asks(type="take", conversation=uuid4()))["code"] == "unknown_conversation"


async def test_both_sides_see_the_other_typing(shop: Shop, desk: Open) -> None:
    conversation = await in_database(shop.ada_writes)
    await in_database(shop.waits, conversation)
    bo, di = await desk(shop.bo), await desk(shop.di)
    for page in (bo, di):
        await page.asks(type="open", conversation=conversation.pk, after=0)
    await bo.tells({"type": "typing", "conversation": str(conversation.pk), "on": True})
    heard = await di.hears("ephemeral")
    assert heard["payload"] == {"kind": "typing", "sender": "agent", "name": "Bo", "on": True}


@pytest.mark.parametrize("frame", ["", "{", "[]", '{"type":"dance"}', '{"type":"take","conversation":"x"}', "\x00"])
async def test_bad_frames_are_answered_and_change_nothing(shop: Shop, desk: Open, frame: str) -> None:
    page = await desk(shop.bo)
    await page.tells(frame)
    await page.hears("refused")
    await page.tells({"type": "ping"})
    await page.hears("pong")


async def test_a_role_that_is_lost_ends_the_socket(shop: Shop, desk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csbot.desk.consumer.SEEN_SECONDS", 0.05)
    page = await desk(shop.bo)
    await page.hears("snapshot")
    await in_database(Membership.objects.filter(user=shop.bo).delete)
    async with asyncio.timeout(60):
        while (message := await page.socket.receive_output(timeout=60))["type"] != "websocket.close":
            pass
    assert message["code"] == 4401
