"""Numbers that must never be stored, recognised by their own check digits.

Every function reads the plain form of a text (`digits.plain`) and gives spans in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Found:
    """Characters `start` to `end` are of this kind; `shown` is what may stand in their place."""

    start: int
    end: int
    kind: str
    shown: str


_GAP = r"[ \t.\-_\u200b]{0,3}"
_DIGIT_RUN = re.compile(rf"(?<![\d+])\d(?:{_GAP}\d){{11,80}}")
_GROUP = re.compile(r"\d+")
# Issuer ranges (ISO/IEC 7812 as published by the networks) with the lengths they issue.
_ISSUERS = (
    (re.compile(r"4"), {13, 16, 19}),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),
    (re.compile(r"3[47]"), {15}),
    (re.compile(r"62|81"), {16, 17, 18, 19}),
    (re.compile(r"6011|64[4-9]|65|60|82|508"), {16, 19}),
    (re.compile(r"352[89]|35[3-8]"), {16, 19}),
    (re.compile(r"30[0-5]|3095|36|38|39"), {14, 16}),
    (re.compile(r"220[0-4]"), {16, 19}),
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), {13, 16, 18, 19}),
)
# How cards are printed and read out, beside equal groups.
_PRINTED = {(4, 6, 5), (4, 6, 4), (6, 13), (6, 10), (6, 12), (4, 4, 4, 4, 3), (4, 4, 4, 3), (4, 4, 4, 2), (4, 4, 4, 1)}
_CODE_AFTER_CARD = re.compile(
    r"[\s,;，；]{0,4}(?:exp\w{0,8}|valid \w{2,5}|有效期)?[\s:：]{0,3}\d{1,2} ?/ ?\d{2,4}[\s,;，；]{1,4}"
    r"(?:cvv2?|cvc2?|code|安全码)?[\s:：]{0,3}(\d{3,4})(?!\d)",
    re.IGNORECASE,
)
_NAMED_CODE = re.compile(
    r"(?:\b(?:cvv2?|cvc2?|cid|security code)|安全码|校验码|卡背面)"
    r"(?:\s{0,2}(?:number|is|are|was|是|为|[:：=#]))*\s{0,2}(\d{3,4})(?!\d)",
    re.IGNORECASE,
)
_CHINESE_ID = re.compile(rf"(?<![\dA-Za-z])[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dA-Za-z])")
_CHINESE_ID_OLD = re.compile(r"(?:身份证|证件)\D{0,8}([1-9]\d{14})(?!\d)")
_PROVINCE_CODES = "11–15 21–23 31–37 41–46 50–54 61–65 71 81–83 91"
_PROVINCES = frozenset(
    str(code) for codes in _PROVINCE_CODES.split() for code in range(int(codes[:2]), int(codes[-2:]) + 1)
)
_SSN = re.compile(r"(?<![\d-])(\d{3})-(\d{2})-(\d{4})(?![\d-])")
_NAMED_SSN = re.compile(
    r"\b(?:ssn|social security|itin|tax ?payer)\D{0,24}(?<!\d)(\d{3})[ .\u200b-]?(\d{2})[ .\u200b-]?(\d{4})(?!\d)",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d{2}(?:[ \-\u200b]?[A-Za-z0-9]){11,40}")
_PASSPORT = re.compile(
    r"(?:\bpassport|护照)(?:\s{0,2}(?:number|no\.?|num|is|号码|号|是|为|[:：#]))*\s{0,2}((?=[A-Z0-9]{0,4}\d{4})[A-Z0-9]{6,10})\b",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(?:\b(?:password|passcode|passphrase|pass ?word|pin(?: code)?)\s{0,2}(?:is|was|[:：=])"
    r"|(?:密码|口令)\s{0,2}(?:是|为|[:：=]))"
    r"[\s:：=]{0,3}((?=\S{0,40}[\d!@#$%^&*_])[!-~]{4,64})",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Found]:
    """Everything in `text` that must never be stored."""
    if any("0" <= character <= "9" for character in text):
        yield from cards(text)
        yield from chinese_identity_numbers(text)
        yield from ibans(text)
        yield from social_security_numbers(text)
        for pattern, kind in ((_NAMED_CODE, "security-code"), (_PASSPORT, "passport")):
            yield from (Found(*match.span(1), kind, f"[{kind}]") for match in pattern.finditer(text))
    for match in _PASSWORD.finditer(text):
        if not match.group(1).startswith("["):
            yield Found(*match.span(1), "password", "[password]")


def cards(text: str) -> Iterator[Found]:
    """Payment card numbers with whatever separates their digits, and the security code behind one."""
    for run in _DIGIT_RUN.finditer(text):
        groups = [(match.start() + run.start(), match.group()) for match in _GROUP.finditer(run.group())]
        place = 0
        while place < len(groups):
            taken = _card_at(groups, place)
            if not taken:
                place += 1
                continue
            start = groups[place][0]
            last_start, last = groups[place + taken - 1]
            end = last_start + len(last)
            digits = "".join(digits for _, digits in groups[place : place + taken])
            yield Found(start, end, "card", f"[card ••••{digits[-4:]}]")
            if code := _CODE_AFTER_CARD.match(text, end):
                yield Found(*code.span(1), "security-code", "[security-code]")
            place += taken


def _card_at(groups: list[tuple[int, str]], place: int) -> int:
    """How many groups from `place` make a card number, the longest one; 0 for none."""
    digits = ""
    longest = 0
    for count in range(1, len(groups) - place + 1):
        digits += groups[place + count - 1][1]
        if len(digits) > 19 or digits[0] in "0179":  # no issuer begins so
            break
        if len(digits) < 13:
            continue
        sizes = tuple(len(group) for _, group in groups[place : place + count])
        regular = count == 1 or sizes in _PRINTED or (len(set(sizes[:-1])) == 1 and sizes[-1] <= sizes[0])
        whole = place == 0 and count == len(groups)
        if (regular or whole) and is_card(digits):
            longest = count
    return longest


def is_card(digits: str) -> bool:
    """Whether ASCII `digits` lie in an issuer's range, have its length and pass Luhn (ISO/IEC 7812-1)."""
    if len(set(digits)) == 1 or not any(
        len(digits) in lengths and pattern.match(digits) for pattern, lengths in _ISSUERS
    ):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def chinese_identity_numbers(text: str) -> Iterator[Found]:
    """Citizen identity numbers by GB 11643: 18 characters, birth date and check digit; 15 digits where so named."""
    for match in _CHINESE_ID.finditer(text):
        if is_chinese_identity_number(re.sub(r"[^\dXx]", "", match.group())):
            yield Found(*match.span(), "identity-number", "[identity-number]")
    for match in _CHINESE_ID_OLD.finditer(text):
        digits = match.group(1)
        if digits[:2] in _PROVINCES and _is_date(f"19{digits[6:12]}"):
            yield Found(*match.span(1), "identity-number", "[identity-number]")


