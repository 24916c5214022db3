"""A process that has used a neural model ends as quietly as any other."""

import subprocess
import sys
import threading

import pytest

from kb.embedders.leaving import Gate
from tests.live import ROOT

SITE = """
import django, os, sys, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "csbot.project.settings"
django.setup()
from kb import embedders
"""
LOADING = """
embedders.start()
while "torch" not in sys.modules:
    threading.Event().wait(0.01)
"""
EMBEDDING = """
embedder, begun = embedders.wait(), threading.Event()
def embed():
    while True:
        embedder.embed(["word"] * 32)
        begun.set()
for _ in range(2):
    threading.Thread(target=embed, daemon=True).start()
begun.wait()
"""


@pytest.mark.models
@pytest.mark.parametrize("busy", [LOADING, EMBEDDING], ids=["loads", "embeds"])
def test_an_interpreter_that_ends_while_a_daemon_thread_is_at_work_ends_well(busy: str) -> None:
    ended = subprocess.run([sys.executable, "-c", SITE + busy], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert "terminate" not in ended.stderr
    assert ended.returncode == 0, ended.stderr


def test_a_shut_gate_waits_for_who_is_inside_and_lets_nobody_in() -> None:
    gate, leave, entered = Gate(), threading.Event(), threading.Event()

    def work() -> None:
        with gate.inside():
            entered.set()
            leave.wait()

    threading.Thread(target=work, daemon=True).start()
    assert entered.wait(60)
    assert not gate.shut(0.01)
    leave.set()
    assert gate.shut(60)
    entered.clear()
    threading.Thread(target=work, daemon=True).start()
    assert not entered.wait(0.05)
