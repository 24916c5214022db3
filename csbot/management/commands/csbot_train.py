"""`manage.py csbot_train`: fits the bots' understanding and prints how well it does on examples it did not see."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from csbot.models import Bot
from csbot.nlu import intents
from csbot.nlu.learning import NothingToLearnError, TrainingBusyError, TrainingReport


class Command(BaseCommand):
    help = "Trains the intents of every bot, or of one, and reports the error on examples that were not used to fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bot", metavar="KEY", help="Only the bot with this key.")
        parser.add_argument("--json", action="store_true", help="Print the reports as JSON, one object a line.")

    def handle(self, *args: Any, **options: Any) -> None:
        bots = Bot.objects.order_by("key")
        if options["bot"]:
            bots = bots.filter(key=options["bot"])
            if not bots:
                raise CommandError(
                    _("There is no bot with the key %(key)s. There are: %(keys)s.")
                    % {"key": options["bot"], "keys": ", ".join(Bot.objects.values_list("key", flat=True)) or "none"}
                )
        trained = 0
        for bot in bots:
            try:
                report = intents.train(bot, progress=self._progress(bot, quiet=options["json"]))
            except NothingToLearnError as error:
                self.stderr.write(f"{bot.key}: {error}")
                continue
            except (TrainingBusyError, ImportError) as error:
                raise CommandError(f"{bot.key}: {error}") from error
            trained += 1
            if options["json"]:
                self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
            else:
                self._print(report)
        if not trained and options["bot"]:
            raise CommandError(_("Nothing was trained."))

    def _progress(self, bot: Bot, *, quiet: bool) -> Any:
        def told(words: str) -> None:
            if not quiet:
                self.stdout.write(self.style.HTTP_INFO(f"{bot.key}: {words}"))

        return told

    def _print(self, report: TrainingReport) -> None:
        size = report.artefact_bytes / 1e6
        self.stdout.write(
            self.style.SUCCESS(f"{report.bot}: revision {report.revision}, {report.seconds:.1f} s, {size:.1f} MB")
            + f", sentence vectors: {report.embedder or 'none'}"
        )
        for language, ways in report.languages.items():
            for way, figures in ways.items():
                shown = "  ".join(
                    f"{name.replace('_', ' ')} {figures[name]:.3f}"
                    for name in ("accuracy", "accuracy_with_none", "none_recall", "unknown_auroc", "calibration_error")
                    if figures[name] is not None
                )
                self.stdout.write(f"  {language} {way:6} {figures['examples']:5} examples  {shown}")
            for truth, taken, times in (ways.get("full") or ways["sparse"])["mistakes"][:5]:
                self.stdout.write(f"     {truth} taken for {taken}: {times}")
