"""The door for a host project's `asgi.py`: one line puts csbot's sockets and background work beside its own site.

application = with_csbot(get_asgi_application())
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from channels_adapters.routing import websocket_urlpatterns
from csbot import runtime

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# Any: Django, Channels and the servers each type the three arguments in a way of their own.
Application = Callable[[Any, Any, Any], Awaitable[None]]


def with_csbot(http: Application, websocket: Application | None = None) -> Application:
    """An ASGI application: `http` as it was, csbot's sockets, and csbot's background work for as long as it serves.

    A socket whose path is not csbot's goes to `websocket`; without one it is refused (HTTP 403), never an exception.
    """
    elsewhere: Any = websocket or refuse  # Django's types know only views here
    sockets = URLRouter([*websocket_urlpatterns, re_path(r"", elsewhere)])
    application: Application = ProtocolTypeRouter({"http": http, "websocket": sockets, "lifespan": lifespan})
    return application


async def refuse(scope: Message, receive: Receive, send: Send) -> None:
    """Closes a socket before accepting it."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


async def lifespan(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI lifespan protocol around `csbot.runtime`."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            runtime.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await runtime.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
