"""Writes docs/settings.md from the settings' own definitions, so that the page cannot say something else."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

import channels_adapters.conf
import csbot.conf
import csbot.demo.conf
import kb.conf
from csbot.conf import Setting

PAGE = Path("docs") / "settings.md"
HEAD = """# Settings

Every setting begins with `CSBOT_`, stands in the host project's settings module, has a default, and is read when it is
used. `manage.py check` says what is wrong with one and what to do. This page is written by `manage.py csbot_settings`
from the definitions in each room's `conf.py`; the environment variables of this repository's own site are listed in
[operations](operations.md).
"""


class Command(BaseCommand):
    help = f"Writes {PAGE} from the settings' definitions; --check only says whether it is up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail when the page is out of date")

    def handle(self, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / PAGE
        wanted = page()
        if options["check"]:
            if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
                raise CommandError(f"{PAGE} is out of date. Fix: manage.py csbot_settings")
            return
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"Wrote {PAGE}.")


def page() -> str:
    """The whole page as Markdown."""
    parts = [HEAD]
    for title, module in (
        ("Conversations, dialogue, people", csbot.conf),
        ("Knowledge base", kb.conf),
        ("Channels", channels_adapters.conf),
        ("The demo", csbot.demo.conf),
    ):
        parts.append(f"\n## {title}\n\n| setting | default | what it does |\n| --- | --- | --- |\n")
        parts.extend(
            f"| `{name}` | {shown(default)} | {purpose} |\n" for name, default, purpose in sorted(entries(module))
        )
    return "".join(parts)


def entries(module: ModuleType) -> Iterator[tuple[str, Any, str]]:
    """Name, default and purpose of what `module` defines: `Setting` objects, or functions that read one setting."""
    for each in list(vars(module).values()):
        if isinstance(each, Setting):
            yield each.name, each.default, each.purpose
        elif isinstance(each, FunctionType) and each.__module__ == module.__name__ and each.__doc__:
            names = [
                const for const in each.__code__.co_consts if isinstance(const, str) and const.startswith("CSBOT_")
            ]
            if len(names) == 1:
                yield names[0], _default_of(each, names[0]), " ".join(each.__doc__.split())


def _default_of(function: FunctionType, name: str) -> Any:
    """What the function answers when the setting is left out, whatever this site has set."""
    from django.test.utils import override_settings

    with override_settings():
        if hasattr(settings, name):
            delattr(settings, name)
        return function()


def shown(value: Any) -> str:
    """A default as it would be written, short enough for a table."""
    text = json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False, default=str)
    if isinstance(value, tuple | list) and len(text) > 80:
        return "<br>".join(f"`{each}`" for each in value)
    return f"`{text}`"
