"""Numbers as people write and say them, as digits: 12345, １２３４５, "one two three double four", 一二三四五."""

import re

from csbot.nlu.digits import plain

UNITS = {
    "zero": 0, "oh": 0, "o": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9,
}  # fmt: skip
TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000}
REPEATS = {"double": 2, "triple": 3, "treble": 3}
HAN_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "幺": 1, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
HAN_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
HAN_NUMBER = re.compile(f"[{''.join(HAN_DIGITS)}{''.join(HAN_SCALES)}万]+")
WORDS = re.compile(r"[a-z]+|[^a-z]+")


def with_digits(text: str) -> str:
    """`text` in lower case with every spoken number written in digits; everything else stays."""
    text = plain(text).lower()
    return HAN_NUMBER.sub(lambda match: _han(match.group()), _english(text))


def _english(text: str) -> str:
    out: list[str] = []
    run: list[str] = []
    gap = ""
    for word in WORDS.findall(text):
        if word in UNITS or word in TEENS or word in TENS or word in SCALES or word in REPEATS:
            # "o" and "oh" are digits only beside other digits.
            if word in ("o", "oh") and not run:
                out += [gap, word]
            else:
                if not run:
                    out.append(gap)
                run.append(word)
            gap = ""
        elif word == "and" and run and run[-1] in SCALES:
            gap = ""
        elif run and word.strip(" -,.") == "":
            gap = word
        else:
            if run:
                out.append(_spoken(run))
                run = []
            out += [gap, word]
            gap = ""
    if run:
        out.append(_spoken(run))
    return "".join(out) + gap


def _spoken(words: list[str]) -> str:
    """ "one twenty three" → "123", "twelve thousand three hundred forty five" → "12345"."""
    if any(word in SCALES for word in words) and not any(word in REPEATS for word in words):
        return str(_cardinal(words))
    digits, repeat, tens = "", 1, False
    for word in words:
        if word in REPEATS:
            repeat, tens = REPEATS[word], False
        elif word in UNITS:
            if tens:
                digits = digits[:-1] + str(UNITS[word])
            else:
                digits += str(UNITS[word]) * repeat
            repeat, tens = 1, False
        elif word in TENS:
            digits, repeat, tens = digits + str(TENS[word]), 1, True
        elif word in TEENS:
            digits, repeat, tens = digits + str(TEENS[word]), 1, False
    return digits


def _cardinal(words: list[str]) -> int:
    total = part = 0
    for word in words:
        if word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        else:
            part += UNITS.get(word, 0) or TEENS.get(word, 0) or TENS.get(word, 0)
    return total + part


def _han(characters: str) -> str:
    if not any(character in HAN_SCALES or character == "万" for character in characters):
        # A single one is more often a word (一件, 两个) than a digit.
        return "".join(str(HAN_DIGITS[c]) for c in characters) if len(characters) > 1 else characters
    if not any(character in HAN_DIGITS for character in characters) and characters != "十":
        return characters
    total = part = digit = 0
    for character in characters:
        if character in HAN_DIGITS:
            digit = HAN_DIGITS[character]
        elif character == "万":
            total, part, digit = (total + part + digit) * 10_000, 0, 0
        else:
            part += max(digit, 1) * HAN_SCALES[character]
            digit = 0
    return str(total + part + digit)
