"""The door for those who ask: the articles that answer a question, best first."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import close_old_connections

from kb import conf, embedders
from kb.models import Collection
from kb.retrieval import vectors
from kb.retrieval.context import Context, in_context
from kb.retrieval.fusion import leads
from kb.retrieval.gathering import Weighed, candidates
from kb.retrieval.index import index_of
from kb.text import one_line

if TYPE_CHECKING:
    pass

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
    query: str,
    collections: Sequence[str],
    *,
    language: str,
    audience: str = "public",
    limit: int = 5,
    context: Context | None = None,
) -> list[Hit]:
    """Up to `limit` published articles of `collections` in force now, in `language`, that may answer `query`.

    `audience` "verified" also finds what only verified customers may read. What may not be found is left out inside
    the index, before anything is ranked. An edit committed anywhere before the call is in force. A collection that
    does not exist finds nothing. Lexical alone until the embedder is ready, in languages it does not know, and when
    it is missing. With `context` the question is read as one that leans on what was just answered.
    """
    query = one_line(query[: 2 * QUERY_LENGTH])[:QUERY_LENGTH]
    language = conf.primary_tag(language)
    if not query or limit < 1:
        return []
    verified = audience == "verified"
    if context is not None and context.lean > 0:
        judged = in_context(query, context, collections, language=language, verified=verified)
        if judged:
            leaning = [_hit(weighed, language, score, lead) for weighed, score, lead in judged]
            return sorted(leaning, key=lambda hit: -hit.score)[:limit]
    found = candidates(query, collections, language=language, verified=verified)
    hits = []
    for weighed, lead in zip(found, leads([weighed.strength for weighed in found]), strict=True):
        weights = weighed.index.parameters(language, weighed.engine)
        hits.append(_hit(weighed, language, weights.score(weighed.candidate, weighed.strength, lead), lead))
    return sorted(hits, key=lambda hit: -hit.score)[:limit]


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
