"""The demo: a sample shop with a bot, its people and its past, served on this machine."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_adapters import demonstration, scripted

START_SECONDS = 60.0
# The limits of the protocol: a frame is at most 64 KiB, and a client that does not wait for answers is slowed down.
SOCKET_LIMITS = ("--ws-max-size", "65536", "--ws-max-queue", "32")


class Command(BaseCommand):
    help = "Sets up the sample shop and serves it on this machine; --check holds one conversation with it and leaves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to serve (default: 8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default: this machine only)")
        parser.add_argument(
            "--check", action="store_true", help="set up, hold one scripted conversation, print it, exit"
        )
        parser.add_argument("--setup-only", action="store_true", help="set up and do not serve")

    def handle(self, **options: Any) -> None:
        if getattr(settings, "PRODUCTION", False):
            raise CommandError("The demo signs anyone in as anyone; unset CSBOT_PRODUCTION to run it.")
        if options["check"]:
            self._check()
            return
        demonstration.set_up(self._progress)
        if not options["setup_only"]:
            self._serve(options["host"], options["port"])

    def _progress(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _serve(self, host: str, port: int) -> None:
        if not _is_free(host, port):
            raise CommandError(
                f"Port {port} is taken. Fix: manage.py csbot_demo --port {port + 1}  (make demo PORT={port + 1})"
            )
        from csbot.demo.people import PASSWORD, STAFF

        url = f"http://{host}:{port}"
        self.stdout.write("")
        self.stdout.write(self.style.SUCCESS(f"  {url}  — start here: one click enters as any of these"))
        self.stdout.write(f"  {url}/shop/  the shop, where Ada (order 12345) or anyone chats with the bot")
        for person in STAFF:
            self.stdout.write(f"  {person.username:<6} {PASSWORD}  {person.role}")
        self.stdout.write("\n  Ctrl+C stops it.\n")
        self.stdout.flush()
        os.environ["CSBOT_DEMO"] = "1"
        # The server takes this process's place: settings are read anew, and Ctrl+C reaches it directly.
        os.execv(sys.executable, [sys.executable, *_server(host, port)])  # noqa: S606 - our own interpreter

    def _check(self) -> None:
        with tempfile.TemporaryDirectory(prefix="csbot-check-") as folder:
            own = {"CSBOT_VAR_DIR": folder, "CSBOT_DATABASE_URL": f"sqlite:///{folder}/check.sqlite3"}
            for name, value in {**own, "CSBOT_DEMO": "1", "CSBOT_REDIS_URL": "", "CSBOT_BROKER_URL": ""}.items():
                os.environ[name] = value
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
            self._progress("Setting up in a temporary database …")
            if subprocess.run([*manage, "csbot_demo", "--setup-only"], check=False).returncode:  # noqa: S603
                raise CommandError("Setting up failed; the lines above say why.")
            vouch = subprocess.run(  # noqa: S603
                [*manage, "shell", "--no-imports", "-c", VOUCH], check=True, capture_output=True, text=True
            ).stdout.strip()
            port = _free_port()
            log = Path(folder) / "server.log"
            with log.open("wb") as stream:
                server = subprocess.Popen(  # noqa: S603
                    [sys.executable, *_server("127.0.0.1", port)], stdout=stream, stderr=stream, cwd=settings.BASE_DIR
                )
            try:
                self._converse(f"http://127.0.0.1:{port}", vouch, server)
            except (scripted.CheckError, OSError) as problem:
                self.stderr.write(log.read_text(encoding="utf-8", errors="replace")[-4000:])
                raise CommandError(f"The check failed: {problem}") from problem
            finally:
                server.terminate()
                try:
                    server.wait(15)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
        self.stdout.write(self.style.SUCCESS("The check passed."))

    def _converse(self, url: str, vouch: str, server: "subprocess.Popen[bytes]") -> None:
        _await(f"{url}/healthz", server)
        self._progress(f"Talking to {url} through its websocket:\n")
        scripted.converse(url, demonstration.CHAT_INBOX, vouch, self._tell)

    def _tell(self, who: str, text: str) -> None:
        shown = {"customer": self.style.HTTP_INFO, "bot": self.style.SUCCESS}.get(who, self.style.WARNING)
        label = {"customer": "Ada", "bot": "Bot", "status": "·"}.get(who, who)
        lines = text.splitlines() or [""]
        self._progress("\n".join([f"{shown(f'{label:>4}')}  {lines[0]}", *(f"      {line}" for line in lines[1:])]))


VOUCH = (
    "from csbot.models import Inbox; from csbot.demo.vouching import vouching_token; from csbot.testing import ADA; "
    f"secret = Inbox.objects.get(key={demonstration.CHAT_INBOX!r}).vouching_secret; "
    "print(vouching_token(secret, subject=ADA.subject, email=ADA.email, name=ADA.name))"
)


def _server(host: str, port: int) -> list[str]:
    """The command line of the web server, without the interpreter."""
    return [
        *("-m", "uvicorn", "csbot.project.asgi:application", "--host", host, "--port", str(port)),
        *("--log-level", "warning", "--timeout-graceful-shutdown", "5", *SOCKET_LIMITS),
    ]


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise scripted.CheckError(f"The server ended with status {server.returncode} before it answered.")
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - our own server on loopback
                return
        except URLError:
            time.sleep(0.1)
    raise scripted.CheckError(f"The server did not answer within {START_SECONDS:.0f} s.")
