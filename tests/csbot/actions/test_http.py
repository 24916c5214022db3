"""An HTTP action against a real server on loopback: signed, idempotent, bounded."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from csbot.actions.http import declared, signature
from csbot.actions.registry import ActionFailed, Call
from csbot.messages import Assurance

CALL = Call("key-1", uuid4(), "shop", "en", Assurance.VERIFIED, "ada", "")


class Business(BaseHTTPRequestHandler):
    """Answers by path, and remembers what it was asked."""

    seen: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((dict(self.headers), body))  # type: ignore[attr-defined]
        answers = {"/cases": (200, b'{"outcome": "opened", "values": {"case": "C1"}}'), "/away": (302, b"")}
        status, answer = answers.get(self.path, (500, b"oops"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def business(settings: Any) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Business)
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.CSBOT_HTTP_HOSTS = [f"127.0.0.1:{server.server_port}"]
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def described(server: HTTPServer, path: str = "/cases") -> dict[str, Any]:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    return {"url": url, "arguments": ["text"], "outcomes": ["opened"], "secret": "s3", "timeout": 2.0}


def test_request_is_signed_and_carries_its_key(business: HTTPServer) -> None:
    outcome = declared("crm.open", described(business)).run(CALL, text="broken")
    assert (outcome.name, outcome.values) == ("opened", {"case": "C1"})
    headers, body = business.seen[0]  # type: ignore[attr-defined]
    assert headers["Idempotency-Key"] == "key-1"
    assert headers["X-Csbot-Signature"] == signature("s3", headers["X-Csbot-Timestamp"], body)
    assert json.loads(body)["arguments"] == {"text": "broken"}


@pytest.mark.parametrize("path", ["/away", "/nowhere"])
def test_redirect_and_error_are_failures(business: HTTPServer, path: str) -> None:
    with pytest.raises(ActionFailed, match="HTTP"):
        declared("crm.open", described(business, path)).run(CALL, text="broken")


def test_host_that_is_not_listed_is_refused_before_any_call(business: HTTPServer, settings: Any) -> None:
    settings.CSBOT_HTTP_HOSTS = ["crm.example"]
    with pytest.raises(ImproperlyConfigured, match="CSBOT_HTTP_HOSTS"):
        declared("crm.open", described(business))


def test_mistakes_are_named() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"secret"):
        declared("x", {"url": "https://crm.example/", "outcomes": ["ok"]})
