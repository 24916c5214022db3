"""Finds which of some named options a sentence speaks of: products of an order, reasons, choices.

Names in Latin script are compared word by word, forgiving plurals and small typos; names in Chinese as parts of the
sentence. The longest name claims its words first, so that "Oxford shirt" is never also a plain "shirt".
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from csbot.nlu.digits import plain
from kb.han import simplified

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be named: `value` is kept, `title` (by language) shown, `names` listened for."""

    value: str
    title: Mapping[str, str]
    names: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        return {"value": self.value, "title": dict(self.title)}


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of the sentence, and the options whose name it is: one, or several that cannot be told apart."""

    start: int
    end: int
    options: tuple[Option, ...]
    weight: int


def option(data: Mapping[str, object]) -> Option:
    """An option from an action's JSON: `{"value", "title": {language: …}, "names": [… or by language]}`."""
    title = data.get("title")
    titles = {str(key): str(text) for key, text in title.items()} if isinstance(title, Mapping) else {"": str(title)}
    named = data.get("names") or ()
    extra = [text for part in named.values() for text in part] if isinstance(named, Mapping) else list(named)  # type: ignore[call-overload]
    return Option(str(data["value"]), titles, tuple(dict.fromkeys([*titles.values(), *map(str, extra)])))


def mentions(text: str, options: Sequence[Option]) -> list[Mention]:
    """The options that `text` names, in the order they are named; stretches do not overlap."""
    text = simplified(plain(text)).lower()
    words = [(match.start(), match.end(), _stem(match.group())) for match in WORD.finditer(text)]
    spans: dict[tuple[int, int], dict[str, Option]] = {}
    for candidate in options:
        for name in candidate.names:
            for span in _spans(name, text, words):
                spans.setdefault(span, {})[candidate.value] = candidate
    taken: list[Mention] = []
    for (start, end), found in sorted(spans.items(), key=lambda item: item[0][0] - item[0][1]):
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Mention(start, end, tuple(found.values()), end - start))
    return sorted(taken, key=lambda mention: mention.start)


def hints(text: str, options: Sequence[Option]) -> list[Option]:
    """The options that share a telling part with `text` ("the linen one", 牛仔那条): weaker than a mention.

    A part that belongs to several options tells nothing between them; the options with the most telling parts win.
    """
    text = simplified(plain(text)).lower()
    words = {_stem(word) for word in WORD.findall(text) if not HAN.search(word)}
    best: dict[str, int] = {}
    for candidate in options:
        parts: set[str] = set()
        for name in candidate.names:
            parts |= _parts(plain(name).lower())
        hit = {
            part for part in parts if (part in text if HAN.search(part) else any(_alike(part, word) for word in words))
        }
        if hit:
            best[candidate.value] = len(hit)
    top = max(best.values(), default=0)
    return [candidate for candidate in options if top and best.get(candidate.value) == top]


def _parts(name: str) -> set[str]:
    latin = {_stem(word) for word in WORD.findall(name) if not HAN.search(word) and (len(word) > 2 or word.isdigit())}
    han = {run[place : place + 2] for run in re.findall(r"[\u3400-\u9fff]+", name) for place in range(len(run) - 1)}
    return latin | han


def _spans(name: str, text: str, words: list[tuple[int, int, str]]) -> Iterable[tuple[int, int]]:
    written, wanted = _read(name)
    if not wanted:
        place = text.find(written) if written else -1
        while place >= 0:
            yield place, place + len(written)
            place = text.find(written, place + 1)
        return
    for first in range(len(words) - len(wanted) + 1):
        if all(_alike(want, words[first + offset][2]) for offset, want in enumerate(wanted)):
            yield words[first][0], words[first + len(wanted) - 1][1]


@lru_cache(maxsize=16384)
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    """A name as it is looked for: its letters, and its words' stems; none for a name in Chinese, which has no words."""
    written = plain(name).lower()
    if HAN.search(written):
        return written, ()
    stems = tuple(_stem(word) for word in WORD.findall(written))
    return (written if stems else ""), stems


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    word = word.removesuffix("'s").removesuffix("’s")
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


@lru_cache(maxsize=16384)
def _alike(wanted: str, said: str) -> bool:
    if wanted == said:
        return True
    if len(wanted) < 4 or wanted[0] != said[:1]:
        return False
    return distance(wanted, said, limit=2) <= (2 if len(wanted) >= 8 else 1)


def distance(left: str, right: str, *, limit: int) -> int:
    """How many letters must be changed, added, left out or swapped with their neighbour; above `limit`, limit + 1."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        following = [i]
        for j, other in enumerate(right, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) > limit:
            return limit + 1
        before, row = row, following
    return row[-1]
