"""Text into search terms.

Scripts written without spaces (Chinese, Japanese kana, Thai, Lao, Khmer, Burmese) become characters and pairs of
neighbouring characters, which needs no dictionary and survives a wrong character. Chinese is read as Simplified, and
words that customers use for one another (邮费, 运费, 快递费; `synonyms.json`) give a term in common. Everything else
becomes words, stemmed by Snowball where the language has a stemmer, without stop words in English.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from kb.han import simplified

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
TOKEN = re.compile(rf"[{UNSPACED}]+|(?:(?![{UNSPACED}])[^\W_])+(?:'(?:(?![{UNSPACED}])[^\W_])+)*")
IS_UNSPACED = re.compile(f"[{UNSPACED}]")

STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip

# Words that say nothing about the subject. Negations and "how", "when", "where", "who" stay: they tell questions apart.
STOP_WORDS = frozenset(
    """
    a an the and or but if of at by for with to from in on off as is are was were be been being am do does did doing
    have has had having i me my mine we us our ours you your yours he him his she her it its they them their this
    that these those there here so than too very just can could will would shall should may might must please pls
    hi hello hey i'm i've i'd i'll it's that's there's you're we're they're what's let's want need like get got
    what which about into over some any also
    u ur r ya im ive id whats wheres hows gonna wanna gotta thx lol ok okay
    """.split()  # noqa: SIM905  # one word a line would hide the list
)  # fmt: skip
# Characters of asking, not of what is asked.
STOP_CHARACTERS = frozenset("的了吗呢吧啊呀嘛么哦噢呃嗯请你您我们他她它是")
# Characters of grammar: a pair that holds one names no subject. They are searched for all the same.
FUNCTION_CHARACTERS = STOP_CHARACTERS | set("那这就也还都要会能可以有在把给个些什怎多少几谁哪不没再又之到时候问")

LONGEST_PHRASE = 3

_stemming = threading.Lock()  # a Snowball stemmer keeps its word in itself


def normalised(text: str) -> str:
    """`text` in compatibility form, lower case and Simplified Chinese, so that ＡＢＣ, ABC and abc are one word, and
    運費 and 运费 another."""
    return simplified(unicodedata.normalize("NFKC", text)).casefold().replace("’", "'")


def words(text: str, language: str) -> list[str]:
    """The search terms of `text`, in order, repeated ones too. A text of nothing but stop words keeps them."""
    tokens = list(_tokens(normalised(text)))
    kept = [token for token in tokens if token not in STOP_WORDS] if language == "en" else tokens
    found: list[str] = []
    for token in kept or tokens:
        if IS_UNSPACED.match(token):
            grams = [character for character in token if character not in STOP_CHARACTERS]
            found += grams or list(token)
            found += [token[at : at + 2] for at in range(len(token) - 1)]
            found += _meanings(token, language)
        else:
            found.append(stem(token, language))
    return found + _said_otherwise(found, language)


def surfaces(text: str, language: str) -> dict[str, str]:
    """The words of `text` as written, each with its search term; unspaced scripts have none."""
    return {token: stem(token, language) for token in _tokens(normalised(text)) if not IS_UNSPACED.match(token)}


def misspellings(word: str) -> Iterator[str]:
    """Every string one slip away from `word`: a letter left out, doubled or wrong, two letters swapped
    (after P. Norvig, "How to write a spelling corrector", 2007)."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    for left, right in splits:
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        if right:
            yield left + right[1:]
            for letter in letters:
                yield left + letter + right[1:]
        for letter in letters:
            yield left + letter + right


def _meanings(run: str, language: str) -> list[str]:
    """A term for every group of synonyms that a run of unspaced text speaks of."""
    pattern, group_of = _synonyms(language)
    return [group_of[match[0]] for match in pattern.finditer(run)] if pattern else []


def _said_otherwise(stems: list[str], language: str) -> list[str]:
    """A term for every group of synonyms, of up to three words each, that these neighbouring stems speak of."""
    phrases = _phrases(language)
    if not phrases:
        return []
    found: list[str] = []
    for at in range(len(stems)):
        for length in range(1, LONGEST_PHRASE + 1):
            found += phrases.get(tuple(stems[at : at + length]), ()) if at + length <= len(stems) else ()
    return list(dict.fromkeys(found))


@lru_cache
def _phrases(language: str) -> dict[tuple[str, ...], list[str]]:
    """The groups of each phrase of a language with words, by its stems without stop words."""
    found: dict[tuple[str, ...], list[str]] = {}
    for group in _groups(language):
        if "," in group:
            spoken = [phrase.strip() for phrase in group.split(",")]
            for phrase in spoken:
                tokens = list(_tokens(normalised(phrase)))
                kept = [token for token in tokens if token not in STOP_WORDS] or tokens
                if len(kept) > 1 or len(tokens) == 1:  # a phrase says more than the one word that is left of it
                    found.setdefault(tuple(stem(token, language) for token in kept), []).append(f"={spoken[0]}")
    return found


@lru_cache
def _groups(language: str) -> list[str]:
    stored = json.loads((Path(__file__).parent / "synonyms.json").read_text(encoding="utf-8"))
    groups: list[str] = stored.get(language, [])
    return groups


@lru_cache
def _synonyms(language: str) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    groups = [group for group in _groups(language) if "," not in group]
    # "=" is no part of any token, so a group is never taken for a word.
    group_of = {word: f"={group.split()[0]}" for group in groups for word in group.split()}
    longest_first = sorted(group_of, key=len, reverse=True)
    return (re.compile("|".join(map(re.escape, longest_first))) if group_of else None), group_of


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """`word` without its inflection, where `language` has a stemmer."""
    word = word.removesuffix("'s").replace("'", "")
    if language not in STEMMERS or not word.isalpha():
        return word
    with _stemming:
        return str(_stemmer(language).stemWord(word))


@lru_cache
def _stemmer(language: str) -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer(STEMMERS[language])


def _tokens(text: str) -> Iterator[str]:
    return (match[0] for match in TOKEN.finditer(text))
