"""Scaled out, with the real servers: web process, Celery worker, PostgreSQL, channels_redis, and the broker."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from websockets.sync.client import ClientConnection, connect

from channels_adapters.scripted import open_session
from csbot.dialogue.turn import TurnRequest, TurnResult
from csbot.testing import echo
from tests.live import ROOT, Site, running

pytestmark = pytest.mark.services

SOON = 90.0  # a lease (3 s), a sweep (1 s), a worker's start on a busy machine


def echo_or_hang(request: TurnRequest) -> TurnResult:
    """Echoes; the first attempt at a message "slow" hangs for longer than any test, as a worker may."""
    if request.attempt == 1 and any(line.text == "slow" for line in request.batch):
        threading.Event().wait(300)
    return echo(request)


@dataclass
class Worker:
    """A Celery worker in its own process group."""

    site: Site
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "csbot.project", "worker", "-Q", "turns", "--pool", "threads"]
        with (self.site.var / "worker.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--concurrency", "2", "--loglevel", "info", "--without-mingle", "--without-gossip"],
                cwd=ROOT,
                env=self.site.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Worker]]:
    """The scaled-out site on a database of its own; its URL, and a worker that has not been started."""
    import psycopg

    var = tmp_path_factory.mktemp("scaled")
    server = os.environ["CSBOT_DATABASE_URL"]
    name = f"csbot_scaled_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.services.web_settings",
        "CSBOT_VAR_DIR": str(var),
        "CSBOT_DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl(),
        "CSBOT_REDIS_PREFIX": name,
        "CSBOT_EMBEDDER": "",
        "PYTHONPATH": str(ROOT),
    }
    scaled = Site("", var, environment)
    worker = Worker(scaled)
    try:
        scaled.manage("migrate", "--verbosity", "0")
        with running(scaled) as url:
            yield url, worker
    finally:
        worker.kill()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@contextlib.contextmanager
def visitor(url: str) -> Iterator[ClientConnection]:
    session = open_session(url, "web")
    with connect(url.replace("http", "ws", 1) + session["socket"], origin=url) as socket:  # type: ignore[arg-type]
        socket.send(json.dumps({"type": "hello", "v": session["v"], "token": session["token"]}))
        yield socket


def say(socket: ClientConnection, text: str) -> None:
    socket.send(json.dumps({"type": "message", "client_id": uuid4().hex, "text": text}))


def heard(socket: ClientConnection, sender: str, seconds: float = SOON) -> dict[str, Any]:
    """The next message of `sender`."""
    deadline = time.monotonic() + seconds
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=max(0.01, deadline - time.monotonic())))
        if frame["type"] == "entry" and frame.get("kind") == "message" and frame["sender"] == sender:
            return frame


def test_message_that_no_worker_was_there_for_is_answered_when_one_comes(site: tuple[str, Worker]) -> None:
    url, worker = site
    with visitor(url) as ada:
        say(ada, "anybody?")
        assert heard(ada, "customer")["seq"] == 1
        worker.start()
        assert "anybody?" in heard(ada, "bot")["text"]


def test_worker_s_answer_reaches_the_socket_through_redis(site: tuple[str, Worker]) -> None:
    url, _worker = site
    with visitor(url) as ada:
        say(ada, "first")
        heard(ada, "bot")
        started = time.monotonic()
        say(ada, "second")
        assert "second" in heard(ada, "bot")["text"]
        # Sooner than the heartbeat would have healed it: the hint came over the layer.
        assert time.monotonic() - started < 50.0


def test_turn_of_a_killed_worker_is_taken_up_by_the_next_and_answered_once(
    site: tuple[str, Worker],
) -> None:
    url, worker = site
    with visitor(url) as ada:
        say(ada, "slow")
        heard(ada, "customer")
        running_turn = "from csbot.models import Turn; print(Turn.objects.filter(status='running').count())"
        deadline = time.monotonic() + SOON
        while worker.site.shell(running_turn) != "1":
            assert time.monotonic() < deadline, (worker.site.var / "worker.log").read_text()
        worker.kill()
        worker.start()
        assert "slow" in heard(ada, "bot")["text"]
        say(ada, "and this")
        assert "slow" not in heard(ada, "bot")["text"]
        with pytest.raises(TimeoutError):
            heard(ada, "bot", seconds=5.0)
