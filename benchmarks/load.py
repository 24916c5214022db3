"""500 connected visitors and 100 messages a second on one process: nothing lost, doubled or out of order, and how fast.

200 visitors talk to the bot, 40 messages a second, each of which makes it take a step of a flow. The other 300 are
with an agent, 60 messages a second: stored, numbered and delivered, with no turn. Judged from outside, by what each
visitor sent and saw.
"""

import asyncio
import time
from typing import Any

from benchmarks.machine import arguments, report, spread
from benchmarks.site import Served, demo_site
from benchmarks.turns import FLOW
from benchmarks.visitors import Visitor, added, arrive_all, settle

VISITORS = 500
WITH_BOT = 200
PERIOD = 5.0  # so 500 visitors make 100 messages a second, and 200 make 40

TAKE = """
from django.contrib.auth import get_user_model
from csbot import conversations
bo = get_user_model().objects.get(username="bo")
taken = [conversations.take(pk, bo) for pk in {ids!r}]
assert all(taken), taken
"""


async def run(site: Served, seconds: float) -> dict[str, Any]:
    visitors = await arrive_all(site.url, VISITORS)
    held = visitors[WITH_BOT:]
    await asyncio.to_thread(site.manage, "shell", "--no-imports", "-c", TAKE.format(ids=[v.conversation for v in held]))
    await asyncio.sleep(2)
    started = time.monotonic() + 1.0

    async def talk(visitor: Visitor) -> None:
        with_bot = visitor.number < WITH_BOT
        for number in range(int(seconds / PERIOD)):
            due = started + number * PERIOD + PERIOD * ((visitor.number * 37) % VISITORS) / VISITORS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            text = FLOW[number % len(FLOW)] if with_bot else f"message {number} for the agent"
            await visitor.say(text, expects_reply=with_bot)

    await asyncio.gather(*map(talk, visitors))
    await settle(visitors)
    for visitor in visitors:
        await visitor.leave()
    sent = [each for visitor in visitors for each in visitor.sent.values()]
    return {
        "visitors": VISITORS,
        "messages": len(sent),
        "messages_per_second": round(len(sent) / seconds, 1),
        "flow_turns_per_second": round(sum(each.expects_reply for each in sent) / seconds, 1),
        "ack": spread([each.acked - each.at for each in sent if each.acked]),
        "reply": spread([each.replied - each.at for each in sent if each.replied and each.expects_reply]),
        "ledger": added([visitor.ledger() for visitor in visitors]),
        "errors": sorted({error for visitor in visitors for error in visitor.errors})[:5],
    }


def main() -> None:
    options = arguments(__doc__ or "")
    seconds = 10.0 if options.short else 60.0
    with demo_site(embedder="") as site:
        figures = asyncio.run(run(site, seconds))
    report("load", {"seconds": seconds, **figures}, options)


if __name__ == "__main__":
    main()
