"""Small fixed signs that must never depend on a model: yes and no, "agent", 转人工, "never mind", a question mark.

They stand in `cues/<language>.yaml`, by kind: `whole` phrases are the entire message (greetings and politeness around
them put aside), `asked` phrases are so only with a question mark ("sorry?"), `within` phrases may stand anywhere,
`unless` phrases beside them take the sign back. `cues/emoji.yaml` reads messages that have no word in them: 👍, 😡.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from csbot.nlu.digits import plain
from kb.han import simplified

DIRECTORY = Path(__file__).resolve().parent / "cues"
PUNCTUATION = re.compile(r"[^\w\s'@.+-]|(?<!\w)[.+-]|[.](?!\w)", re.UNICODE)
SPACE = re.compile(r"\s+")
SAID_TWICE = ("yes", "no")
SAID_OVER = re.compile(r"^(.+?)(?:\s*\1)+$")
DRAWN_OUT = re.compile(r"(.)\1+$")
BORROWED = ("human",)  # one English word in a Chinese sentence is enough: 我要找agent
LATIN = re.compile(r"[a-z]+")
HAN = re.compile(r"[\u3400-\u9fff]")
QUESTION_MARKS = "?？"
LETTER = r"[^\W\u3400-\u9fff]"  # Chinese has no spaces: "找agent" and 打12315 name what they name


@dataclass(frozen=True, slots=True)
class Cue:
    """One kind of sign in one language."""

    whole: frozenset[str]
    within: tuple[str, ...]
    unless: tuple[str, ...]
    asked: frozenset[str]
    pattern: re.Pattern[str] | None
    refused: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Cues:
    """All signs of one language."""

    kinds: dict[str, Cue]
    polite: tuple[str, ...]

    def bare(self, text: str) -> str:
        """`text` in lower case without punctuation and without the politeness around what it says."""
        words = normalised(text)
        changed = True
        while changed:
            changed = False
            for phrase in self.polite:
                for trim in (_without_start, _without_end):
                    trimmed = trim(words, phrase)
                    if trimmed and trimmed != words:
                        words, changed = trimmed, True
        return words


@lru_cache(maxsize=2048)
def normalised(text: str) -> str:
    """Lower case, ASCII digits, Simplified Chinese, one space between words, no punctuation; of a text without any
    word, its emoji."""
    words = SPACE.sub(" ", PUNCTUATION.sub(" ", simplified(plain(text)).lower().replace("’", "'"))).strip()
    return words or " ".join(dict.fromkeys(sign for sign in text if unicodedata.category(sign) == "So"))


def _without_start(words: str, phrase: str) -> str:
    if not words.startswith(phrase):
        return words
    rest = words[len(phrase) :]
    return rest.strip() if HAN.search(phrase) or rest[:1] == " " else words


def _without_end(words: str, phrase: str) -> str:
    if not words.endswith(phrase):
        return words
    rest = words[: len(words) - len(phrase)]
    return rest.strip() if HAN.search(phrase) or rest[-1:] == " " else words


@lru_cache(maxsize=16)
def cues(language: str) -> Cues:
    """The signs of `language`; none for a language that has no file."""
    path = DIRECTORY / f"{language}.yaml"
    if not path.is_file():
        return Cues({}, ())
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    polite = tuple(sorted(map(str, data.pop("polite", ())), key=len, reverse=True))
    return Cues({kind: _cue(entry) for kind, entry in data.items()}, polite)


def _cue(entry: dict[str, Any]) -> Cue:
    within, unless = _phrases(entry, "within"), _phrases(entry, "unless")
    return Cue(
        whole=frozenset(_phrases(entry, "whole")),
        within=within,
        unless=unless,
        asked=frozenset(_phrases(entry, "asked")),
        pattern=_pattern(within),
        refused=_pattern(unless),
    )


def _phrases(entry: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(phrase for written in entry.get(name, ()) if (phrase := normalised(str(written))))


def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    parts = [
        re.escape(phrase) if HAN.search(phrase) else rf"(?<!{LETTER}){re.escape(phrase)}(?!{LETTER})"
        for phrase in phrases
    ]
    return re.compile("|".join(parts))


@lru_cache(maxsize=4096)
def has(kind: str, text: str, language: str) -> bool:
    """Whether `text` bears the sign `kind`, in `language` or in any other: 转人工 and "agent" may come in the middle
    of any language."""
    tongues = dict.fromkeys([language, *all_languages()])
    return any(_has(kind, text, tongue) for tongue in tongues)


def _has(kind: str, text: str, language: str) -> bool:
    signs = cues(language)
    cue = signs.kinds.get(kind)
    if cue is None:
        return False
    if _is_whole(kind, signs, cue, text):
        return True
    words = normalised(text)
    if kind in BORROWED and HAN.search(words) and any(word in cue.whole for word in LATIN.findall(words)):
        return True
    if words in cue.asked and text.rstrip().endswith(tuple(QUESTION_MARKS)):
        return True
    if kind in SAID_TWICE and _twice(cue, signs.bare(text)):
        return True
    return bool(cue.pattern and cue.pattern.search(words) and not (cue.refused and cue.refused.search(words)))


def _is_whole(kind: str, signs: Cues, cue: Cue, text: str) -> bool:
    """Whether `text` is one of the cue's whole phrases, with politeness around it or not; a yes or a no also when it is
    drawn out ("yesss", 对对对)."""
    said = {signs.bare(text), normalised(text)}
    if kind in SAID_TWICE:
        said |= {DRAWN_OUT.sub(r"\1", SAID_OVER.sub(r"\1", words)) for words in said}
    return not cue.whole.isdisjoint(said)


def _twice(cue: Cue, words: str) -> bool:
    """Whether the words are a whole phrase and then another: "nah, I'm good", 不用了没事了."""
    for phrase in cue.whole:
        rest = _without_start(words, phrase)
        if rest != words and rest in cue.whole:
            return True
    return False


@lru_cache(maxsize=4096)
def refused(kind: str, text: str, language: str) -> bool:
    """Whether `text` takes the sign `kind` back: "are you a person?" is no request for one."""
    cue = cues(language).kinds.get(kind)
    return bool(cue and cue.refused and cue.refused.search(normalised(text)))


@lru_cache(maxsize=1)
def all_languages() -> tuple[str, ...]:
    """The languages that have a file of signs."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


