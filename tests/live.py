"""The real site on loopback: its own process, its own SQLite file, a free port. For tests in a real browser.

A test asks for the fixture `live_site` and opens its `url`.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180


@dataclass(frozen=True)
class Site:
    """A running site. `url` has no trailing slash; `var` is its data directory, with `server.log` in it."""

    url: str
    var: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """The output of `manage.py …` on this site's database. Raises CalledProcessError with stderr shown."""
        return _run([sys.executable, "manage.py", *arguments], self.environment)

    def shell(self, code: str) -> str:
        """The output of Python `code` with Django set up."""
        return self.manage("shell", "--no-imports", "-c", code).strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(
    var: Path,
    *,
    settings: str = "csbot.project.settings",
    setup: Sequence[Sequence[str]] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """A migrated site with the `manage.py` commands of `setup` run on it, served until the block ends.

    Links in its e-mails lead to it. `environment` is added to what it reads.
    """
    var.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environs = {
        **{key: value for key, value in os.environ.items() if not key.startswith("CSBOT_")},
        "DJANGO_SETTINGS_MODULE": settings,
        "CSBOT_VAR_DIR": str(var),
        "CSBOT_DATABASE_URL": f"sqlite:///{var / 'site.sqlite3'}",
        "CSBOT_SITE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONUNBUFFERED": "1",
        **(environment or {}),
    }
    site = Site(f"http://127.0.0.1:{port}", var, environs)
    site.manage("migrate", "--verbosity", "0")
    for command in setup:
        site.manage(*command)
    with contextlib.ExitStack() as stack:
        yield Site(stack.enter_context(running(site, port)), var, environs)


@contextlib.contextmanager
def running(site: Site, port: int | None = None) -> Iterator[str]:
    """One server process over the data of `site`; its URL. Start it twice in a row to see a restart."""
    port = port or free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "csbot.project.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        *("--ws-max-size", "65536", "--ws-max-queue", "32", "--timeout-graceful-shutdown", "3"),
    ]
    with (site.var / "server.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=log)
        try:
            _wait_until_served(f"http://127.0.0.1:{port}", process, site.var / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_served(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        try:
            with urllib.request.urlopen(f"{url}/static/csbot/chat.css", timeout=30):
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not answer in {START_SECONDS} s:\n{log.read_text()[-4000:]}")


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[1:])} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The project's own site with the sample shop in it, shared by the tests of one run."""
    setup = [("csbot_pack", str(ROOT / "csbot" / "packs" / "shop"))]
    with serve(tmp_path_factory.mktemp("live") / "var", setup=setup) as site:
        yield site
