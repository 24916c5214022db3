"""What the bot says on its own: every sentence that is not an article's.

A wording is looked up from the most particular to the most general: a person's override for the inbox, for the
brand, for the site (`Wording`), then the default of the brand's pack (`PackWording`), then the templates'
(`templates/csbot/wordings/<language>.yaml`). A default may have variants, so that a repeated question is not
repeated word for word. The spoken form falls back to the chat form, a missing language to the bot's first one.

Overrides are cached per process and brand under `Brand.wording_revision`, which every change raises: an edit is in
force in every process at the next sentence.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.db.models.signals import post_delete, post_save

from csbot.located import Located, LocatedMap, Problem, load_located
from csbot.models import Brand, PackWording, Wording
from csbot.prepared import Select, parameter
from csbot.values import shown

VARIABLE = re.compile(r"\{([a-z_][a-z0-9_.]*)\}")
BRACE = re.compile(r"[{}]")
FORMS = ("chat", "spoken")
ALWAYS = ("bot", "brand", "name")
"""Variables that every wording of a turn may use."""


class WordingError(Exception):
    """A wording that does not exist, or one that names a variable it cannot have."""


@dataclass(frozen=True, slots=True)
class Default:
    """What stands in a file: the variants of each form, the variables they may name, and what it is for."""

    key: str
    about: str
    variables: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]]  # form → variants


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a brand's inbox says, at one revision: (key, language, form) → variants."""

    texts: Mapping[tuple[str, str, str], tuple[str, ...]]
    languages: tuple[str, ...]

    def variants(self, key: str, language: str, form: str) -> tuple[str, ...]:
        """The variants that apply. Raises WordingError for a key that nothing defines."""
        for tongue in (language, *(other for other in self.languages if other != language)):
            for shape in dict.fromkeys((form, "chat")):
                found = self.texts.get((key, tongue, shape))
                if found:
                    return found
        raise WordingError(f"No wording has the key {key!r}; define it in a pack's wordings.yaml.")

    def has(self, key: str) -> bool:
        """Whether any language defines `key`."""
        return any((key, language, "chat") in self.texts for language in self.languages)

    def say(
        self, key: str, *, language: str, form: str = "chat", turn: int = 0, values: Mapping[str, Any] | None = None
    ) -> str:
        """The wording in words: variant number `turn`, its variables filled from `values`."""
        variants = self.variants(key, language, form)
        return fill(variants[turn % len(variants)], values or {}, language, key=key)


def fill(text: str, values: Mapping[str, Any], language: str, *, key: str = "") -> str:
    """`text` with `{name}` and `{name.part}` replaced. Raises WordingError for a name that `values` lacks."""

    def replaced(match: re.Match[str]) -> str:
        value: Any = values
        for part in match.group(1).split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise WordingError(f"The wording {key!r} names {{{match.group(1)}}}, which is not known here.")
            value = value[part]
        return shown(value, language)

    return VARIABLE.sub(replaced, text)


def wording(
    key: str, *, brand: Brand | str, inbox: str = "", language: str = "en", form: str = "chat", **values: Any
) -> str:
    """The words for `key` at `inbox` of `brand`, for callers outside a turn (e-mails, pages)."""
    return words(brand.key if isinstance(brand, Brand) else brand, inbox).say(
        key, language=language, form=form, values=values
    )


_REVISION = Select(lambda: Brand.objects.filter(key=parameter(Brand, "key", "brand")))
_cache: dict[tuple[str, str], tuple[int, Words]] = {}
_lock = threading.Lock()


def words(brand: str, inbox: str = "") -> Words:
    """What applies at `inbox` of `brand` now: one short query when nothing changed since the last look."""
    row = _REVISION.first(brand=brand)
    revision = row.wording_revision if row else 0
    with _lock:
        cached = _cache.get((brand, inbox))
    if cached and cached[0] == revision:
        return cached[1]
    fresh = _load(brand, inbox)
    with _lock:
        _cache[brand, inbox] = (revision, fresh)
    return fresh


