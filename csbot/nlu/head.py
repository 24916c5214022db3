"""The linear classifier of one language: evaluated with numpy alone, whatever it was trained with.

Three linear scorers are blended with fitted weights: `dense` over sentence vectors, `sparse` over words and characters,
and `joint` over both. Where no sentence vector is at hand, `sparse` alone serves, with a calibration of its own.
Beside them a detector says how likely the text is any of the intents at all.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csbot.nlu.features import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

NONE = "none"
"""The key of the intent whose examples are none of the others."""
JOINT_SPARSE = 0.8
"""How much words and characters weigh beside a sentence vector in `joint`."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Scores = x · weights + bias: weights (features, classes), bias (classes)."""

    weights: "Array"
    bias: "Array"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the scorers say of one text, before calibration; `dense` and `joint` are None without a sentence vector."""

    sparse: "Array"
    dense: "Array | None"
    joint: "Array | None"
    nearest: float
    """Cosine with the nearest example's sentence vector; 0 without one."""
    central: float
    """Cosine with the nearest intent's mean of words and characters."""
    coverage: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted on scores of examples that the scorers were not fitted on."""

    blend: tuple[float, ...]
    """Weights of (sparse) or (sparse, dense, joint); the temperature is in them."""
    known: tuple[float, ...]
    """Logistic regression of "any of the intents" over `signals`; the last is the constant."""


@dataclass(frozen=True, slots=True)
class Head:
    """Intents of one language."""

    classes: tuple[str, ...]
    vocabulary: Vocabulary
    sparse: Linear
    centres: "Array"
    """(features, classes), unit columns."""
    dense: Linear | None
    joint: Linear | None
    """Its weights are those of the vector first, then those of the features."""
    examples: "Array | None"
    """Sentence vectors of the examples, (examples, dimensions)."""
    calibrations: Mapping[str, Calibration]
    """By `sparse` or `full`."""

    def evidence(self, counts: Counter[str], vector: "Array | None") -> Evidence:
        """The scorers' word on a text with these features and this sentence vector."""
        weighed = self.vocabulary.weigh(counts)
        x, rows = weighed.weights, weighed.places
        sparse = x @ self.sparse.weights[rows] + self.sparse.bias
        central = float((x @ self.centres[rows]).max(initial=0.0)) if len(x) else 0.0
        if vector is None or self.dense is None or self.joint is None or self.examples is None:
            return Evidence(sparse, None, None, 0.0, central, weighed.coverage)
        size = len(vector)
        joint = (
            vector @ self.joint.weights[:size] + JOINT_SPARSE * (x @ self.joint.weights[size + rows]) + self.joint.bias
        )
        dense = vector @ self.dense.weights + self.dense.bias
        nearest = float((self.examples @ vector).max(initial=0.0))
        return Evidence(sparse, dense, joint, nearest, central, weighed.coverage)

    def probabilities(self, counts: Counter[str], vector: "Array | None") -> tuple[dict[str, float], float, str]:
        """Each intent's probability, that of none of them, and which calibration served; together they are 1."""
        evidence = self.evidence(counts, vector)
        mode = "full" if evidence.dense is not None and "full" in self.calibrations else "sparse"
        calibration = self.calibrations[mode]
        shares = softmax(blended(evidence, calibration.blend))
        known = sigmoid(float(signals(evidence, shares, self.classes) @ array(calibration.known)))
        intents = {key: float(share) for key, share in zip(self.classes, shares, strict=True) if key != NONE}
        total = sum(intents.values()) or 1.0
        return {key: known * share / total for key, share in intents.items()}, 1.0 - known, mode


def blended(evidence: Evidence, blend: tuple[float, ...]) -> "Array":
    """The scorers' weighted sum, one number a class: log-probabilities up to a constant."""
    total: Array = blend[0] * log_softmax(evidence.sparse)
    if len(blend) == 3 and evidence.dense is not None and evidence.joint is not None:
        total = total + blend[1] * log_softmax(evidence.dense) + blend[2] * evidence.joint
    return total


def signals(evidence: Evidence, shares: "Array", classes: tuple[str, ...]) -> "Array":
    """What tells a known intent from anything else: seven numbers, the last a constant 1."""
    import math

    none = float(shares[classes.index(NONE)]) if NONE in classes else 0.0
    ranked = sorted((float(share) for key, share in zip(classes, shares, strict=True) if key != NONE), reverse=True)
    first, second = ranked[0], ranked[1] if len(ranked) > 1 else 0.0
    intents = [place for place, key in enumerate(classes) if key != NONE]
    raw = evidence.joint if evidence.joint is not None else evidence.sparse
    return array(
        (
            math.log((1 - none + 1e-4) / (none + 1e-4)),
            float(raw[intents].max()),
            math.log((first + 1e-4) / (second + 1e-4)),
            4 * evidence.nearest,
            4 * evidence.central,
            2 * evidence.coverage,
            1.0,
        )
    )


def softmax(scores: "Array") -> "Array":
    """Scores as shares that sum to 1."""
    import numpy as np

    raised = np.exp(scores - scores.max())
    shares: Array = raised / raised.sum()
    return shares


def log_softmax(scores: "Array") -> "Array":
    """The logarithm of `softmax`, without its rounding to nought."""
    import numpy as np

    lowered: Array = scores - scores.max()
    return lowered - np.float32(np.log(np.exp(lowered).sum()))


def sigmoid(value: float) -> float:
    """1 / (1 + e^-value), safe at both ends."""
    import math

    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def array(values: tuple[float, ...]) -> "Array":
    import numpy as np

    return np.array(values, np.float32)
