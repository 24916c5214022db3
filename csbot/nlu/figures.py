"""What held-out outcomes say of a classifier, in figures a person can judge it by."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from csbot.nlu.head import NONE

BINS = 10
MISTAKES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example that was not fitted on. `label` is its intent, `none`, or None where its intent was left out."""

    label: str | None
    best: str
    confidence: float
    known: float


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares from 0 to 1 over examples that were not used to fit.

    `accuracy`: the best intent is the right one, over examples of intents; `accuracy_with_none`: the same with "none of
    these" as an answer, at one half; `none_recall`: examples of `none` seen as such; `unknown_auroc`: how well intents
    that were left out are told from known ones; `calibration_error`: mean gap between confidence and being right, in
    ten bins; `mistakes`: the commonest [intent, taken for, times].
    """
    intents = [item for item in outcomes if item.label not in (None, NONE)]
    none = [item for item in outcomes if item.label == NONE]
    left_out = [item for item in outcomes if item.label is None]
    decided = [item.best if item.known >= 0.5 else NONE for item in (*intents, *none)]
    right = sum(choice == item.label for choice, item in zip(decided, (*intents, *none), strict=True))
    mistakes = Counter((item.label, item.best) for item in intents if item.best != item.label)
    return {
        "examples": len(intents) + len(none),
        "accuracy": _share(sum(item.best == item.label for item in intents), len(intents)),
        "accuracy_with_none": _share(right, len(decided)),
        "none_recall": _share(sum(item.known < 0.5 for item in none), len(none)),
        "unknown_auroc": auroc([item.known for item in intents], [item.known for item in left_out]),
        "calibration_error": _calibration_error([*intents, *none]),
        "mistakes": [[truth, taken, times] for (truth, taken), times in mistakes.most_common(MISTAKES_SHOWN)],
    }


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """The chance that one of `higher` is above one of `lower` (ties count half); None where one is empty."""
    if not higher or not lower:
        return None
    ranked = sorted([(value, True) for value in higher] + [(value, False) for value in lower])
    total, place = 0.0, 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        rank = (place + 1 + end) / 2
        total += rank * sum(above for _, above in ranked[place:end])
        place = end
    count = len(higher)
    return round((total - count * (count + 1) / 2) / (count * len(lower)), 4)


def _calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    bins: list[list[Outcome]] = [[] for _ in range(BINS)]
    for item in outcomes:
        bins[min(int(item.confidence * BINS), BINS - 1)].append(item)
    gaps = [abs(sum(item.confidence for item in part) - sum(item.best == item.label for item in part)) for part in bins]
    return round(sum(gaps) / len(outcomes), 4) if outcomes else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
