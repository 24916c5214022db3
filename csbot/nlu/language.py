"""Which of the languages a bot speaks a text is written in.

Scripts decide between languages of different scripts; between languages of one script a few dozen of their commonest
words do. A customer-service text is short and mixed ("return 订单12345", "iPhone 15 有货吗"), so words that carry
grammar count more than names, and what says nothing (numbers, emoji, "ok", an address) keeps the language of before.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from kb.han import TRADITIONAL_ONLY, simplified

# What a long text is written in shows in its beginning; the rest would only cost time.
READ_AT_MOST = 600
SURE = 0.5
"""Below this confidence the previous language is kept."""

# Said in any language: they tell nothing about the one being spoken.
_UNIVERSAL_WORDS = (
    "ok okay okey kk hi hello hey bye app wifi email mail sms vip pdf usb id no faq pin url www http https com"
)
_UNIVERSAL = frozenset(_UNIVERSAL_WORDS.split())
_NOT_LANGUAGE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|[#@]\w+|\b(?=\w*\d)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*\b")
_SCRIPTS = re.compile(
    r"(?P<han>[㐀-䶿一-鿿豈-﫿\U00020000-\U0003134f]+)|(?P<kana>[぀-ヿㇰ-ㇿｦ-ﾟ]+)"
    r"|(?P<hangul>[가-힯ᄀ-ᇿ㄰-㆏]+)|(?P<cyrillic>[Ѐ-ԯ]+)|(?P<arabic>[؀-ۿݐ-ݿﭐ-﷿ﹰ-﻿]+)|(?P<thai>[฀-๿]+)"
    r"|(?P<devanagari>[ऀ-ॿ]+)|(?P<greek>[Ͱ-Ͽ]+)|(?P<hebrew>[֐-׿]+)|(?P<latin>[A-Za-zÀ-ɏḀ-ỿ]+(?:['’][A-Za-zÀ-ɏḀ-ỿ]+)*)"
)
# The languages that a script can be, the likeliest first.
_SCRIPT_LANGUAGES = {
    "han": ("zh", "yue", "ja"),
    "kana": ("ja",),
    "hangul": ("ko",),
    "cyrillic": ("ru", "uk", "bg", "sr"),
    "arabic": ("ar", "fa", "ur"),
    "thai": ("th",),
    "devanagari": ("hi", "mr", "ne"),
    "greek": ("el",),
    "hebrew": ("he",),
}
# Characters that hold a Chinese sentence together: with them, Latin words beside are names.
_CHINESE_GRAMMAR = frozenset("的了吗呢吧么我你您他她它们是不在有没要想能会可这那哪怎什谁几请问给把被和跟也都还就再")


@dataclass(frozen=True, slots=True)
class Detected:
    """A language of those expected, and how sure that is: 0 (nothing in the text tells) to 1."""

    language: str
    confidence: float


@cache
def _function_words() -> dict[str, frozenset[str]]:
    path = Path(__file__).with_name("data") / "function_words.json"
    words = cast(dict[str, str], json.loads(path.read_text(encoding="utf-8")))
    return {language: frozenset(line.split()) for language, line in words.items()}


def _primary(tag: str) -> str:
    return tag.replace("_", "-").split("-", 1)[0].lower()


def detect(text: str, *, expected: Sequence[str], previous: str | None = None) -> Detected:
    """The language of `expected` that `text` is written in; `previous` where the text does not tell.

    `expected` holds BCP 47 tags, the bot's own language first; it must not be empty. With no telling text and no
    previous language the first expected one is given, with confidence 0. Takes well under 0.2 ms.
    """
    if not expected:
        raise ValueError("expected is empty: name at least one language that the bot speaks")
    kept = previous if previous in expected else None
    if len(expected) == 1:
        return Detected(expected[0], 1.0)
    weights = _weights(text[:READ_AT_MOST], tuple(expected))
    total = sum(weights.values())
    best = max(expected, key=lambda tag: (weights.get(tag, 0.0), tag == kept))
    if not total or not weights.get(best):
        return Detected(kept or expected[0], 0.0)
    # One weak word among nothing else is no proof: half a word of doubt is always there.
    confidence = round(weights[best] / (total + 0.75), 3)
    if confidence < SURE and kept:
        return Detected(kept, confidence)
    return Detected(best, confidence)


def _weights(text: str, expected: tuple[str, ...]) -> dict[str, float]:
    scripts: dict[str, list[str]] = {}
    for match in _SCRIPTS.finditer(_NOT_LANGUAGE.sub(_keep_other_scripts, text)):
        scripts.setdefault(cast(str, match.lastgroup), []).append(match.group())
    weights: dict[str, float] = {}
    if latin := scripts.pop("latin", None):
        _weigh_latin(latin, expected, weights)
    if "kana" in scripts and any(_primary(tag) == "ja" for tag in expected):
        scripts["kana"] += scripts.pop("han", [])
    for script, runs in scripts.items():
        tag = _language_of_script(script, runs, expected)
        characters = sum(map(len, runs))
        if script == "han":
            grammar = sum(character in _CHINESE_GRAMMAR for character in simplified("".join(runs)))
            weight = characters * 0.75 + grammar * 1.25 + 0.5
        else:
            weight = characters / 2 + 0.5
        weights[tag] = weights.get(tag, 0.0) + weight
    return weights


def _keep_other_scripts(match: re.Match[str]) -> str:
    """A number, link or code is cut out; letters of another script caught in it (订单12345) stay."""
    return "".join(character if character > "ͯ" else " " for character in match.group())


def _language_of_script(script: str, runs: list[str], expected: tuple[str, ...]) -> str:
    for language in _SCRIPT_LANGUAGES[script]:
        tags = [tag for tag in expected if _primary(tag) == language]
        if len(tags) > 1:
            return _chinese_variant("".join(runs), tags) if language == "zh" else tags[0]
        if tags:
            return tags[0]
    return f"?{script}"


def _chinese_variant(text: str, tags: list[str]) -> str:
    traditional = [tag for tag in tags if re.search(r"(?i)-(hant|tw|hk|mo)\b", tag)]
    if traditional and any(character in TRADITIONAL_ONLY for character in text):
        return traditional[0]
    return next((tag for tag in tags if tag not in traditional), tags[0])


def _weigh_latin(words: list[str], expected: tuple[str, ...], weights: dict[str, float]) -> None:
    known = _function_words()
    tags = [tag for tag in expected if _primary(tag) in known]
    lowered = [word.lower().replace("’", "'") for word in words]
    telling = [word for word in lowered if word not in _UNIVERSAL]
    if not telling:
        return
    for tag in tags or ["?latin"]:
        grammar = known.get(_primary(tag), frozenset())
        weights[tag] = sum(2.0 if word in grammar else 0.0 for word in telling)
    # Words that no list knows speak for Latin script as a whole: for the language that the known words point to,
    # else for the first expected one that is written so. Names (capitals, one letter) say less.
    named = all(word[0].isupper() for word in words)
    unknown = sum(
        _unknown_weight(word, named=bool(place) or named)
        for place, word in enumerate(words)
        if word.lower() not in _UNIVERSAL and not any(lowered[place] in known[_primary(tag)] for tag in tags)
    )
    best = max(tags or ["?latin"], key=lambda tag: weights[tag])
    weights[best] += unknown


def _unknown_weight(word: str, *, named: bool) -> float:
    if len(word) == 1 or word[1:] != word[1:].lower():
        return 0.2  # a size, an abbreviation, a brand
    return 0.3 if named and word[0].isupper() else 0.7