def _load(brand: str, inbox: str) -> Words:
    texts: dict[tuple[str, str, str], tuple[str, ...]] = {}
    languages: dict[str, None] = {}
    for language, defaults in site_defaults().items():
        languages[language] = None
        for default in defaults.values():
            for form, variants in default.texts.items():
                texts[default.key, language, form] = variants
    for row in PackWording.objects.filter(brand__key=brand):
        languages[row.language] = None
        texts[row.key, row.language, row.form] = tuple(row.texts)
    overrides = Wording.objects.filter(brand=None, inbox=None) | Wording.objects.filter(brand__key=brand, inbox=None)
    if inbox:
        overrides |= Wording.objects.filter(inbox__key=inbox)
    for override in sorted(overrides, key=lambda row: (row.inbox_id is not None, row.brand_id is not None)):
        languages[override.language] = None
        texts[override.key, override.language, override.form] = (override.text,)
        if override.form == "chat":
            # A person who rewrites what is read has not rewritten what is heard; the default spoken form would now
            # say something else, so it gives way unless it is overridden as well.
            texts.pop((override.key, override.language, "spoken"), None)
    for override in overrides:
        if override.form == "spoken":
            texts[override.key, override.language, "spoken"] = (override.text,)
    return Words(texts, tuple(languages))


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """One line of the admin's list: what is said now, where it comes from, and what a reset would bring back."""

    key: str
    about: str
    variables: tuple[str, ...]
    language: str
    form: str
    text: str
    default: str
    overridden: bool


def catalogue(brand: Brand, inbox: str = "", languages: Sequence[str] = ()) -> list[CatalogueLine]:
    """Every wording of `brand` in `languages` (all there are when empty), for the page where a person edits them."""
    current = words(brand.key, inbox)
    defaults: dict[tuple[str, str, str], tuple[Default, str]] = {}
    for language, found in site_defaults().items():
        for default in found.values():
            for form, variants in default.texts.items():
                defaults[default.key, language, form] = (default, variants[0])
    for row in PackWording.objects.filter(brand=brand):
        described = Default(row.key, row.about, tuple(row.variables), {})
        defaults[row.key, row.language, row.form] = (described, row.texts[0])
    lines = []
    for (key, language, form), (default, text) in sorted(defaults.items(), key=lambda item: item[0]):
        if not languages or language in languages:
            now = current.texts.get((key, language, form), (text,))[0]
            lines.append(
                CatalogueLine(key, default.about, default.variables, language, form, now, text, overridden=now != text)
            )
    return lines


def variables_of(brand: Brand | str, key: str) -> tuple[str, ...] | None:
    """The variables that `key` may name for `brand`; None when no wording has that key."""
    brand_key = brand.key if isinstance(brand, Brand) else brand
    row = PackWording.objects.filter(brand__key=brand_key, key=key).first()
    if row is not None:
        return tuple(row.variables)
    for defaults in site_defaults().values():
        if key in defaults:
            return defaults[key].variables
    return None


def problems(text: str, variables: Iterable[str]) -> list[str]:
    """What is wrong with a wording's text: one plain sentence each, empty when nothing is."""
    allowed = {*variables, *ALWAYS}
    found = []
    if not text.strip():
        found.append("The text is empty.")
    for name in VARIABLE.findall(text):
        if name not in allowed and name.split(".")[0] not in allowed:
            known = ", ".join(f"{{{variable}}}" for variable in sorted(allowed)) or "none"
            found.append(f"{{{name}}} is not a variable of this wording; it may use: {known}.")
    if BRACE.search(VARIABLE.sub("", text)):
        found.append("A brace stands alone: a variable is written {name}.")
    return found


def preview(text: str, key: str, *, brand: Brand, language: str) -> str:
    """`text` with each variable shown as an example a person recognises."""
    names = variables_of(brand, key) or ()
    return VARIABLE.sub(lambda match: f"‹{match.group(1)}›" if match.group(1) in names else match.group(0), text)


