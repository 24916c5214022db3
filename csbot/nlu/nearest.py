"""The engine that needs no training: the intent of the example that shares most words and characters with the text.

It serves before a bot's first training, in languages that no head was fitted for, and for intents younger than the
model. Its confidence is a fixed curve over the cosine, kept low: a likeness in letters is no calibrated probability.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csbot.nlu.features import Vocabulary, grams
from csbot.nlu.fitting import Example
from csbot.nlu.head import NONE, sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVEN_AT = 0.42
"""The cosine at which a text is as likely this intent as none."""
STEEPNESS = 11.0


class NearestExamples:
    """Examples of one language (or of all), searched by cosine over an inverted index."""

    def __init__(self, examples: Sequence[Example]) -> None:
        import numpy as np

        counted = [grams(example.text) for example in examples]
        self.vocabulary = Vocabulary.of(counted)
        self.intents = [example.intent for example in examples]
        rows: dict[int, list[tuple[int, float]]] = {}
        for number, counts in enumerate(counted):
            weighed = self.vocabulary.weigh(counts)
            for place, weight in zip(weighed.places.tolist(), weighed.weights.tolist(), strict=True):
                rows.setdefault(place, []).append((number, weight))
        self._index: dict[int, tuple[NDArray[np.int64], NDArray[np.float32]]] = {
            place: (np.array([number for number, _ in row]), np.array([weight for _, weight in row], np.float32))
            for place, row in rows.items()
        }

    def probabilities(self, text: str) -> tuple[dict[str, float], float]:
        """Each intent's confidence and that of none of them; together they are 1."""
        import numpy as np

        if not self.intents:
            return {}, 1.0
        likeness = np.zeros(len(self.intents), np.float32)
        weighed = self.vocabulary.weigh(grams(text))
        for place, weight in zip(weighed.places.tolist(), weighed.weights.tolist(), strict=True):
            numbers, weights = self._index[place]
            likeness[numbers] += weight * weights
        # A text of unknown words that shares one with an example is not like it: what is unknown weighs too.
        likeness *= weighed.coverage**0.5
        nearest: dict[str, float] = {}
        for intent, value in zip(self.intents, likeness.tolist(), strict=True):
            nearest[intent] = max(nearest.get(intent, 0.0), value)
        of_none = nearest.pop(NONE, 0.0)
        if not nearest:
            return {}, 1.0
        best = max(nearest.values())
        known = sigmoid(STEEPNESS * (best - EVEN_AT)) * sigmoid(STEEPNESS * 2 * (best - of_none) + 2.0)
        raised = {key: float(np.exp(STEEPNESS * (value - best))) for key, value in nearest.items() if value > 0}
        total = sum(raised.values()) or 1.0
        return {key: known * value / total for key, value in raised.items()}, 1.0 - known
