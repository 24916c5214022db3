"""The numbers as CSV that a spreadsheet may open without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's old code page, and Chinese as noise


def as_csv(rows: Iterable[Sequence[Any]]) -> str:
    """`rows` as CSV (RFC 4180), with every text that a spreadsheet would run as a formula made plain text."""
    out = io.StringIO()
    csv.writer(out).writerows([safe(cell) for cell in row] for row in rows)
    return BOM + out.getvalue()


def safe(cell: Any) -> Any:
    """A text that begins like a formula with an apostrophe before it (OWASP, CSV injection); else the cell."""
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if not isinstance(cell, int | float) and text.lstrip().startswith(FORMULA) else cell
