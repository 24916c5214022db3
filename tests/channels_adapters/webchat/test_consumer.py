"""The socket of a visitor, spoken to frame by frame in this process."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from pytest_django import Settings

from channels_adapters.asgi import with_csbot
from channels_adapters.webchat import consumer, tokens
from csbot import conversations, runtime, turns
from csbot.messages import Vouched
from csbot.models import Conversation, Entry, Inbox
from tests.channels_adapters.webchat.scripted import NASTY

pytestmark = [pytest.mark.django_db(transaction=True)]

HOST = "chat.example"
ORIGIN = f"https://{HOST}"
PATIENCE = 30  # seconds for what comes in milliseconds, on a machine that does other things too


class Inline:
    """A runner that answers before the message is acknowledged: no thread outlives a test."""

    def wake(self, conversation_id: UUID) -> None:
        turns.work(conversation_id)

    def stop(self) -> None:
        """Nothing runs on its own."""


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = [HOST]
    settings.CSBOT_ENGINE = "tests.channels_adapters.webchat.scripted.respond"
    settings.CSBOT_RUNNER = "tests.channels_adapters.webchat.test_consumer.Inline"
    consumer.messages_of._seen.clear()


@pytest.fixture
async def sockets() -> AsyncIterator["Sockets"]:
    opened = Sockets()
    yield opened
    for socket in opened.all:
        await socket.disconnect()
    await runtime.stop()


class Socket(ApplicationCommunicator):  # asgiref's test tools are not typed
    """One browser tab of a visitor."""

    def __init__(self, application: Any, path: str, origin: str) -> None:
        headers = [(b"host", HOST.encode()), (b"origin", origin.encode())]
        scope = {"type": "websocket", "path": path, "headers": headers, "query_string": b"", "subprotocols": []}
        super().__init__(application, scope)  # type: ignore[no-untyped-call]

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})  # type: ignore[no-untyped-call]
        answer = await self.receive_output(timeout=PATIENCE)  # type: ignore[no-untyped-call]
        return bool(answer["type"] == "websocket.accept")

    async def send_to(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text_data, "bytes": bytes_data})  # type: ignore[no-untyped-call]

    async def receive_from(self, timeout: float = PATIENCE) -> str:  # noqa: ASYNC109 - the communicator's own way
        event = await self.receive_output(timeout=timeout)  # type: ignore[no-untyped-call]
        assert event["type"] == "websocket.send", event
        return str(event["text"])

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})  # type: ignore[no-untyped-call]
        await self.wait(PATIENCE)  # type: ignore[no-untyped-call]

    async def say(self, **frame: Any) -> None:
        await self.send_to(text_data=json.dumps(frame))

    async def hears(self, *kinds: str) -> dict[str, Any]:
        """The next frame of one of these types; what comes before it is passed over."""
        while True:
            frame: dict[str, Any] = json.loads(await self.receive_from())
            if frame["type"] in kinds:
                return frame

    async def entry(self, text: str) -> dict[str, Any]:
        while True:
            frame = await self.hears("entry")
            if frame.get("text") == text:
                return frame

    async def closes(self) -> int:
        while True:
            event = await self.receive_output(timeout=PATIENCE)  # type: ignore[no-untyped-call]
            if event["type"] == "websocket.close":
                return int(event["code"])


class Sockets:
    def __init__(self) -> None:
        self.application = with_csbot(lambda *_: asyncio.sleep(0))
        self.all: list[Socket] = []

    def socket(self, origin: str = ORIGIN, inbox: str = "web") -> Socket:
        socket = Socket(self.application, f"/csbot/ws/{inbox}/", origin)
        self.all.append(socket)
        return socket

    async def open(
        self, sender: str = "v-ada", *, vouched: Vouched | None = None, **hello: Any
    ) -> tuple[Socket, dict[str, Any]]:
        socket = self.socket()
        assert await socket.connect()
        token = tokens.issue(tokens.Pass("web", sender, ORIGIN, vouched))
        await socket.say(type="hello", v=1, token=token, language="en", **hello)
        return socket, await socket.hears("ready")


async def test_visitor_is_greeted_and_answered(sockets: Sockets) -> None:
    ada, ready = await sockets.open()
    assert (ready["conversation"], ready["status"], ready["last_seq"]) == (None, "none", 0)
    await ada.say(type="start")
    assert (await ada.hears("ready"))["status"] == "open"
    greeting = await ada.entry("Hello! How can I help?")
    assert greeting["data"]["buttons"][0] == {"title": "Return an item", "value": "return"}
    await ada.say(type="message", client_id="c1", text="Hi")
    ack = await ada.hears("ack")
    mine = await ada.entry("Hi")
    assert (ack["client_id"], ack["seq"]) == ("c1", mine["seq"])
    assert mine["data"] == {"client_id": "c1"}
    assert (await ada.entry("You said: Hi"))["seq"] == mine["seq"] + 1


async def test_the_same_message_twice_is_stored_once(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text="Hi")
    first = await ada.hears("ack")
    await ada.entry("You said: Hi")
    await ada.say(type="message", client_id="c1", text="Hi")
    assert await ada.hears("ack") == first
    assert await Entry.objects.filter(text="Hi").acount() == 1


async def test_a_second_socket_resumes_after_a_seq(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text="one")
    seen = await ada.entry("You said: one")
    conversation = str((await Conversation.objects.aget()).pk)
    await ada.disconnect()
    sockets.all.remove(ada)
    late, _ = await sockets.open(conversation=conversation, after=seen["seq"] - 1)
    assert (await late.hears("entry"))["seq"] == seen["seq"]


async def test_a_seq_from_the_future_is_named_and_everything_comes_again(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text="one")
    await ada.entry("You said: one")
    conversation = str((await Conversation.objects.aget()).pk)
    token = tokens.issue(tokens.Pass("web", "v-ada", ORIGIN))
    late = sockets.socket()
    await late.connect()
    await late.say(type="hello", v=1, token=token, conversation=conversation, after=999)
    assert (await late.hears("error"))["code"] == "future_seq"
    assert (await late.hears("ready"))["after"] == 0
    assert (await late.hears("entry"))["seq"] == 1


async def test_two_tabs_hear_the_same(sockets: Sockets) -> None:
    one, _ = await sockets.open()
    await one.say(type="start")
    await one.entry("Hello! How can I help?")
    two, _ = await sockets.open()
    await two.entry("Hello! How can I help?")
    await one.say(type="message", client_id="c1", text="both")
    assert (await one.entry("You said: both"))["seq"] == (await two.entry("You said: both"))["seq"]


async def test_another_visitor_hears_nothing(sockets: Sockets) -> None:
    ada, _ = await sockets.open("v-ada")
    cy, _ = await sockets.open("v-cy")
    await ada.say(type="message", client_id="c1", text="secret")
    await ada.entry("You said: secret")
    await cy.say(type="ping")
    assert json.loads(await cy.receive_from()) == {"type": "pong"}
    conversation = str((await Conversation.objects.aget()).pk)
    _nosy, ready = await sockets.open("v-cy", conversation=conversation, after=0)
    assert ready["conversation"] is None


async def test_the_signed_in_user_is_verified(sockets: Sockets) -> None:
    ada, _ = await sockets.open(vouched=Vouched("ada", "ada@shop.example", "Ada"))
    await ada.say(type="start")
    await ada.entry("Hello! How can I help?")
    conversation = await Conversation.objects.select_related("contact").aget()
    assert (conversation.assurance, conversation.subject, conversation.contact.name) == ("verified", "ada", "Ada")


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", f"https://{HOST}.evil.example"])
async def test_a_foreign_website_is_refused_before_the_handshake(sockets: Sockets, origin: str) -> None:
    assert not await sockets.socket(origin).connect()


async def test_an_inbox_that_does_not_exist_is_refused(sockets: Sockets) -> None:
    assert not await sockets.socket(inbox="nowhere").connect()


async def test_a_listed_website_may_come(sockets: Sockets) -> None:
    await Inbox.objects.aupdate(origins=["https://shop.example"])
    assert await sockets.socket("https://shop.example").connect()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "forged",
        tokens.issue(tokens.Pass("other", "v-ada", ORIGIN)),
        tokens.issue(tokens.Pass("web", "v-ada", "https://evil.example")),
    ],
)
async def test_a_token_that_proves_nothing_closes_4401(sockets: Sockets, token: str) -> None:
    cy = sockets.socket()
    await cy.connect()
    await cy.say(type="hello", v=1, token=token)
    assert (await cy.hears("error"))["code"] == "token"
    assert await cy.closes() == 4401


async def test_an_expired_token_closes_4401(sockets: Sockets, settings: Settings) -> None:
    settings.CSBOT_WEBCHAT_TOKEN_SECONDS = -1
    ada = sockets.socket()
    await ada.connect()
    await ada.say(type="hello", v=1, token=tokens.issue(tokens.Pass("web", "v-ada", ORIGIN)))
    assert await ada.closes() == 4401


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ('{"type":"hello","v":7,"token":""}', 4426),
        ("not json", 4400),
        ('{"type":"message","client_id":"a","text":"before hello"}', 4400),
        ('{"type":"nonsense"}', 4400),
        ("x" * 70_000, 4413),
    ],
)
async def test_what_may_not_come_first_closes_with_its_reason(sockets: Sockets, raw: str, code: int) -> None:
    cy = sockets.socket()
    await cy.connect()
    await cy.send_to(text_data=raw)
    assert await cy.closes() == code


async def test_no_hello_in_time_closes_4408(sockets: Sockets, settings: Settings) -> None:
    settings.CSBOT_WEBCHAT_HELLO_SECONDS = 0.01
    cy = sockets.socket()
    await cy.connect()
    assert await cy.closes() == 4408


async def test_binary_and_broken_frames_close_and_change_nothing(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.send_to(bytes_data=b"\x00\x01")
    assert (await ada.hears("error"))["code"] == "binary"
    assert await ada.closes() == 4400
    assert not await Entry.objects.aexists()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "nonsense"}, "unknown_type"),
        ({"type": "message", "client_id": "c1", "text": ""}, "empty"),
        ({"type": "message", "client_id": "c1", "text": "x" * 4001}, "too_long"),
        (
            {"type": "message", "client_id": "c1", "attachments": ["7f4b1a52-3a9c-4f0e-9a57-0b8c3d1f2e4d"]},
            "unknown_attachment",
        ),
        ({"type": "rating", "value": 9}, "bad_field"),
        ({"type": "rating", "value": 5}, "no_conversation"),
        ({"type": "hello", "v": 1, "token": "again"}, "token"),
    ],
)
async def test_a_mistake_is_answered_and_stores_nothing(sockets: Sockets, frame: dict[str, Any], code: str) -> None:
    ada, _ = await sockets.open()
    await ada.say(**frame)
    error = await ada.hears("error")
    assert error["code"] == code
    assert error.get("client_id", "") == frame.get("client_id", "")
    assert not await Entry.objects.filter(kind="message").aexists()


async def test_a_hundred_messages_in_a_second_are_refused_before_storing(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer.messages_of, "seconds", 600.0)  # on a slow machine a hundred take longer than ten
    ada, _ = await sockets.open()
    for number in range(100):
        await ada.say(type="message", client_id=f"c{number}", text="hi")
    answers = [await ada.hears("ack", "error") for _message in range(100)]
    assert [frame["type"] for frame in answers] == ["ack"] * 20 + ["error"] * 80
    assert all(frame["code"] == "rate" and 0 < frame["retry_after"] <= 600 for frame in answers[20:])
    assert await Entry.objects.filter(text="hi").acount() == 20


async def test_a_hundred_messages_over_sockets_of_many_processes_are_refused_before_storing(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer.messages_of, "wait", lambda key, now: 0.0)  # each process has seen few of them
    tabs = [(await sockets.open())[0] for _tab in range(2)]
    started = time.monotonic()
    for number in range(100):
        await tabs[number % 2].say(type="message", client_id=f"c{number}", text="hi")
    answers = [await tab.hears("ack", "error") for tab in tabs for _message in range(50)]
    stored = [frame for frame in answers if frame["type"] == "ack"]
    refused = [frame for frame in answers if frame["type"] == "error"]
    assert 20 <= len(stored) <= 21 + 2 * (time.monotonic() - started)
    assert all(frame["code"] == "rate" and 0 < frame["retry_after"] <= 10 for frame in refused)
    assert await Entry.objects.filter(text="hi").acount() == len(stored)


async def test_the_fourth_socket_closes_the_first(sockets: Sockets) -> None:
    first, _ = await sockets.open()
    for _ in range(2):
        await sockets.open()
    await first.say(type="ping")
    await first.hears("pong")
    await sockets.open()
    assert await first.closes() == 4409


async def test_a_socket_that_left_counts_no_more(sockets: Sockets) -> None:
    first, _ = await sockets.open()
    for _ in range(5):
        other, _ = await sockets.open()
        await other.disconnect()
        sockets.all.remove(other)
    await first.say(type="ping")
    await first.hears("pong")


async def test_customer_asks_for_a_person_ends_and_rates(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="person")
    status = await ada.hears("entry")
    while status.get("kind") != "status":
        status = await ada.hears("entry")
    assert (status["data"]["status"], status["data"]["position"]) == ("queued", 1)
    await ada.say(type="end")
    while status["data"]["status"] != "closed":
        status = await ada.hears("entry")
    assert status["data"]["by"] == "customer"
    await ada.say(type="rating", value=4, comment="Quick")
    rating = await ada.hears("entry")
    assert (rating["kind"], rating["data"]) == ("rating", {"rating": 4})
    conversation = await Conversation.objects.aget()
    assert (conversation.status, conversation.rating, conversation.rating_comment) == ("closed", 4, "Quick")


async def test_a_message_after_the_end_opens_the_next_conversation(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text="one")
    await ada.entry("You said: one")
    await ada.say(type="end")
    first = await Conversation.objects.aget()
    await ada.say(type="message", client_id="c2", text="two")
    ready = await ada.hears("ready")
    assert ready["conversation"] != str(first.pk)
    assert (await ada.entry("two"))["seq"] < (await ada.entry("You said: two"))["seq"]


async def test_read_marks_and_what_was_heard_become_entries(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="start")
    greeting = await ada.entry("Hello! How can I help?")
    await ada.say(type="read", through=greeting["seq"])
    read = await ada.hears("entry")
    assert (read["kind"], read["sender"], read["data"]) == ("read", "customer", {"through": greeting["seq"]})
    await ada.say(type="heard", seq=greeting["seq"], text="Hello!", complete=False)
    await ada.hears("entry")
    heard = await Entry.objects.aget(kind="heard")
    assert (heard.text, heard.data) == ("Hello!", {"seq": greeting["seq"], "complete": False})


async def test_notes_among_staff_reach_the_customer_as_bare_numbers(sockets: Sockets) -> None:
    from django.contrib.auth.models import User

    ada, _ = await sockets.open()
    await ada.say(type="start")
    greeting = await ada.entry("Hello! How can I help?")
    conversation = await Conversation.objects.aget()
    bo = await sync_to_async(User.objects.create_user)("bo")
    await sync_to_async(conversations.note)(conversation.pk, bo, "difficult")
    assert await ada.hears("entry") == {"type": "entry", "seq": greeting["seq"] + 1}


async def test_the_agents_typing_is_seen_and_the_customers_own_is_not_echoed(sockets: Sockets) -> None:
    from csbot.events import ephemeral

    ada, _ = await sockets.open()
    await ada.say(type="start")
    await ada.entry("Hello! How can I help?")
    await ada.say(type="typing", on=True)
    await ada.say(type="ping")
    await ada.hears("pong")
    conversation = await Conversation.objects.aget()
    ephemeral(conversation.pk, {"kind": "typing", "sender": "agent", "name": "Bo", "on": True})
    assert await ada.hears("typing") == {"type": "typing", "sender": "agent", "name": "Bo", "on": True}
    ephemeral(conversation.pk, {"kind": "presence", "agent": "secret"})
    await ada.say(type="ping")
    assert json.loads(await ada.receive_from()) == {"type": "pong"}


async def test_script_tags_travel_as_text(sockets: Sockets) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text=NASTY)
    assert (await ada.entry(NASTY))["text"] == NASTY


@pytest.mark.parametrize("text", ["👩‍👩‍👧 ok", "שלום עולם", "a\u200bb", "\u202eevil"])
async def test_every_script_is_stored_as_it_came(sockets: Sockets, text: str) -> None:
    ada, _ = await sockets.open()
    await ada.say(type="message", client_id="c1", text=text)
    assert (await ada.entry(text))["sender"] == "customer"
