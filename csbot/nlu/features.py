"""Words and characters of a text as weighted features (TF-IDF), for English, Chinese and anything mixed of them.

A word gives itself, its pair with the next, its character 2- to 5-grams and its letters in alphabetical order: those
survive a typing error. A run of Chinese gives its characters, pairs and triples, and needs no segmenter. Numbers all
look alike: an order number says that there is one, not which intent it is.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.han import simplified

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

READ_AT_MOST = 600
"""Characters of a text that its features are taken from: intents are said at once, and training stays quick."""
CHARACTER_GRAMS = range(2, 6)
_TOKEN = re.compile(r"[㐀-鿿]+|\d+|[^\W\d_㐀-鿿]+")
_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")


def normalised(text: str) -> str:
    """`text` as features see it: one width, one case, Simplified Chinese, without drawn-out letters."""
    text = simplified(unicodedata.normalize("NFKC", text[:READ_AT_MOST])).casefold()
    return _DRAWN_OUT.sub(r"\1\1", _APOSTROPHES.sub("", text))


def grams(text: str) -> Counter[str]:
    """The features of `text` with their counts; `w:` are words, `c:` characters."""
    found: list[str] = []
    before = ""
    for match in _TOKEN.finditer(normalised(text)):
        token = match.group()
        if "㐀" <= token[0] <= "鿿":
            found += _chinese_grams(token)
            before = ""
            continue
        if token[0].isdigit():
            found.append("w:0")
            before = "0"
            continue
        found.append(f"w:{token}")
        found.append(f"w:{before} {token}")
        before = token
        if len(token) > 3:  # letters in the wrong order, the commonest slip: "retrun" holds what "return" does
            found.append(f"w:~{''.join(sorted(token))}")
        edged = f" {token} "
        for size in CHARACTER_GRAMS:
            if size > len(edged):
                break
            found += [f"c:{edged[place : place + size]}" for place in range(len(edged) - size + 1)]
    return Counter(found)


def _chinese_grams(run: str) -> Iterable[str]:
    for place, character in enumerate(run):
        yield f"c:{character}"
        if place + 1 < len(run):
            yield f"w:{run[place : place + 2]}"
        if place + 2 < len(run):
            yield f"c:{run[place : place + 3]}"
    yield f"c:^{run[:2]}"
    yield f"c:{run[-2:]}$"


@dataclass(frozen=True, slots=True)
class Weighed:
    """Features known to a vocabulary: places in it, weights (float32, unit length together), and the share known."""

    places: "NDArray[np.int64]"
    weights: "NDArray[np.float32]"
    coverage: float
    """How much of the text the vocabulary knows, 0 to 1, by squared weight."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Features with their inverse document frequency (smoothed, as log((1 + n) / (1 + df)) + 1)."""

    places: dict[str, int]
    idf: "NDArray[np.float32]"
    unknown_idf: float

    @classmethod
    def of(cls, counted: Sequence[Counter[str]]) -> "Vocabulary":
        """The vocabulary of these texts. In a large set a feature must be seen twice to be one."""
        import numpy as np

        seen: Counter[str] = Counter()
        for counts in counted:
            seen.update(counts.keys())
        least = 2 if len(counted) > 3000 else 1
        kept = sorted(feature for feature, times in seen.items() if times >= least)
        times = np.array([seen[feature] for feature in kept], np.float32)
        idf = (np.log((1 + len(counted)) / (1 + times)) + 1).astype(np.float32)
        places = {feature: place for place, feature in enumerate(kept)}
        return cls(places, idf, float(np.log((1 + len(counted)) / 2) + 1))

    def weigh(self, counts: Counter[str]) -> Weighed:
        """What these counted features weigh; words and characters count half each."""
        import numpy as np

        places: list[int] = []
        counted: list[float] = []
        words: list[bool] = []
        missing = 0.0
        known = self.places.get
        for feature, times in counts.items():
            place = known(feature)
            scale = 1.0 if times == 1 else 1.0 + math.log(times)
            if place is None:
                missing += (scale * self.unknown_idf) ** 2
                continue
            places.append(place)
            counted.append(scale)
            words.append(feature[0] == "w")
        if not places:
            return Weighed(np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0)
        rows, is_word = np.array(places, np.int64), np.array(words)
        weights = np.array(counted, np.float32) * self.idf[rows]
        squares = weights * weights
        total, of_words = float(squares.sum()), float(squares[is_word].sum())
        of_characters = total - of_words
        by_word = math.sqrt(0.5 / of_words) if of_words > 1e-9 else 0.0
        by_character = math.sqrt(0.5 / of_characters) if of_characters > 1e-9 else 0.0
        weights *= np.where(is_word, np.float32(by_word), np.float32(by_character))
        return Weighed(rows, weights.astype(np.float32), total / (total + missing))
