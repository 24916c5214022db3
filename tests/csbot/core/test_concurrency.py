"""Real threads on the real database: many senders, many workers, a sweeper, and a client's ledger."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connections

from csbot import conversations, sweeper, turns
from csbot.messages import Inbound
from csbot.models import Conversation, Entry, Receipt

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(jobs: list, threads: int = 8) -> list:  # type: ignore[type-arg]
    def close_after(job):  # type: ignore[no-untyped-def]
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(close_after, job) for job in jobs]]


def test_doubled_messages_of_many_visitors_at_once_are_each_stored_and_answered_once() -> None:
    dice = random.Random(7)
    sends = [(f"visitor-{v}", f"m{n}", f"line {n}") for v in range(6) for n in range(5) for _copy in range(3)]
    dice.shuffle(sends)
    seen: list[UUID] = []

    def send(sender: str, external_id: str, text: str) -> None:
        received = conversations.receive(Inbound("web", sender, external_id, text=text))
        seen.append(received.conversation)
        if dice.random() < 0.7:
            turns.work(received.conversation)

    in_threads([lambda job=job: send(*job) for job in sends])
    for _round in range(3):
        sweeper.sweep(turns.work)
    assert Receipt.objects.count() == 30
    assert Conversation.objects.count() == 6
    for conversation in Conversation.objects.all():
        entries = list(conversation.entries.order_by("seq"))
        assert [entry.seq for entry in entries] == list(range(1, conversation.last_seq + 1))
        sent = [entry.seq for entry in entries if entry.sender == Entry.Sender.CUSTOMER]
        answered = [
            int(seq)
            for entry in entries
            if entry.sender == Entry.Sender.BOT
            for seq in re.findall(r"(\d+):", entry.text)
        ]
        assert answered == sent


def test_of_many_agents_who_take_at_once_one_wins() -> None:
    agents = [User.objects.create_user(f"agent-{number}") for number in range(6)]
    received = conversations.receive(Inbound("web", "ada", "m1", text="转人工"))
    won = in_threads([lambda agent=agent: conversations.take(received.conversation, agent) for agent in agents])
    assert sum(won) == 1
    assert Conversation.objects.get().agent == agents[won.index(True)]
    assert Entry.objects.filter(kind="status", data__status="taken").count() == 1


def test_one_turn_is_claimed_once_by_many_workers() -> None:
    received = conversations.receive(Inbound("web", "ada", "m1", text="hello"))
    claims = in_threads([lambda: turns.claim(received.conversation) for _worker in range(12)])
    assert sum(claimed is not None for claimed in claims) == 1
