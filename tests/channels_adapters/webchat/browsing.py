"""What the browser tests stand on: an embedding website, a line that can be cut, and a visitor's hands and eyes."""

import contextlib
import http.server
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

PATIENCE_MS = 60_000  # for what comes at once on a quiet machine
PAGE = """<!doctype html>
<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Northwind Outfitters</title></head>
<body><main><h1>Shirts</h1><p><a href="#more">More shirts</a></p></main>
<script src="{host}/static/csbot/widget.js" data-inbox="{inbox}" {more} async></script></body></html>"""


@dataclass
class Shop:
    """A website of its own origin whose policy allows the chat's host and nothing inline."""

    url: str
    host: str

    @classmethod
    @contextlib.contextmanager
    def opened(cls, host: str) -> "Iterator[Shop]":
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                """Quiet."""

            def do_GET(self) -> None:
                asked = {
                    "lang": "en",
                    "dir": "ltr",
                    "host": host,
                    "inbox": "web",
                    "more": "",
                    **dict(parse_qsl(urlsplit(self.path).query)),
                }
                body = PAGE.format(**asked).encode()
                chat = asked["host"]
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.send_header(
                    "Content-Security-Policy",
                    f"default-src 'none'; script-src {chat}; connect-src {chat} {chat.replace('http', 'ws', 1)}; "
                    f"img-src {chat} blob:",
                )
                self.end_headers()
                self.wfile.write(body)

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield cls(f"http://127.0.0.1:{server.server_port}", host)
            server.shutdown()
            thread.join()


@dataclass
class Wire:
    """A TCP relay. `cut` drops every connection and refuses new ones until `mend`."""

    url: str
    _listener: socket.socket
    _target: tuple[str, int]
    _whole: bool = True
    _ends: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    @contextlib.contextmanager
    def to(cls, url: str) -> "Iterator[Wire]":
        parts = urlsplit(url)
        listener = socket.create_server(("127.0.0.1", 0))
        wire = cls(
            f"http://127.0.0.1:{listener.getsockname()[1]}", listener, (str(parts.hostname), int(parts.port or 80))
        )
        thread = threading.Thread(target=wire._accept, daemon=True)
        thread.start()
        yield wire
        wire.cut()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._ends |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._ends -= {one, other}
        one.close()
        other.close()

    def cut(self) -> None:
        self._whole = False
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole = True


@dataclass
class Chat:
    """One visitor's page: what they do and what they see."""

    page: Page
    problems: list[str]

    @property
    def element(self) -> Locator:
        return self.page.locator("csbot-chat")

    def find(self, selector: str) -> Locator:
        return self.element.locator(selector)

    def open(self) -> "Chat":
        self.find(".launcher").click()
        expect(self.find(".msg.bot").first).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.find("footer textarea").fill(text)
        self.find("footer textarea").press("Enter")

    def sees(self, text: str) -> None:
        expect(self.find(".log").get_by_text(text, exact=True).last).to_be_visible()

    def lines(self) -> list[str]:
        """Everything said, in order, as it stands in the log."""
        return self.find(".log .msg .bubble").all_inner_texts()

    def reload(self) -> None:
        self.page.reload()
        self.find(".panel").wait_for()


@dataclass
class Browsing:
    browser: Browser
    chats: list[Chat] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> "Iterator[Browsing]":
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            )
            expect.set_options(timeout=PATIENCE_MS)
            yield cls(browser)
            browser.close()

    def visit(self, url: str, **context: Any) -> Chat:
        """A new visitor (own storage) on `url`."""
        options: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}, **context}
        page = self.browser.new_context(**options).new_page()
        page.set_default_timeout(PATIENCE_MS)
        chat = Chat(page, [])
        page.on("pageerror", lambda error: chat.problems.append(str(error)))
        page.on("console", lambda message: chat.problems.append(message.text) if _is_mistake(message) else None)
        self.chats.append(chat)
        page.goto(url)
        return chat

    def leave(self) -> None:
        chats, self.chats = self.chats, []
        problems = [problem for chat in chats for problem in chat.problems]
        for chat in chats:
            chat.page.context.close()
        assert not problems


def _is_mistake(message: Any) -> bool:
    """An error of ours; that a connection or a file was refused is what some tests are about."""
    refused = ("net::ERR", "WebSocket connection", "Failed to load resource")
    return message.type == "error" and not any(words in message.text for words in refused)
