"""What a customer wrote, cleaned for reading, with the signs that make a turn careful.

Cleaning takes away what nobody can see or what rewrites what they see; it never changes words. Signs are conservative:
a sign makes the bot more careful, it never refuses a customer.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXT_LIMIT = 4000
"""Characters of a message that are read; more is cut off and signed `too_long`."""
MARKS_LIMIT = 4
"""Combining marks kept on one letter: more is decoration that runs over the lines beside it."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A cleaned text and the signs seen in it.

    Signs: `empty` (nothing left), `no_words` (no letter and no digit), `too_long` (cut), `injection` (speaks to the
    model instead of to the shop), `abuse` (insults or threatens a person; swearing at a thing is not abuse).
    """

    text: str
    signs: tuple[str, ...]


_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"
_TAG = range(0xE0000, 0xE0080)
_SPACES = re.compile(r"[^\S\n]{2,}")
_BLANK_LINES = re.compile(r"\n{3,}")
_LETTERS_OF_JOINED_SCRIPTS = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u0900-\u0dff\u1000-\u109f\u1780-\u17ff]")


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    """One pattern for each sign, read from the data file."""
    sections: dict[str, list[str]] = {}
    path = Path(__file__).with_name("data") / "signs.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isalpha():
            lines = sections.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            for name in ("instructions", "person"):
                line = line.replace(f"{{{name}}}", "".join(sections.get(name, ())))
            lines.append(line)
    return {
        sign: re.compile("|".join(f"(?:{line})" for line in sections[sign]), re.M) for sign in ("injection", "abuse")
    }


def screen(text: str, *, limit: int = TEXT_LIMIT) -> Screened:
    """`text` without what cannot be seen, cut to `limit` characters, with its signs. Linear in the length read."""
    signs: list[str] = []
    read = text[: limit * 2]  # what is taken away below may be half of it
    cleaned = clean(read).strip()
    if len(cleaned) > limit or len(text) > len(read):
        cleaned = cleaned[:limit].rstrip()
        signs.append("too_long")
    if not cleaned:
        signs.append("empty")
    elif not any(character.isalnum() for character in cleaned):
        signs.append("no_words")
    else:
        folded = unicodedata.normalize("NFKC", cleaned).casefold().replace("’", "'")
        # Spread over lines it reads the same; a line that plays a role shows only as a line.
        flat = folded.replace("\n", " ")
        signs += (sign for sign, pattern in _signs().items() if pattern.search(flat) or pattern.search(folded))
    return Screened(cleaned, tuple(signs))


def clean(text: str) -> str:
    """`text` in NFC without control, zero-width and direction-changing characters, stray surrogates and piled marks.

    Joiners stay where a script or an emoji needs them; line ends become `\\n`.
    """
    if text.isascii() and text.isprintable():
        return _SPACES.sub(" ", text)
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text))
    kept: list[str] = []
    marks = 0
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if category == "Mn" or category == "Me":
            marks += 1
            if marks > MARKS_LIMIT or 0xE0100 <= ord(character) <= 0xE01EF:
                continue
        else:
            marks = 0
            if category in ("Cc", "Cs", "Cn", "Co") and character not in "\n\t":
                continue
            if category == "Cf" and not _is_needed(text, place):
                continue
            if character in "\u2800\u3164\u115f\u1160\uffa0":  # blank letters
                continue
        kept.append(" " if character == "\t" else character)
    return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", "".join(kept)))


def _is_needed(text: str, place: int) -> bool:
    """Whether the format character at `place` changes what a reader sees for the better."""
    character = text[place]
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if character in _JOINERS:
        if before and after and _LETTERS_OF_JOINED_SCRIPTS.match(before) and _LETTERS_OF_JOINED_SCRIPTS.match(after):
            return True
        return character == "\u200d" and _is_pictograph(before) and _is_pictograph(after)
    # Flags of nations inside a state are spelled in tag characters behind a black flag.
    return ord(character) in _TAG and "\U0001f3f4" in text[max(0, place - 7) : place]


def _is_pictograph(character: str) -> bool:
    return bool(character) and (character == "\ufe0f" or unicodedata.category(character) in ("So", "Sk"))
