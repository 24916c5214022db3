"""The floor: what a websocket that writes one row per message costs, with nothing else around it."""

import os
import sqlite3
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

rows = sqlite3.connect(os.environ["FLOOR_DATABASE"], isolation_level=None)
rows.execute("PRAGMA journal_mode=WAL")
rows.execute("PRAGMA synchronous=NORMAL")
rows.execute("CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, at REAL, text TEXT)")


async def chat(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            text = await socket.receive_text()
            written = rows.execute("INSERT INTO message (at, text) VALUES (?, ?)", (time.time(), text))
            await socket.send_text(str(written.lastrowid))
    except WebSocketDisconnect:
        return


async def healthz(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


application = Starlette(routes=[WebSocketRoute("/chat", chat), Route("/healthz", healthz)])
