"""The real site in a process of its own: set up in a temporary folder, served by uvicorn on a free port."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import ROOT

START_SECONDS = 90.0
SERVER = ("--host", "127.0.0.1", "--log-level", "warning", "--ws-max-size", "65536", "--ws-max-queue", "32")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and how to reach it. `manage` runs management commands beside it, on the same data."""

    url: str
    pid: int
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        return _manage(self.environment, *arguments)


def _manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"manage.py {arguments[0]} failed:\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def demo_site(*, embedder: str) -> Iterator[Served]:
    """The demo's shop, set up anew and served; `embedder` is CSBOT_EMBEDDER ("" for none)."""
    with tempfile.TemporaryDirectory(prefix="csbot-bench-") as folder:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CSBOT_")}
        environment |= {
            "CSBOT_VAR_DIR": folder,
            "CSBOT_DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "CSBOT_EMBEDDER": embedder,
            "CSBOT_DEMO": "1",
        }
        _manage(environment, "csbot_demo", "--setup-only")
        with serving("csbot.project.asgi:application", environment, Path(folder)) as (url, pid):
            yield Served(url, pid, environment)


@contextlib.contextmanager
def serving(application: str, environment: dict[str, str], folder: Path) -> Iterator[tuple[str, int]]:
    """One uvicorn process over `application`; its URL and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), *SERVER]
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    try:
        _await(f"http://127.0.0.1:{port}/healthz", process, log)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        errors = log.read_text(encoding="utf-8", errors="replace").strip()
        if errors:
            sys.stderr.write(f"The server said:\n{errors[-3000:]}\n")


def _await(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"The server ended at once:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {START_SECONDS:.0f} s.")
