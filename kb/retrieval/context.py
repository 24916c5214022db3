"""Questions that lean on what was just talked about: "and who pays the postage?", 那邮费谁付?

Such a question names half of what it asks. So each article is judged by more than the question's few words: by how
near it lies to the article that was last answered from (the same one, tags in common, what that one's title and
question speak of), by how it answers both together, by how much of the question its text speaks of at all, and by
whether it holds the kind of answer that is asked for. The sum is a strength like that of a question which stands
alone; strength, lead and what nobody knows of the question make it a probability. `benchmarks/leaning.py` fitted the
weights to conversations.
"""

import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.retrieval.fusion import WORD_FOR_WORD, clipped, leads
from kb.retrieval.gathering import Weighed, gathered, opened, query_terms
from kb.retrieval.index import CollectionIndex
from kb.retrieval.kinds import holds, kinds_asked
from kb.retrieval.shard import Document
from kb.retrieval.tokens import FUNCTION_CHARACTERS, IS_UNSPACED

SIGNALS = (
    "alone", "words", "spoken", "near", "tags", "same", "same_spoken", "together", "meant", "holds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation is about: the id of the article last answered from, the question it answered, and how far
    the new question leans on it, from 0 (it stands alone) to 1 (it says next to nothing by itself)."""

    article: str
    question: str
    lean: float


@dataclass(slots=True)
class Leaning:
    """What speaks for one article, given the context."""

    weighed: Weighed
    alone: float = 0.0  # the chance that it answers the question by itself
    words: float = 0.0  # BM25 of the question alone, over the best one could expect
    near: float = 0.0  # BM25 of the last article's title and question, likewise
    together: float = 0.0  # BM25 of the last article's title and this question
    meant: float = 0.0  # the cosine of both together with the article; 0 by words alone
    spoken: float = 0.0  # the share of the question, by rarity, that the article speaks of
    tags: float = 0.0  # the share of tags in common
    same: float = 0.0  # 1 for the last article itself
    holds: float = 0.0  # 1 where it holds the kind of answer asked for, −1 where it does not

    def row(self, lean: float) -> tuple[float, ...]:
        """The numbers that are weighed, in the order of `SIGNALS`."""
        chance = min(0.999, max(0.001, self.alone))
        return (
            math.log(chance / (1 - chance)),
            self.words,
            self.spoken,
            lean * min(1.0, self.near),
            lean * self.tags,
            lean * self.same,
            lean * self.same * self.spoken,
            lean * min(1.0, self.together),
            lean * self.meant,
            lean * self.holds * (0.5 + 0.5 * self.same),
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """`signals` weigh the rows of `Leaning`; the others make the strength a probability."""

    signals: tuple[float, ...]
    bias: float
    slope: float
    lead: float
    spoken_chance: float
    unknown: float

    def strength(self, leaning: Leaning, lean: float) -> float:
        return sum(weight * value for weight, value in zip(self.signals, leaning.row(lean), strict=True))

    def chance(self, leaning: Leaning, strength: float, lead: float, unknown: float) -> float:
        """The probability that the article answers; `unknown` is the share of the question that nobody knows."""
        logit = self.bias + self.slope * strength + self.lead * clipped(lead)
        logit += self.spoken_chance * leaning.spoken - self.unknown * unknown
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@lru_cache
def weights(language: str, *, dense: bool) -> Weights:
    """The weights for `language` (those of `*` where it has none of its own)."""
    stored = json.loads((Path(__file__).parent / "weights.json").read_text())["leaning_dense" if dense else "leaning"]
    found = stored.get(language) or stored["*"]
    return Weights(tuple(found[name] for name in SIGNALS), **{name: found[name] for name in Weights.__slots__[1:]})


def in_context(
    query: str, context: Context, collections: Sequence[str], *, language: str, verified: bool
) -> list[tuple[Weighed, float, float]]:
    """Every article worth a closer look, unordered, with the probability that it answers the question in its context
    and its lead over the next best; empty where the question stands alone after all."""
    found, unknown = leaning(query, context, collections, language=language, verified=verified)
    if max((one.alone for one in found), default=0.0) >= WORD_FOR_WORD:
        return []  # an article's own words stand alone, however short
    fitted = weights(language, dense=any(one.meant for one in found))
    strengths = [fitted.strength(one, context.lean) for one in found]
    judged = []
    for one, strength, lead in zip(found, strengths, leads(strengths), strict=True):
        judged.append((one.weighed, fitted.chance(one, strength, lead, unknown), lead))
    return judged


def leaning(
    query: str, context: Context, collections: Sequence[str], *, language: str, verified: bool
) -> tuple[list[Leaning], float]:
    """What speaks for each article, and the share of the question, by rarity, that no article knows."""
    indexes = opened(collections)
    last = _document(indexes, context.article, language)
    if last is None:
        return [], 0.0
    found: dict[str, Leaning] = {}
    alone = gathered(query, indexes, language=language, verified=verified)
    for weighed, lead in zip(alone, leads([one.strength for one in alone]), strict=True):
        parameters = weighed.index.parameters(language, weighed.engine)
        chance = parameters.score(weighed.candidate, weighed.strength, lead)
        found[weighed.candidate.document.article] = Leaning(weighed, alone=chance, words=weighed.candidate.lexical)
    before = f"{last.title} {context.question}"
    for weighed in gathered(before, indexes, language=language, verified=verified, by_meaning=False):
        found.setdefault(weighed.candidate.document.article, Leaning(weighed)).near = weighed.candidate.lexical
    for weighed in gathered(f"{last.title} {query}", indexes, language=language, verified=verified):
        one = found.setdefault(weighed.candidate.document.article, Leaning(weighed))
        one.together, one.meant = weighed.candidate.lexical, weighed.candidate.dense or 0.0
    _terms, idf = query_terms(query, indexes, language)
    said = content(idf)
    kinds = kinds_asked(query, language)
    for article, one in found.items():
        document = one.weighed.candidate.document
        one.spoken = _share(said or idf, document.counts.__contains__)
        one.same = float(article == context.article)
        one.tags = kinship(document.tags, last.tags)
        one.holds = holds(document.text, kinds)
    shards = [index.shards[language] for index in indexes if language in index.shards]
    return list(found.values()), _share(said, lambda term: not any(shard.known(term) for shard in shards))


def content(idf: Mapping[str, float]) -> Mapping[str, float]:
    """The terms that say what a question is about: of Chinese the pairs and meanings without a character of grammar."""
    return {
        term: weight
        for term, weight in idf.items()
        if not IS_UNSPACED.match(term) or (len(term) > 1 and not FUNCTION_CHARACTERS & set(term))
    }


def kinship(one: Collection[str], other: Collection[str]) -> float:
    """The share of tags that two articles have in common (Jaccard)."""
    return len(set(one) & set(other)) / (len(set(one) | set(other)) or 1)


def _share(terms: Mapping[str, float], holding: Callable[[str], bool]) -> float:
    """The share of `terms`, by weight, for which `holding` is true; 0 of none."""
    total = sum(terms.values())
    return sum(weight for term, weight in terms.items() if holding(term)) / total if total else 0.0


def _document(indexes: Sequence[CollectionIndex], article: str, language: str) -> Document | None:
    for index in indexes:
        with index.lock:
            shard = index.shards.get(language)
            if shard is not None and article in shard.slot_of:
                return shard.slots[shard.slot_of[article]]
    return None
