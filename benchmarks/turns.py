"""How long a turn takes over a real websocket of the real server, against the floor measured in the same run.

50 visitors write one message each every 2 s, whether or not they were answered (an open loop), to one server process
on SQLite. First without a neural model (steps of the return flow), then with MiniLM (questions that the knowledge
base answers), then a bare Starlette websocket that writes one row per message, at the same rate.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect

from benchmarks.machine import arguments, report, spread
from benchmarks.site import demo_site, serving
from benchmarks.visitors import Visitor, added, arrive_all, settle

VISITORS = 50
PERIOD = 2.0
# Anonymous visitors walk through a flow: it starts, takes a number, is corrected, asks who they are, is cancelled.
FLOW = ("I want to return an item", "12345", "no, 54321", "ada@example.org", "cancel")
QUESTIONS = (
    "How long does delivery to France take?",
    "Which payment methods do you accept?",
    "What does shipping cost?",
    "How do I wash the wool blanket?",
    "Can I pay by invoice?",
    "How do I change my password?",
    "Do you ship to Switzerland?",
    "How long do I have to send something back?",
)
MINILM = "kb.embedders.minilm.MiniLM"


async def conversations(url: str, lines: tuple[str, ...], seconds: float, *, unique: bool) -> dict[str, Any]:
    """Ack and reply of every message that VISITORS write in `seconds`; `unique` defeats caches by text."""
    visitors = await arrive_all(url, VISITORS)
    started = time.monotonic() + 1.0
    rounds = int(seconds / PERIOD)

    async def talk(visitor: Visitor) -> None:
        for number in range(rounds):
            due = started + number * PERIOD + PERIOD * visitor.number / VISITORS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            line = lines[number % len(lines)] if not unique else lines[(number + visitor.number) % len(lines)]
            # A number within the sentence: a new text to embed, and still one sentence.
            await visitor.say(f"{line[:-1]} {visitor.number * 100 + number}?" if unique else line)

    await asyncio.gather(*map(talk, visitors))
    await settle(visitors)
    for visitor in visitors:
        await visitor.leave()
    sent = [each for visitor in visitors for each in list(visitor.sent.values())[1:]]  # the first is the warm-up
    return {
        "ack": spread([each.acked - each.at for each in sent if each.acked]),
        "reply": spread([each.replied - each.at for each in sent if each.replied]),
        "ledger": added([visitor.ledger() for visitor in visitors]),
        "errors": sorted({error for visitor in visitors for error in visitor.errors})[:5],
    }


async def floor(url: str, seconds: float) -> dict[str, float]:
    """The round trip of the bare websocket at the same rate."""
    durations: list[float] = []
    started = time.monotonic() + 1.0

    async def talk(number: int) -> None:
        async with connect(url.replace("http", "ws", 1) + "/chat", compression=None) as socket:
            for step in range(int(seconds / PERIOD)):
                due = started + step * PERIOD + PERIOD * number / VISITORS
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                at = time.monotonic()
                await socket.send(FLOW[step % len(FLOW)])
                await socket.recv()
                durations.append(time.monotonic() - at)

    await asyncio.gather(*map(talk, range(VISITORS)))
    return spread(durations)


def main() -> None:
    options = arguments(__doc__ or "")
    seconds = 10.0 if options.short else 60.0
    figures: dict[str, Any] = {"visitors": VISITORS, "seconds_between_messages": PERIOD, "seconds": seconds}
    with tempfile.TemporaryDirectory(prefix="csbot-floor-") as folder:
        environment = {**os.environ, "FLOOR_DATABASE": f"{folder}/floor.sqlite3"}
        with serving("benchmarks.floor:application", environment, Path(folder)) as (url, _pid):
            figures["floor"] = asyncio.run(floor(url, seconds / 2))
    with demo_site(embedder="") as site:
        figures["flow_step_without_models"] = asyncio.run(conversations(site.url, FLOW, seconds, unique=False))
    with demo_site(embedder=MINILM) as site:
        warm(site.url)
        figures["answer_with_minilm"] = asyncio.run(conversations(site.url, QUESTIONS, seconds, unique=True))
    bare = figures["floor"]["median_ms"]
    steps = figures["flow_step_without_models"]
    figures["ratios_to_floor"] = {
        "ack": round(steps["ack"]["median_ms"] / bare, 2),
        "reply": round(steps["reply"]["median_ms"] / bare, 2),
    }
    report("turns", figures, options)


def warm(url: str) -> None:
    """Waits until the embedder is loaded: the first questions of a process are answered lexically."""

    async def ask() -> None:
        (visitor,) = await arrive_all(url, 1)
        for number in range(6):
            await visitor.say(f"{QUESTIONS[number]} please")
            await asyncio.sleep(4)
        await visitor.leave()

    asyncio.run(ask())


if __name__ == "__main__":
    main()