def reset(key: str, *, brand: Brand, inbox: str = "", language: str, form: str) -> int:
    """Removes the override, so that the default is said again. Returns how many rows went."""
    rows = Wording.objects.filter(key=key, language=language, form=form)
    rows = rows.filter(inbox__key=inbox) if inbox else rows.filter(inbox=None, brand=brand)
    count = 0
    for row in rows:
        row.delete()
        count += 1
    return count


# --- files ----------------------------------------------------------------------------------------------------------


def default_directory() -> Path:
    """Where the templates' wordings stand: the installed package's, else the project's `templates/`."""
    packaged = Path(__file__).resolve().parent / "templates" / "csbot" / "wordings"
    if packaged.is_dir():
        return packaged
    return Path(settings.BASE_DIR) / "templates" / "csbot" / "wordings"


@lru_cache(maxsize=1)
def site_defaults() -> dict[str, dict[str, Default]]:
    """The templates' wordings: language → key → default. Raises WordingError naming file and line of a bad one."""
    found: dict[str, dict[str, Default]] = {}
    for path in sorted(default_directory().glob("*.yaml")):
        faults: list[Problem] = []
        found[path.stem] = read_defaults(load_located(path.read_text(encoding="utf-8"), path.name), faults.append)
        if faults:
            raise WordingError("\n".join(map(str, faults)))
    return found


def read_defaults(document: Located, report: Callable[[Problem], None]) -> dict[str, Default]:
    """One language's wordings from YAML: `key: {about, variables, chat: text or variants, spoken}` or `key: text`."""
    found: dict[str, Default] = {}
    if not isinstance(document.value, LocatedMap):
        report(document.problem("wordings are written as key: text"))
        return found
    for key, entry in document.value.items():
        default = _read_default(key, entry, report)
        if default is not None:
            found[key] = default
    return found


@dataclass(slots=True)
class _Parts:
    about: str = ""
    variables: tuple[str, ...] = ()
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def _read_default(key: str, entry: Located, report: Callable[[Problem], None]) -> Default | None:
    parts = _Parts()
    if isinstance(entry.value, LocatedMap):
        for name, part in entry.value.items():
            if name == "about":
                parts.about = str(part.plain())
            elif name == "variables":
                parts.variables = tuple(str(variable) for variable in part.plain() or ())
            elif name in FORMS:
                parts.texts[name] = _variants(part)
            else:
                report(
                    part.problem(f"{name!r} is not a part of a wording; the parts are about, variables, chat, spoken")
                )
    else:
        parts.texts["chat"] = _variants(entry)
    if "chat" not in parts.texts:
        report(entry.problem(f"the wording {key!r} has no chat form"))
        return None
    for form, variants in parts.texts.items():
        for text in variants:
            for fault in problems(text, parts.variables):
                report(entry.problem(f"the wording {key!r}, {form}: {fault}"))
    return Default(key, parts.about, parts.variables, parts.texts)


def _variants(part: Located) -> tuple[str, ...]:
    plain = part.plain()
    return tuple(str(text).strip() for text in plain) if isinstance(plain, list) else (str(plain).strip(),)


# --- changes --------------------------------------------------------------------------------------------------------


def changed(brand: Brand | None) -> None:
    """Makes every process look again before it next speaks for `brand` (None: for every brand)."""
    brands = Brand.objects.all() if brand is None else Brand.objects.filter(pk=brand.pk)
    # Never lower than the clock: a brand made anew under an old key is not mistaken for the old one.
    brands.update(wording_revision=Greatest(F("wording_revision") + 1, Value(time.time_ns() // 1000)))


def _on_change(instance: Wording, **_: Any) -> None:
    inbox = instance.inbox
    changed(instance.brand or (inbox.brand if inbox else None))


def connect() -> None:
    """Called once when the app is ready: an edit or a reset in the admin raises the revision in its own transaction."""
    post_save.connect(_on_change, sender=Wording, dispatch_uid="csbot.wordings.saved")
    post_delete.connect(_on_change, sender=Wording, dispatch_uid="csbot.wordings.deleted")