def yes_or_no(text: str, language: str) -> bool | None:
    """What a short answer says to a yes-or-no question; None when it says neither."""
    if has("no", text, language):
        return False
    if has("yes", text, language):
        return True
    return None


@lru_cache(maxsize=4096)
def is_only(kind: str, text: str, language: str) -> bool:
    """Whether `text` is the sign `kind` and nothing else."""
    for tongue in dict.fromkeys([language, *all_languages()]):
        signs = cues(tongue)
        cue = signs.kinds.get(kind)
        if cue and _is_whole(kind, signs, cue, text):
            return True
    return False


def only_yes_or_no(text: str, language: str) -> bool:
    """Whether `text` is a yes or a no to something and says nothing else."""
    return is_only("yes", text, language) or is_only("no", text, language)


def without(kind: str, text: str, language: str) -> str:
    """`text` with a leading sign of `kind` put aside: "no, 54321" without "no" is "54321"."""
    for tongue in dict.fromkeys([language, *all_languages()]):
        cue = cues(tongue).kinds.get(kind)
        for phrase in sorted((*cue.whole, *cue.within), key=len, reverse=True) if cue else ():
            match = re.match(
                rf"\W*{re.escape(phrase)}(?!\w)[\s,.;:!，。；！、-]*"
                if not HAN.search(phrase)
                else rf"\W*{re.escape(phrase)}[\s，。,、！]*",
                text,
                re.IGNORECASE,
            )
            if match and match.end() < len(text):
                return text[match.end() :]
    return text


def split(kind: str, text: str, language: str) -> list[str]:
    """`text` cut where a sign of `kind` stands; the sign itself goes."""
    cue = cues(language).kinds.get(kind)
    if cue is None or cue.pattern is None:
        return [text]
    return re.split(cue.pattern.pattern, text, flags=re.IGNORECASE)


def question_like(text: str, language: str) -> bool:
    """Whether `text` asks something."""
    return any(mark in text for mark in QUESTION_MARKS) or has("question", text, language)


def is_short(text: str, most_words: int, most_han: int) -> bool:
    """Whether the text has at most so many words, or Chinese characters."""
    han = len(HAN.findall(text))
    return han <= most_han if han else len(text.split()) <= most_words
