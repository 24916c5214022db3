"""The history of an article, told as what each version changed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext_lazy as _

from kb.admin.languages import language_name
from kb.models import Article, Version

PIECES = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff]+|\s+|.", re.DOTALL)
FACTS = {
    "status": _("status"),
    "audience": _("audience"),
    "tags": _("tags"),
    "url": _("page"),
    "effective_from": _("in force from"),
    "effective_until": _("in force until"),
}
PARTS = {
    "title": _("title"),
    "questions": _("alternative wordings"),
    "text": _("chat form"),
    "spoken": _("spoken form"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as pieces of text each marked "same", "gone" or "new"."""

    language: str
    field: str
    pieces: list[tuple[str, str]]


def history(article: Article) -> Iterator[tuple[Version, list[Change]]]:
    """Every version, newest first, with what it changed from the one before."""
    versions = list(article.versions.select_related("by").order_by("number"))
    told = []
    before: Mapping[str, Any] = {}
    for version in versions:
        told.append((version, list(changes(before, version.snapshot))))
        before = version.snapshot
    yield from reversed(told)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """What differs between two snapshots of an article."""
    for fact, name in FACTS.items():
        old, new = _words(before.get(fact)), _words(after.get(fact))
        if old != new:
            yield Change("", str(name), compared(old, new))
    old_texts, new_texts = before.get("texts", {}), after.get("texts", {})
    for language in sorted({*old_texts, *new_texts}):
        for part, name in PARTS.items():
            old = _words(old_texts.get(language, {}).get(part))
            new = _words(new_texts.get(language, {}).get(part))
            if old != new:
                yield Change(language_name(language), str(name), compared(old, new))


def compared(old: str, new: str) -> list[tuple[str, str]]:
    """`old` and `new` as one text of pieces; words, or single Chinese characters, are compared."""
    left, right = PIECES.findall(old), PIECES.findall(new)
    pieces: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(left[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(("gone", "".join(left[i1:i2])))
        if j2 > j1:
            pieces.append(("new", "".join(right[j1:j2])))
    return pieces


def _words(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return "" if value is None else str(value)
