"""One scripted conversation with a running site, through its real websocket: what `csbot_demo --check` shows."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

ANSWER_SECONDS = 60.0
QUIET_SECONDS = 0.4


class CheckError(Exception):
    """The site did not do what it should; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the customer says, and what the answer to it must hold."""

    says: str
    holds: Callable[[list[dict[str, Any]]], bool]
    should: str


def said(*any_of: str) -> Callable[[list[dict[str, Any]]], bool]:
    """Whether the bot's messages hold one of these, whatever the case."""
    return lambda entries: any(
        word.lower() in entry["text"].lower()
        for entry in entries
        if entry.get("kind") == "message" and entry["sender"] != "customer"
        for word in any_of
    )


def queued(entries: list[dict[str, Any]]) -> bool:
    """Whether the conversation entered a queue, or became a ticket for want of people at this hour."""
    return any(
        entry.get("kind") == "status" and entry["data"].get("status") in ("queued", "ticket") for entry in entries
    )


SCRIPT = (
    Step("Can I return an item I bought online?", said("order number"), "ask for the order number"),
    Step(
        "My order number is 12345 and I would like to return a shirt.",
        said("12345", "shirt"),
        "find order 12345 and confirm the shirt",
    ),
    Step("yes", said("email", "e-mail"), "start the return and announce an e-mail"),
    Step("no thanks, that is all", lambda entries: bool(entries), "answer"),
    Step("我想咨询一下产品的退货政策?", said("退货", "退"), "answer from the Chinese article"),
    Step("那邮费谁付?", said("邮费", "运费", "承担", "免费"), "say who pays the postage"),
    Step("转人工", lambda entries: queued(entries) or said("人工", "邮箱", "邮件")(entries), "pass to a person"),
)


def converse(url: str, inbox: str, vouch: str, tell: Callable[[str, str], object]) -> None:
    """Runs SCRIPT against the site at `url` as the vouched customer. Raises `CheckError` at the first wrong answer.

    `tell(who, text)` hears every line as it comes.
    """
    from websockets.sync.client import connect
    from websockets.typing import Origin

    session = open_session(url, inbox, vouch)
    socket_url = url.replace("http", "ws", 1) + session["socket"]
    with connect(socket_url, origin=Origin(url), open_timeout=10) as socket:
        socket.send(json.dumps({"type": "hello", "v": session["v"], "token": session["token"], "language": "en"}))
        socket.send(json.dumps({"type": "start"}))
        ledger = Ledger(socket)
        for entry in ledger.answers():
            _tell(entry, tell)
        for number, step in enumerate(SCRIPT, start=1):
            tell("customer", step.says)
            socket.send(json.dumps({"type": "message", "client_id": f"check-{number}", "text": step.says}))
            heard = []
            for entry in ledger.answers():
                heard.append(entry)
                _tell(entry, tell)
            if not step.holds(heard):
                raise CheckError(f"To “{step.says}” the bot should {step.should}.")


def open_session(url: str, inbox: str, vouch: str = "") -> dict[str, Any]:
    """What the widget gets before it opens its socket: a token, the socket's path, the protocol's version.

    Raises `CheckError` when the site does not believe `vouch`.
    """
    body = json.dumps({"language": "en", "vouch": vouch}).encode()
    request = Request(  # noqa: S310 - our own server on loopback
        f"{url}/csbot/webchat/{inbox}/session",
        data=body,
        headers={"Content-Type": "application/json", "Origin": url},
        method="POST",
    )
    with urlopen(request, timeout=10) as response:  # noqa: S310 - as above
        session: dict[str, Any] = json.load(response)
    if session.get("warning"):
        raise CheckError(f"The site does not believe who the customer is: {session['warning']}")
    return session


class Ledger:
    """What came over one socket: every entry once and in order, in whichever conversation is the present one."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.conversation = ""
        self.seen = 0

    def answers(self) -> Iterator[dict[str, Any]]:
        """New entries, until the bot has answered and it has been quiet for a moment. Raises `CheckError`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        answered = False
        while True:
            wait = QUIET_SECONDS if answered else deadline - time.monotonic()
            if wait <= 0:
                raise CheckError(f"No answer within {ANSWER_SECONDS:.0f} s.")
            try:
                frame = json.loads(self.socket.recv(timeout=wait))
            except TimeoutError:
                if answered:
                    return
                continue
            if frame["type"] == "error":
                raise CheckError(f"The site refused a frame: {frame['message']}")
            if frame["type"] == "ready" and frame["conversation"] != self.conversation:
                self.conversation, self.seen = frame["conversation"], frame["after"]
            if frame["type"] != "entry":
                continue
            if frame["seq"] != self.seen + 1:
                raise CheckError(f"Entry {self.seen + 1} should have come; {frame['seq']} did.")
            self.seen = frame["seq"]
            answered = answered or (frame.get("kind") == "message" and frame.get("sender") != "customer")
            yield frame


def _tell(entry: dict[str, Any], tell: Callable[[str, str], object]) -> None:
    if entry.get("kind") == "message" and entry["sender"] != "customer":
        tell(entry["sender"], entry["text"])
    elif entry.get("kind") == "status":
        names = entry["data"].get("queue") or {}
        tell("status", " ".join(filter(None, [str(entry["data"].get("status", "")), names.get("en", "")])))
