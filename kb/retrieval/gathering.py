"""What the indexes of several collections bring up for a question, each candidate weighed by its own collection."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb import embedders
from kb.models import Collection
from kb.retrieval.index import CollectionIndex, index_of
from kb.retrieval.shard import SLIP, Candidate, inverse_frequency
from kb.retrieval.tokens import surfaces, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(slots=True)
class Weighed:
    """A candidate with its strength by the weights of its collection."""

    index: CollectionIndex
    engine: str
    candidate: Candidate
    strength: float


def opened(collections: Sequence[str]) -> list[CollectionIndex]:
    """The indexes of `collections` as they are now in the database; one that does not exist is left out."""
    rows = Collection.objects.filter(key__in=set(collections)).values_list("pk", "key", "revision")
    indexes: list[CollectionIndex] = []
    for pk, key, revision in rows:
        index = index_of(pk, key)
        with index.lock:
            index.bring_to(revision)
        indexes.append(index)
    return indexes


def candidates(query: str, collections: Sequence[str], *, language: str, verified: bool) -> list[Weighed]:
    """Every article worth a closer look, unordered; fitting reads the same scores that searching ranks by."""
    return gathered(query, opened(collections), language=language, verified=verified)


def gathered(
    query: str, indexes: Sequence[CollectionIndex], *, language: str, verified: bool, by_meaning: bool = True
) -> list[Weighed]:
    """The same over indexes that were just opened; by words alone unless `by_meaning`."""
    terms, idf = query_terms(query, indexes, language)
    ideal = sum(idf[term] for term in idf) or 1.0
    embedder = embedders.current() if by_meaning else None
    meaning: NDArray[np.float32] | None = None
    found: list[Weighed] = []
    for index in indexes:
        with index.lock:
            shard = index.shards.get(language)
            if shard is None:
                continue
            dense = index.dense(language, embedder)
            if dense and meaning is None:
                meaning = embedders.embed_query(query)
            engine = embedder.name if dense and embedder is not None else "lexical"
            some = shard.candidates(
                terms, idf, ideal, verified=verified, now=time.time(), meaning=meaning if dense else None
            )
            weights = index.parameters(language, engine)
            found += [Weighed(index, engine, candidate, weights.strength(candidate)) for candidate in some]
    return found


def query_terms(
    query: str, indexes: Sequence[CollectionIndex], language: str
) -> tuple[dict[str, float], dict[str, float]]:
    """The query's terms with what each counts, misspelt ones corrected, and idf over all the collections asked.
    idf also holds the words that nobody knows: they make the query harder to satisfy."""
    terms: dict[str, float] = dict.fromkeys(words(query, language), 1.0)
    shards = []
    for index in indexes:
        with index.lock:
            if (shard := index.shards.get(language)) is not None and len(shard):
                shards.append(shard)
    for written, term in surfaces(query, language).items():
        if term in terms and not any(shard.known(term) for shard in shards):
            slips = [slip for shard in shards if (slip := shard.correction(written)) is not None]
            if slips and slips[0] not in terms:
                del terms[term]
                terms[Counter(slips).most_common(1)[0][0]] = SLIP
    documents = sum(len(shard) for shard in shards)
    idf = {term: inverse_frequency(sum(shard.frequency.get(term, 0) for shard in shards), documents) for term in terms}
    return terms, idf
