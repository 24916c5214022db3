"""What a process that serves sockets keeps running beside its requests."""

import asyncio

from csbot import conf, events, pools, runners, sweeper
from kb import search


def start() -> None:
    """Lends the running event loop to live events; where turns run in this process, starts the sweeper and warms
    the knowledge base in the background.

    Called by the ASGI lifespan; a server without lifespan gets the same at its first socket. Safe to call again.
    """
    events.relay.adopt(asyncio.get_running_loop())
    if conf.RUNNER() == "csbot.runners.ThreadRunner" and sweeper.start():
        search.warm()


async def stop() -> None:
    """Lets what runs finish: a turn that was claimed is committed, not abandoned to its lease."""
    await asyncio.to_thread(sweeper.stop)
    await asyncio.to_thread(runners.stop)
    await asyncio.to_thread(pools.close)
