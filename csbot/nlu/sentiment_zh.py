"""The feeling of a Chinese customer-service text, by lexicon and grammar.

Words are found by longest match over the lexicon (no segmenter: a feeling word inside an unknown compound is what the
lexicon's plain words guard against). A negation turns a feeling round and weakens it, an adverb of degree scales it,
what follows "but" counts more than what stands before, and turns of phrase (怎么还没…, 第三次了) say a feeling without
naming it. The sum is normalised as in VADER: s / sqrt(s² + 15).
"""

import math
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kb.han import simplified

NORMALISER = 15.0
TURNED_ROUND = -0.7
"""What a negation leaves of a feeling: 不满意 is less than the opposite of 满意."""
REACH = 6
"""Characters over which a negation or a degree still belongs to a feeling."""
BEFORE_BUT, AFTER_BUT = 0.5, 1.4
_STOPS = frozenset("，。！？；：、,.!?;:~～\n…")
_ASKED = re.compile(r"(?:\S{0,2}(?:吗|么(?!多|大|好)|嘛|不\b))|还是")
_FEELING_SIGNS = {
    **dict.fromkeys("😀😃😄😁😊🙂☺😍🥰😘🤗🤩🥳👍👏🙏❤💕💖🌹🎉💯😇✌👌💐🌟⭐😋😎", 1.8),
    **dict.fromkeys("😡😠🤬👿💢👎😤😭🤮🤢🖕💩", -2.6),
    **dict.fromkeys("😞😔😟😕🙁☹😣😖😫😩😢😥😓😰😱😒🙄😑😐💔", -1.6),
}


@dataclass(frozen=True, slots=True)
class _Lexicon:
    words: dict[str, float] = field(default_factory=dict)
    negations: set[str] = field(default_factory=set)
    degrees: dict[str, float] = field(default_factory=dict)
    contrasts: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)
    phrases: list[tuple[re.Pattern[str], float]] = field(default_factory=list)

    def kinds(self, word: str) -> bool:
        return (
            word in self.words
            or word in self.plain
            or word in self.negations
            or word in self.degrees
            or word in self.contrasts
        )


@cache
def _lexicon() -> tuple[_Lexicon, int]:
    """The lexicon and the length of its longest word."""
    folder = Path(__file__).with_name("data")
    lexicon = _Lexicon()
    for line in _lines(folder / "sentiment_zh.txt"):
        valence, words = line.split("\t", 1)
        lexicon.words.update(dict.fromkeys(words.lower().split(), float(valence)))
    section = ""
    for line in _lines(folder / "sentiment_zh_grammar.txt"):
        if line.startswith("["):
            section = line.strip("[]")
            continue
        value, _, words = line.rpartition("\t")
        match section:
            case "negation":
                lexicon.negations.update(words.split())
            case "degree":
                lexicon.degrees.update(dict.fromkeys(words.split(), float(value)))
            case "contrast":
                lexicon.contrasts.update(words.split())
            case "phrases":
                lexicon.phrases.extend((re.compile(pattern), float(value)) for pattern in words.split(" ") if pattern)
            case _:
                lexicon.plain.update(words.split())
    longest = max(
        len(word)
        for group in (lexicon.words, lexicon.negations, lexicon.degrees, lexicon.contrasts, lexicon.plain)
        for word in group
    )
    return lexicon, longest


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def score(text: str) -> float:
    """The feeling in a Chinese `text` (Simplified or Traditional), −1 to 1; 0 where none is shown."""
    text = simplified(unicodedata.normalize("NFKC", text).lower())
    lexicon, longest = _lexicon()
    feelings = _word_feelings(text, lexicon, longest)
    taken = 0
    for pattern, valence in lexicon.phrases:
        if match := pattern.search(text):
            # Phrases overlap one another in meaning: each further one adds less.
            feelings.append((match.start(), valence / (1 + taken)))
            taken += 1
    feelings.extend((place, _FEELING_SIGNS[sign]) for place, sign in enumerate(text) if sign in _FEELING_SIGNS)
    if not feelings:
        return 0.0
    total = _weigh_contrast(text, feelings, lexicon)
    total = _punctuated(text, total)
    return round(total / math.sqrt(total * total + NORMALISER), 4)


def _word_feelings(text: str, lexicon: _Lexicon, longest: int) -> list[tuple[int, float]]:
    feelings: list[tuple[int, float]] = []
    modifiers: list[tuple[int, float]] = []  # where each ends, and its factor
    place = 0
    while place < len(text):
        if text[place] in _STOPS:
            modifiers.clear()
            place += 1
            continue
        word = _longest_word(text, place, lexicon, longest)
        end = place + max(len(word), 1)
        if word == "好" and _longest_word(text, end, lexicon, longest) in lexicon.words:
            modifiers.append((end, 1.3))  # 好慢: here 好 is an adverb
        elif word in lexicon.plain:
            pass
        elif word in lexicon.words:
            valence = lexicon.words[word]
            for ended, factor in modifiers:
                if place - ended <= REACH:
                    valence *= factor
            if _ASKED.match(text, end):
                valence *= 0.25  # 质量好吗 asks
            feelings.append((place, valence))
            modifiers.clear()
        elif word in lexicon.negations:
            modifiers.append((end, TURNED_ROUND))
        elif word in lexicon.degrees:
            modifiers.append((end, lexicon.degrees[word]))
        place = end
    return feelings


def _longest_word(text: str, place: int, lexicon: _Lexicon, longest: int) -> str:
    for length in range(min(longest, len(text) - place), 0, -1):
        word = text[place : place + length]
        if lexicon.kinds(word):
            return word
    return ""


def _weigh_contrast(text: str, feelings: list[tuple[int, float]], lexicon: _Lexicon) -> float:
    turn = max((text.rfind(word) for word in lexicon.contrasts if len(word) > 1), default=-1)
    before = [valence for place, valence in feelings if place < turn]
    after = [valence for place, valence in feelings if place >= turn]
    if turn > 0 and before and after:
        return BEFORE_BUT * sum(before) + AFTER_BUT * sum(after)
    return sum(before) + sum(after)


def _punctuated(text: str, total: float) -> float:
    exclamations = min(text.count("!"), 4)
    questions = text.count("?")
    emphasis = 0.3 * exclamations
    if total < 0 and questions > 1:
        emphasis += 0.2 * min(questions, 4)
    return total + math.copysign(emphasis, total) if total else total
