"""Scaled out: the same core on PostgreSQL, a real Celery worker behind a real broker, live events over Redis."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings as configured
from django.db import connection
from django.db.models.functions import Now

from csbot import conversations, feeds, pools
from csbot.events import conversation_group
from csbot.feeds import Feed
from csbot.messages import Inbound
from csbot.models import Conversation, Entry, Turn
from csbot.project.celery import app

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("CSBOT_DATABASE_URL", "CSBOT_REDIS_URL", "CSBOT_BROKER_URL")

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not all(os.environ.get(name) for name in NEEDED), reason=f"needs {', '.join(NEEDED)}: run `make test-services`"
    ),
]


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


class Worker:
    """A real `celery worker` process on the test database."""

    def __init__(self, log: Path) -> None:
        self.log = log
        parameters = connection.settings_dict
        name, host = parameters["NAME"], parameters["HOST"]
        login = parameters["USER"] + (f":{parameters['PASSWORD']}" if parameters["PASSWORD"] else "")
        environment = {
            **os.environ,
            "CSBOT_DATABASE_URL": f"postgres://{login}@{host}:{parameters['PORT'] or 5432}/{name}",
            "DJANGO_SETTINGS_MODULE": "tests.services.worker_settings",
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "csbot.project.celery",
            "worker",
            "-Q",
            "turns",
            "-c",
            "2",
            "-l",
            "INFO",
        ]
        with log.open("wb") as sink:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_ready(self) -> "Worker":
        wait_until(lambda: " ready." in self.output(), f"a ready worker, which said {self.output()[-2000:]},", 60)
        return self

    def stop(self, sig: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sig)
            # A pool's child waits up to 30 s for its last result to be read (billiard, _ensure_messages_consumed), and
            # once in a while nobody is left to read it.
            self.process.wait(90)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    running = Worker(tmp_path / "worker.log")
    try:
        yield running.wait_ready()
    finally:
        running.stop()


@pytest.fixture(autouse=True)
def _celery(settings: Any) -> Iterator[None]:
    settings.CSBOT_RUNNER = "csbot.runners.CeleryRunner"
    app.conf.broker_url = configured.CELERY_BROKER_URL
    with app.connection_for_write() as link:
        link.ensure_connection(max_retries=3)
    app.control.purge()
    yield
    pools.close()


def say(number: int, sender: str = "ada") -> conversations.Received:
    return conversations.receive(Inbound("web", sender, f"m{number}", text=f"line {number}"))


def answered() -> list[str]:
    return list(Entry.objects.filter(sender="bot").order_by("conversation", "seq").values_list("text", flat=True))


def test_a_message_is_answered_by_a_worker_process(worker: Worker) -> None:
    say(1)
    wait_until(lambda: answered() == ["echo 1:line 1"], "the worker's answer")
    assert Turn.objects.get().worker.split(":")[1] != str(os.getpid())


def test_many_customers_are_each_answered_once_and_in_order(worker: Worker) -> None:
    for number in range(5):
        for visitor in range(8):
            say(number, f"visitor-{visitor}")
    wait_until(
        lambda: all(row.turned_seq == row.pending_seq for row in Conversation.objects.all()),
        "every conversation's answer",
    )
    for conversation in Conversation.objects.all():
        seqs = list(conversation.entries.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, conversation.last_seq + 1))
        sent = list(conversation.entries.filter(sender="customer").order_by("seq").values_list("seq", flat=True))
        said = " | ".join(conversation.entries.filter(sender="bot").order_by("seq").values_list("text", flat=True))
        assert [int(part.split(":")[0]) for part in said.replace("echo ", "").split(" | ")] == sent


def test_a_wake_up_that_the_broker_lost_costs_a_sweep_and_no_more(worker: Worker, settings: Any) -> None:
    settings.CSBOT_RUNNER = "tests.csbot.core.conftest.Idle"
    say(1)
    wait_until(lambda: answered() == ["echo 1:line 1"], "the sweeper's answer", 15)


def test_a_worker_killed_in_mid_turn_is_taken_over_from(worker: Worker, settings: Any) -> None:
    settings.CSBOT_RUNNER = "tests.csbot.core.conftest.Idle"
    from csbot.turns import claim

    worker.process.send_signal(signal.SIGSTOP)  # so that this process claims it first, and then "dies"
    received = say(1)
    assert claim(received.conversation) is not None
    Turn.objects.update(lease_until=Now())
    worker.process.send_signal(signal.SIGCONT)
    wait_until(lambda: answered() == ["echo 1:line 1"], "the takeover", 15)
    assert Turn.objects.get().attempt == 2


async def test_a_workers_answer_reaches_a_listener_in_another_process_over_redis(worker: Worker) -> None:
    received = await sync_to_async(say)(1)
    layer = get_channel_layer()
    assert layer is not None and "redis" in type(layer).__module__
    channel = await layer.new_channel()
    await layer.group_add(conversation_group(received.conversation), channel)
    drawn: list[dict[str, Any]] = []

    async def deliver(entries: list[dict[str, Any]]) -> None:
        drawn.extend(entries)

    feed = Feed(received.conversation, "customer", deliver)
    await feed.start()
    await sync_to_async(say)(2)
    deadline = time.monotonic() + 90
    while not any(entry["sender"] == "bot" and "line 2" in entry["text"] for entry in drawn):
        assert time.monotonic() < deadline
        await feed.hint(await asyncio.wait_for(layer.receive(channel), 90))
    assert [entry["seq"] for entry in drawn] == list(range(1, len(drawn) + 1))
    await feed.stop()
    assert feed not in feeds.heartbeat._feeds
