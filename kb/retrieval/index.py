"""The indexes of this process: one for each collection, brought up to date before every use.

An index compares the collection's revision row with its own. When they differ it reads every published article's
(id, revision) and takes over exactly the articles that differ, so an edit costs one article, and a deletion, a
move, a rolled-back transaction or a restored backup is noticed too.
"""

import logging
import math
import threading
import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kb import conf
from kb import text as markup
from kb.embedders import Embedder
from kb.models import Article, Weights
from kb.models.articles import clean_text
from kb.retrieval.batches import batched
from kb.retrieval.fusion import Parameters, shipped
from kb.retrieval.meaning import Vectors
from kb.retrieval.shard import Document, Shard, Unit, document_terms
from kb.retrieval.vectors import attach

if TYPE_CHECKING:
    from datetime import datetime

    from kb.models import ArticleText

logger = logging.getLogger(__name__)
BATCH = 500


class CollectionIndex:
    """Every published text of one collection, by language. Hold `lock` while using what it gives."""

    def __init__(self, collection_id: uuid.UUID, key: str) -> None:
        self.collection_id = collection_id
        self.key = key
        self.lock = threading.RLock()
        self.revision = -1
        self.revisions: dict[str, int] = {}
        self.shards: dict[str, Shard] = {}
        self._fitted: dict[tuple[str, str], Parameters] = {}

    def bring_to(self, revision: int) -> None:
        """Takes over what changed, if `revision` (just read from the database) is not the one held."""
        if revision == self.revision:
            return
        published = Article.objects.filter(collection=self.collection_id, status=Article.Status.PUBLISHED)
        now = {str(pk): seen for pk, seen in published.values_list("pk", "revision")}
        gone = self.revisions.keys() - now.keys()
        changed = [article for article, seen in now.items() if self.revisions.get(article) != seen]
        for article in [*gone, *changed]:
            for shard in self.shards.values():
                shard.remove(article)
            self.revisions.pop(article, None)
        fresh: dict[str, list[Document]] = {}
        for some in batched(changed, BATCH):
            for article_row in Article.objects.filter(pk__in=some).prefetch_related("texts"):
                # Between the two queries it may have been unpublished or changed again: then the collection's
                # revision has moved on too, and the next question comes here again.
                if article_row.status == Article.Status.PUBLISHED:
                    self.revisions[str(article_row.pk)] = article_row.revision
                    for row in article_row.texts.all():
                        fresh.setdefault(row.language, []).append(document(article_row, row))
        for language, documents in fresh.items():
            self.shards.setdefault(language, Shard(language)).put(documents)
        for language, shard in list(self.shards.items()):
            if shard.wasted():
                self.shards[language] = compacted(shard)
        self._fitted = {
            (row.language, row.engine): Parameters.from_json(row.parameters)
            for row in Weights.objects.filter(collection=self.collection_id)
        }
        self.revision = revision

    def parameters(self, language: str, engine: str) -> Parameters:
        """The weights fitted for this collection, else the shipped ones."""
        return self._fitted.get((language, engine)) or shipped(language, dense=engine != "lexical")

    def dense(self, language: str, embedder: Embedder | None) -> bool:
        """Whether every article of `language` can be compared by meaning now; sets about it when not."""
        shard = self.shards.get(language)
        if shard is None or embedder is None or language not in embedder.languages:
            return False
        if shard.vectors is None or shard.vectors.model != embedder.name:
            shard.vectors = Vectors(embedder.name, embedder.dimensions)
            shard.vectors.stretch(shard.slots)
        missing = shard.vectors.missing(shard.slots)
        return not missing or attach(self, shard, missing, embedder)


_indexes: dict[uuid.UUID, CollectionIndex] = {}
_lock = threading.Lock()


def index_of(collection_id: uuid.UUID, key: str) -> CollectionIndex:
    """This process's index of the collection; empty until `bring_to`."""
    with _lock:
        return _indexes.setdefault(collection_id, CollectionIndex(collection_id, key))


def compacted(shard: Shard) -> Shard:
    """`shard` without its dead slots."""
    fresh = Shard(shard.language)
    fresh.put(shard.documents())
    if (vectors := shard.vectors) is not None:
        fresh.vectors = Vectors(vectors.model, vectors.rows.shape[1])
        kept = [
            (fresh.slot_of[held.article], vectors.rows[slice(*vectors.span[slot])].astype("float32"))
            for slot, held in enumerate(shard.slots)
            if held is not None and slot in vectors.span
        ]
        fresh.vectors.put(kept, fresh.slots)
    return fresh


def document(article: Article, row: "ArticleText") -> Document:
    """What the index keeps of one text; cleaned again, since rows come from elsewhere too."""
    language = conf.primary_tag(row.language)
    data = clean_text(row.data)
    passages = markup.passages(data.text)
    wordings = list(dict.fromkeys([data.title, *data.questions]))
    counts, written = document_terms([*wordings, *passages], language)
    asked, _written = document_terms(wordings, language)
    return Document(
        article=str(article.pk),
        key=article.key,
        title=data.title,
        text=data.text,
        spoken=data.spoken or markup.spoken(data.text),
        tags=article.tags,
        url=article.url,
        verified=article.audience == Article.Audience.VERIFIED,
        since=_seconds(article.effective_from, -math.inf),
        until=_seconds(article.effective_until, math.inf),
        units=tuple(_units([*wordings, *passages], language)),
        passages=len(passages),
        counts=counts,
        asked=asked,
        surfaces=written,
    )


def _units(texts: Iterable[str], language: str) -> Iterator[Unit]:
    return (Unit.of(text, language) for text in texts)


def _seconds(moment: "datetime | None", otherwise: float) -> float:
    return moment.timestamp() if moment is not None else otherwise
