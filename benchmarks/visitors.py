"""Visitors with real websockets, and the ledger each of them keeps: what was sent, what came back, and when."""

import asyncio
import itertools
import json
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

INBOX = "shop"


@dataclass
class Sent:
    """One message of a visitor. Times in seconds of the monotonic clock; None until it happened."""

    text: str
    at: float
    acked: float | None = None
    seq: int | None = None
    replied: float | None = None
    expects_reply: bool = True


@dataclass
class Visitor:
    """One browser: sends when it is told to, whether or not an answer has come (an open loop)."""

    url: str
    number: int
    conversation: str = ""
    sent: dict[str, Sent] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _socket: ClientConnection | None = None
    _reader: asyncio.Task[None] | None = None

    async def arrive(self, *, greeted: bool = True) -> None:
        """Gets a token, opens the socket, says hello, and starts a conversation when `greeted`."""
        session = await asyncio.to_thread(self._session)
        self._socket = await connect(
            self.url.replace("http", "ws", 1) + session["socket"],
            origin=self.url,  # type: ignore[arg-type]
            max_queue=None,
            ping_interval=None,
            compression=None,
        )
        await self._write({"type": "hello", "v": session["v"], "token": session["token"], "language": "en"})
        self._reader = asyncio.create_task(self._read())
        if greeted:
            await self._write({"type": "start"})

    def _session(self) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/csbot/webchat/{INBOX}/session",
            data=b'{"language": "en"}',
            headers={"Content-Type": "application/json", "Origin": self.url},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            session: dict[str, Any] = json.load(response)
            return session

    async def say(self, text: str, *, expects_reply: bool = True) -> None:
        """Sends now. The clock starts before the write, so that a blocked socket counts."""
        client_id = f"{self.number}-{len(self.sent)}"
        self.sent[client_id] = Sent(text, time.monotonic(), expects_reply=expects_reply)
        await self._write({"type": "message", "client_id": client_id, "text": text})

    async def leave(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            self._reader.cancel()

    @property
    def settled(self) -> bool:
        """Everything sent has been acknowledged, and answered where an answer is due."""
        return all(sent.acked and (sent.replied or not sent.expects_reply) for sent in self.sent.values())

    async def _write(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    async def _read(self) -> None:
        assert self._socket is not None
        async for raw in self._socket:
            now = time.monotonic()
            frame = json.loads(raw)
            match frame["type"]:
                case "ready":
                    self.conversation = frame["conversation"] or self.conversation
                case "ack":
                    sent = self.sent[frame["client_id"]]
                    sent.acked, sent.seq = now, frame["seq"]
                    self._answered(now)
                case "entry":
                    self.entries.append(frame)
                    self._answered(now)
                case "error":
                    self.errors.append(f"{frame['code']}: {frame['message']}")

    def _answered(self, now: float) -> None:
        """A message is answered by the first thing the bot says after it."""
        newest = max(
            (e["seq"] for e in self.entries if e.get("sender") == "bot" and e.get("kind") == "message"), default=0
        )
        for sent in self.sent.values():
            if sent.replied is None and sent.seq is not None and newest > sent.seq:
                sent.replied = now

    def ledger(self) -> dict[str, int]:
        """What went wrong, counted: judged from outside, against what this visitor sent and saw."""
        seqs = [entry["seq"] for entry in self.entries]
        said = {
            entry["seq"]: entry["text"]
            for entry in self.entries
            if entry.get("sender") == "customer" and "text" in entry
        }
        return {
            "sent": len(self.sent),
            "lost": sum(sent.seq is None or said.get(sent.seq) != sent.text for sent in self.sent.values()),
            "unanswered": sum(sent.expects_reply and sent.replied is None for sent in self.sent.values()),
            "doubled": len(seqs) - len(set(seqs)) + max(0, len(said) - len(self.sent)),
            "out_of_order": sum(later <= earlier for earlier, later in itertools.pairwise(seqs)),
            "gaps": len(set(range(1, max(seqs, default=0) + 1)) - set(seqs)),
            "errors": len(self.errors),
        }


async def arrive_all(url: str, count: int, *, at_once: int = 20) -> list[Visitor]:
    """`count` visitors, connected and greeted."""
    gate = asyncio.Semaphore(at_once)
    visitors = [Visitor(url, number) for number in range(count)]

    async def one(visitor: Visitor) -> None:
        async with gate:
            await visitor.arrive()

    await asyncio.gather(*map(one, visitors))
    deadline = time.monotonic() + 60
    while not all(visitor.entries for visitor in visitors):
        if time.monotonic() > deadline:
            raise SystemExit("Some visitors were never greeted.")
        await asyncio.sleep(0.1)
    return visitors


async def settle(visitors: list[Visitor], seconds: float = 30.0) -> None:
    """Waits until everything sent is acknowledged and answered, at most `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not all(visitor.settled for visitor in visitors):
        await asyncio.sleep(0.1)


def added(ledgers: list[dict[str, int]]) -> dict[str, int]:
    """The sum of several ledgers."""
    return {key: sum(ledger[key] for ledger in ledgers) for key in ledgers[0]}
