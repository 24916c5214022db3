"""Talk to the bot in a terminal."""

import select
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from channels_adapters.demonstration import CHAT_INBOX, restock, seat_the_agents, set_up_if_needed
from channels_adapters.terminal import Transcript, json_lines
from csbot.conversations import Refused
from csbot.models import Inbox
from csbot.testing import ADA, Chat, Reply
from kb import embedders, search

HELP = """/trace  show or hide how each answer was decided
/1 /2 … press a button
/quit   leave (so does the end of input)
/help   this"""
POLL_SECONDS = 1.0
ENGINE_SECONDS = 60.0


class Command(BaseCommand):
    help = "Talk to the bot in a terminal; /help lists what else can be typed. Reads lines from a pipe too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--inbox", default="", help=f"the inbox to write to (default: {CHAT_INBOX}, the demo's)")
        parser.add_argument("--language", default="", help="language of the first words: en, zh (default: the bot's)")
        parser.add_argument(
            "--as",
            dest="who",
            choices=["ada", "visitor"],
            default="ada",
            help="ada: signed in at the demo shop, owner of order 12345 (default); visitor: anonymous",
        )
        parser.add_argument("--say", action="append", default=[], metavar="TEXT", help="say this and leave; repeatable")
        parser.add_argument("--trace", action="store_true", help="show how each answer was decided")
        parser.add_argument(
            "--keep",
            action="store_true",
            help="keep the demo's orders as earlier talks left them (default: as on day one)",
        )
        parser.add_argument(
            "--away",
            action="store_true",
            help="nobody is at the desk (default: the demo's agents count as being there)",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line for each line said")

    def handle(self, **options: Any) -> None:
        self.stdout.ending = ""  # what writes here ends its own lines
        # One customer, one process: a turn runs where the line is read. (What needs a runner finds the setting.)
        settings.CSBOT_RUNNER = "csbot.runners.InlineRunner"
        if not options["inbox"]:
            set_up_if_needed(lambda line: self.stderr.write(line))
            if not options["keep"]:
                restock()
        inbox = options["inbox"] or CHAT_INBOX
        if not Inbox.objects.filter(key=inbox).exists():
            known = (
                ", ".join(Inbox.objects.order_by("key").values_list("key", flat=True))
                or "none yet; run manage.py migrate"
            )
            raise CommandError(f"There is no inbox {inbox!r}; there are: {known}.")
        self.chat = Chat(inbox=inbox, language=options["language"], vouched=ADA if options["who"] == "ada" else None)
        self.as_json = bool(options["json"])
        self.away = bool(options["away"] or options["inbox"])
        self.said = False  # whether the conversation exists yet
        self.transcript = Transcript(
            Console(file=cast(IO[str], self.stdout), highlight=False, soft_wrap=True, color_system="auto"),
            trace=options["trace"],
        )
        interactive = not options["say"] and not self.as_json and sys.stdin.isatty()
        search.warm()
        if not interactive:
            # A script wants the answers of a site that has been up for a while; a person at the keyboard, no waiting.
            embedders.wait(ENGINE_SECONDS)
        if interactive:
            self.transcript.console.print(f"[dim]{HELP.splitlines()[0]}; /help lists more.[/dim]")
            self._show("", self.chat.open())
        lines = iter(options["say"]) if options["say"] else self._typed() if interactive else self._piped()
        for line in lines:
            if line in ("/quit", "/exit"):
                break
            self._do(line, echo=not interactive)

    def _do(self, line: str, *, echo: bool) -> None:
        if line == "/help":
            self.stdout.write(f"{HELP}\n")
        elif line == "/trace":
            self.transcript.trace = not self.transcript.trace
            self.stdout.write(f"The trace is {'on' if self.transcript.trace else 'off'}.\n")
        else:
            buttons = self.chat.newest_buttons() if self.said else {}
            if line[1:].isdigit() and line.startswith("/") and 0 < int(line[1:]) <= len(buttons):
                line = list(buttons)[int(line[1:]) - 1]
            if echo and not self.as_json:
                self.transcript.customer(line)
            if not self.away:
                seat_the_agents()
            try:
                self._show(line, self.chat.say(line, choice=buttons.get(line, "")))
            except Refused as refusal:
                self.stderr.write(f"Not sent: {refusal}")

    def _show(self, said: str, reply: Reply) -> None:
        self.said = True
        if not self.as_json:
            self.transcript.reply(reply, self.chat.conversation)
            return
        for line in json_lines(said, reply, self.chat.conversation):
            self.stdout.write(f"{line}\n")
        self.stdout.flush()

    def _piped(self) -> Iterator[str]:
        for line in sys.stdin:
            if line.strip():
                yield line.strip()

    def _typed(self) -> Iterator[str]:
        """Lines as they are typed; between them, what an agent writes meanwhile is printed as it comes."""
        while True:
            self.stdout.write("\nyou  ")
            self.stdout.flush()
            while not select.select([sys.stdin], [], [], POLL_SECONDS)[0]:
                news = self.chat.collect()
                if news.messages or news.statuses:
                    self.stdout.write("\n")
                    self._show("", news)
                    self.stdout.write("\nyou  ")
                    self.stdout.flush()
            line = sys.stdin.readline()
            if not line:
                return
            if line.strip():
                yield line.strip()
