"""Long lists in pieces; `itertools.batched` comes with Python 3.12."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """`items` in order, `size` at a time; the last piece may be shorter."""
    rest = iter(items)
    while piece := tuple(islice(rest, size)):
        yield piece
