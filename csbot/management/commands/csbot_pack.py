"""Loads a pack, or only checks it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from csbot.located import LocatedError
from csbot.packs import loading


class Command(BaseCommand):
    help = "Loads a pack (flows, intents, articles, wordings) by its name or folder; --check writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pack", help="The name of a pack that comes with csbot, such as shop, or a folder.")
        parser.add_argument("--check", action="store_true", help="Say what is wrong, file by file, and write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = loading.check(options["pack"]) if options["check"] else loading.load(options["pack"])
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        except LocatedError as error:
            count = len(error.problems)
            raise CommandError(f"{error}\n{count} problem{'s' if count != 1 else ''}; nothing was changed.") from error
        self.stdout.write(str(report))
