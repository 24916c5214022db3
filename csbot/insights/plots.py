"""Plots as numbers: where each bar stands. The template draws them as SVG; nothing here knows colours or markup."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 180.0
LEFT, BOTTOM, TOP = 36.0, 22.0, 8.0
GAP = 0.28  # of a bar's place, left empty between bars
LABELS_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stack. `series` names what it shows, `title` says it in words, `link` leads to what it counts."""

    series: str
    x: float
    y: float
    width: float
    height: float
    title: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale, or a label under the bars."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Stacked bars within WIDTH × HEIGHT, with the scale's lines and the labels below."""

    bars: list[Bar]
    scale: list[Mark]
    labels: list[Mark]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    base: float = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Piece:
    """A value of one place and series, with its words and its link."""

    value: float
    title: str
    link: str = ""


def stacked(
    places: Sequence[tuple[str, Mapping[str, Piece]]], unit: Callable[[float], str], width: float = WIDTH
) -> Plot:
    """A stack of bars for each place (its label, and its pieces by series, drawn from the bottom up).

    `unit` puts a value of the scale into words.
    """
    top = _round_up(max((sum(piece.value for piece in pieces.values()) for _, pieces in places), default=0.0))
    room, tall = (width - LEFT) / max(len(places), 1), HEIGHT - BOTTOM - TOP
    bars: list[Bar] = []
    for number, (_label, pieces) in enumerate(places):
        base = HEIGHT - BOTTOM
        for series, piece in pieces.items():
            height = tall * piece.value / top
            if height <= 0:
                continue
            base -= height
            x = LEFT + room * (number + GAP / 2)
            bars.append(
                Bar(series, _short(x), _short(base), _short(room * (1 - GAP)), _short(height), piece.title, piece.link)
            )
    step = max(1, math.ceil(len(places) / (LABELS_AT_MOST * width / WIDTH)))
    labels = [
        Mark(_short(LEFT + room * (number + 0.5)), label)
        for number, (label, _pieces) in enumerate(places)
        if number % step == 0
    ]
    scale = [Mark(_short(HEIGHT - BOTTOM - tall * part), unit(top * part)) for part in (0.0, 0.5, 1.0)]
    return Plot(bars, scale, labels, width)


def _round_up(value: float) -> float:
    """The next value that is pleasant as the end of a scale: 1, 2, 4, 5 or 10 times a power of ten; at least 2."""
    if value <= 2:
        return 2.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * factor for factor in (1, 2, 4, 5, 10) if power * factor >= value)


def _short(value: float) -> float:
    return round(value, 1)
