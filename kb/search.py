"""The door for those who ask: the articles that answer a question, best first."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import close_old_connections

from kb import conf, embedders
from kb.models import Collection
from kb.retrieval import vectors
from kb.retrieval.fusion import leads
from kb.retrieval.index import CollectionIndex, index_of
from kb.retrieval.shard import SLIP, Candidate, inverse_frequency
from kb.retrieval.tokens import surfaces, words
from kb.text import one_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)
QUERY_LENGTH = 1000  # characters; the rest of a longer question is not looked at


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that may answer. `score` is the probability, 0 to 1, that it does. `why` holds what made it:
    `lexical` (BM25 over the best one could expect, about 0 to 2), `wording` and `dense` (cosine with the best
    title, wording or passage), `lead` over the next best; `lexical_only` is 1 where no embedder took part."""

    article: str
    key: str
    collection: str
    title: str
    text: str
    spoken: str
    language: str
    score: float
    passage: str
    tags: tuple[str, ...]
    url: str
    why: Mapping[str, float]


def search(
    query: str, collections: Sequence[str], *, language: str, audience: str = "public", limit: int = 5
) -> list[Hit]:
    """Up to `limit` published articles of `collections` in force now, in `language`, that may answer `query`.

    `audience` "verified" also finds what only verified customers may read. What may not be found is left out inside
    the index, before anything is ranked. An edit committed anywhere before the call is in force. A collection that
    does not exist finds nothing. Lexical alone until the embedder is ready, in languages it does not know, and when
    it is missing.
    """
    query = one_line(query[: 2 * QUERY_LENGTH])[:QUERY_LENGTH]
    language = conf.primary_tag(language)
    if not query or limit < 1:
        return []
    found = candidates(query, collections, language=language, verified=audience == "verified")
    hits = []
    for weighed, lead in zip(found, leads([weighed.strength for weighed in found]), strict=True):
        weights = weighed.index.parameters(language, weighed.engine)
        hits.append(_hit(weighed, language, weights.score(weighed.candidate, weighed.strength, lead), lead))
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


@dataclass(slots=True)
class Weighed:
    """A candidate with its strength by the weights of its collection."""

    index: CollectionIndex
    engine: str
    candidate: Candidate
    strength: float


def candidates(query: str, collections: Sequence[str], *, language: str, verified: bool) -> list[Weighed]:
    """Every article worth a closer look, unordered; fitting reads the same scores that searching ranks by."""
    rows = Collection.objects.filter(key__in=set(collections)).values_list("pk", "key", "revision")
    indexes: list[CollectionIndex] = []
    for pk, key, revision in rows:
        index = index_of(pk, key)
        with index.lock:
            index.bring_to(revision)
        indexes.append(index)
    terms, idf = query_terms(query, indexes, language)
    ideal = sum(idf[term] for term in idf) or 1.0
    embedder = embedders.current()
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


def _hit(weighed: Weighed, language: str, score: float, lead: float) -> Hit:
    candidate, document = weighed.candidate, weighed.candidate.document
    why = {"lexical": round(candidate.lexical, 4), "wording": round(candidate.wording, 4), "lead": round(lead, 4)}
    if candidate.dense is not None:
        why["dense"] = round(candidate.dense, 4)
    else:
        why["lexical_only"] = 1.0
    return Hit(
        article=document.article,
        key=document.key,
        collection=weighed.index.key,
        title=document.title,
        text=document.text,
        spoken=document.spoken,
        language=language,
        score=round(score, 4),
        passage=candidate.passage,
        tags=document.tags,
        url=document.url,
        why=why,
    )


_warming = threading.Lock()


def warm() -> None:
    """Begins to load the embedder and every collection's index in the background, and returns at once."""
    embedders.start()
    threading.Thread(target=_warm, name="kb-warm", daemon=True).start()


def _warm() -> None:
    if not _warming.acquire(blocking=False):
        return
    close_old_connections()
    try:
        embedder = None
        for ready in (False, True):
            if ready:
                embedder = embedders.wait()
            for pk, key, revision in Collection.objects.values_list("pk", "key", "revision"):
                index = index_of(pk, key)
                with index.lock:
                    index.bring_to(revision)
                    for language in list(index.shards):
                        index.dense(language, embedder)
    except Exception:
        # The outermost door of a background thread: the first question builds what is not there yet.
        logger.exception("warming the knowledge base failed")
    finally:
        _warming.release()
        close_old_connections()


def prepare() -> bool:
    """Waits for the embedder and gives every article its stored vectors now, so that no question has to; False
    without an embedder. For deployment commands: a big collection takes minutes."""
    embedder = embedders.wait()
    if embedder is None:
        return False
    for pk, key, revision in Collection.objects.values_list("pk", "key", "revision"):
        index = index_of(pk, key)
        with index.lock:
            index.bring_to(revision)
            spoken = [language for language in index.shards if language in embedder.languages]
            for language in spoken:
                index.dense(language, embedder)
        for language in spoken:
            vectors.fill(index, language, embedder)
    return True


def about() -> str:
    """One line for people: what retrieval runs on, and where its model came from or why there is none."""
    return f"lexical BM25 (words; characters and pairs in Chinese) in memory; {embedders.state()}"
