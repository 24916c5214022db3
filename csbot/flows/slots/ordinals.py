""" "The second one", 第二个, "2": a place in a list that was just shown."""

import re

from csbot.dialogue.cues import normalised

ENGLISH = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4,
}  # fmt: skip
HAN = {character: index for index, character in enumerate("一二三四五六七八九")}
ORDINAL = re.compile(r"\b(" + "|".join(ENGLISH) + r")\b(?! (?:time|thing))")
HAN_ORDINAL = re.compile(r"第\s*([一二三四五六七八九1-9])\s*(?![次天周年])")
BARE = re.compile(r"(?:number|option|no|#)?\s*([1-9])")
LAST = re.compile(r"\b(?:the )?last (?:one|item)\b|最后(?:一个|那个|一件|一条|一项|那件)")


def place(text: str, size: int) -> int | None:
    """The index (from 0) that `text` points at in a list of `size`, or None."""
    words = normalised(text)
    if LAST.search(words):
        return size - 1 if size else None
    index: int | None = None
    if match := ORDINAL.search(words):
        index = ENGLISH[match.group(1)]
    elif match := HAN_ORDINAL.search(words):
        index = HAN[match.group(1)] if match.group(1) in HAN else int(match.group(1)) - 1
    elif match := BARE.fullmatch(words):
        index = int(match.group(1)) - 1
    return index if index is not None and index < size else None
