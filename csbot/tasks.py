"""Celery tasks. Wake-ups are acknowledged early, expire, and are never redelivered: the sweeper retries."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_process_init, worker_ready, worker_shutdown

from csbot import sweeper
from csbot.turns import work
from kb import search


@shared_task(name="csbot.run_turns", acks_late=False, ignore_result=True)
def run_turns(conversation_id: str) -> None:
    """Runs what the bot owes this conversation."""
    work(UUID(conversation_id))


@worker_ready.connect
def _sweep_beside_the_worker(**_: Any) -> None:
    sweeper.start()
    search.warm()


@worker_shutdown.connect
def _stop_sweeping(**_: Any) -> None:
    sweeper.stop()


@worker_process_init.connect
def _forget_the_parents_connections(**_: Any) -> None:
    from django.db import connections

    connections.close_all()