def is_chinese_identity_number(characters: str) -> bool:
    """Whether 18 ASCII characters are a citizen identity number: province, birth date, ISO 7064 MOD 11-2 check."""
    if len(characters) != 18 or characters[:2] not in _PROVINCES or not _is_date(characters[6:14]):
        return False
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(characters[:17]))
    return "10X98765432"[total % 11] == characters[17].upper()


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2099
    except ValueError:
        return False


def ibans(text: str) -> Iterator[Found]:
    """International bank account numbers (ISO 13616), checked by country format and MOD 97-10."""
    for match in _IBAN.finditer(text):
        # The words behind an account number look like more of it: give back from the end what is too much.
        characters = [(place, text[place]) for place in range(*match.span()) if text[place].isalnum()][:34]
        for length in range(len(characters), 14, -1):
            if _is_iban("".join(character for _, character in characters[:length])):
                end = characters[length - 1][0] + 1
                yield Found(match.start(), end, "iban", "[iban]")
                break


def _is_iban(number: str) -> bool:
    number = number.upper()
    if int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 != 1:
        return False
    from stdnum import iban

    return bool(iban.is_valid(number))


def social_security_numbers(text: str) -> Iterator[Found]:
    """US social security and individual taxpayer numbers: with hyphens anywhere, in any form where so named."""
    for pattern in (_SSN, _NAMED_SSN):
        for match in pattern.finditer(text):
            area, group, serial = match.groups()
            if area not in ("000", "666") and group != "00" and serial != "0000":
                yield Found(match.start(1), match.end(3), "ssn", "[ssn]")
