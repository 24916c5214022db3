"""manage.py csbot_kb_fit: learn how much each kind of evidence weighs from questions whose answers are known."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from kb.errors import KnowledgeError
from kb.importers.articles import read_questions
from kb.retrieval.fitting import fit


class Command(BaseCommand):
    help = "Fits retrieval weights of a collection to labelled questions and reports on those kept for checking."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("collection", help=_("key of the collection"))
        parser.add_argument("questions", nargs="+", help=_("YAML files with q, article, language and use (fit|check)"))
        parser.add_argument("--dry-run", action="store_true", help=_("report only; store nothing"))
        parser.add_argument("--json", action="store_true", help=_("print the whole report as JSON"))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            fits = fit(options["collection"], read_questions(*options["questions"]), store=not options["dry_run"])
        except KnowledgeError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            report = [
                {
                    "language": done.language,
                    "engine": done.engine,
                    "stored": done.stored,
                    "parameters": done.parameters.as_json(),
                    **done.report,
                }
                for done in fits
            ]
            self.stdout.write(json.dumps(report, indent=2))
            return
        for done in fits:
            figures = done.report["fitted"]
            self.stdout.write(
                f"{done.language} {done.engine}: "
                f"R@1 {figures['recall_at_1']:.1%}, R@5 {figures['recall_at_5']:.1%}, MRR {figures['mrr']:.3f}; "
                f"answers {figures['answered']:.1%}, right {figures['right_when_answered']:.1%}; "
                f"leaves unanswerable alone {figures['left_unanswered_rightly']:.1%}; "
                f"calibration error {figures['calibration_error']:.3f} "
                f"({figures['questions']} check questions; fitted to {done.report['fit_questions']}"
                f"{'' if done.stored else ', not stored'})"
            )
