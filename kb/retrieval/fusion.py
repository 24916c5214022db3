"""From what speaks for an article to the probability that it answers.

An article's strength is a weighted sum of its scores; its probability is a logistic function of its strength and
of its lead over (or distance behind) the best other article, as a lone middling match means more than one of many.
The weights are fitted by `kb.retrieval.fitting`; those shipped here serve a collection until it has its own.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kb.retrieval.shard import Candidate

LEAD_AT_MOST = 3.0
OWN_WORDS, WORD_FOR_WORD = 0.999, 0.95


@dataclass(frozen=True, slots=True)
class Parameters:
    """`lexical`, `asked`, `wording`, `dense` and `theme` weigh the scores; `bias`, `slope` and `lead` make the
    probability. All but `bias` are at least 0, so a better score never makes a worse hit."""

    lexical: float
    asked: float
    wording: float
    dense: float
    theme: float
    bias: float
    slope: float
    lead: float

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Parameters":
        # Weights that were stored before there was a score leave it out.
        return cls(**{name: float(value.get(name, 0.0)) for name in cls.__slots__})

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 5) for name, value in asdict(self).items()}

    def strength(self, candidate: Candidate) -> float:
        return (
            self.lexical * candidate.lexical
            + self.asked * candidate.asked
            + self.wording * candidate.wording
            + self.dense * (candidate.dense or 0.0)
            + self.theme * candidate.theme
        )

    def score(self, candidate: Candidate, strength: float, lead: float) -> float:
        """The probability that `candidate` answers; who asks in an article's own words is almost sure of it."""
        chance = self.probability(strength, lead)
        return max(chance, WORD_FOR_WORD + 0.04 * chance) if candidate.wording >= OWN_WORDS else chance

    def probability(self, strength: float, lead: float) -> float:
        logit = self.bias + self.slope * strength + self.lead * clipped(lead)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def clipped(lead: float) -> float:
    return max(-LEAD_AT_MOST, min(LEAD_AT_MOST, lead))


def leads(strengths: Sequence[float]) -> list[float]:
    """How far each is ahead of the best other; alone, ahead of nothing."""
    if len(strengths) < 2:
        return list(strengths)
    first, second = sorted(strengths, reverse=True)[:2]
    return [strength - (second if strength == first else first) for strength in strengths]


@lru_cache
def shipped(language: str, *, dense: bool) -> Parameters:
    """The weights this package ships for `language` (those of `*` where it has none of its own)."""
    stored = json.loads((Path(__file__).parent / "weights.json").read_text())["dense" if dense else "lexical"]
    return Parameters.from_json(stored.get(language) or stored["*"])
