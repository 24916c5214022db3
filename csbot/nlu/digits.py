"""Text in the one form that patterns are written for: ASCII digits and letters, plain spaces and hyphens.

Customers type numbers in full-width forms (１２３), Arabic-Indic digits (١٢٣), with no-break spaces, and with dashes of
every length. Each character is replaced by exactly one, so a span found in the plain text is a span of the original.
"""

import unicodedata

_SPACES = dict.fromkeys([*range(0x2000, 0x200B), 0x00A0, 0x1680, 0x202F, 0x205F, 0x3000], " ")
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D, 0x30FC, 0x2043], "-")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0D}
# Characters without width become one of them: a separator inside a number, never a part of one.
_INVISIBLE = dict.fromkeys(
    [0x00AD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF], "\u200b"
)
_TABLE: dict[int, str] = {**_SPACES, **_DASHES, **_FULL_WIDTH, **_INVISIBLE}


def plain(text: str) -> str:
    """`text` with digits, Latin letters, spaces and dashes in their ASCII forms; of the same length."""
    if text.isascii():
        return text
    text = text.translate(_TABLE)
    return "".join(
        str(unicodedata.decimal(character)) if character > "\x7f" and character.isdecimal() else character
        for character in text
    )
