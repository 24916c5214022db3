"""Vectors of articles: stored in the database by the text's fingerprint, made where missing."""

import logging
import queue
import random
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import close_old_connections

from kb.embedders import Embedder
from kb.models import Vector
from kb.retrieval.batches import batched
from kb.retrieval.shard import Document, Shard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.retrieval.index import CollectionIndex

    Floats = NDArray[np.float32]

logger = logging.getLogger(__name__)

AT_ONCE = 24  # texts embedded while the question waits (about 0.1 s); more go to the background
STORED_AT_ONCE = 2000  # vectors read while the question waits
BATCH = 64


def attach(index: "CollectionIndex", shard: Shard, missing: Sequence[tuple[int, Document]], embedder: Embedder) -> bool:
    """Gives the `missing` slots their vectors and returns True; or, when that would take long, has it done in the
    background and returns False. The caller holds the index's lock."""
    assert shard.vectors is not None  # noqa: S101  # made by the caller
    with _lock:
        if (index.collection_id, shard.language) in _pending:
            return False  # being made: asking the database again at every question would only slow them down
    texts = {unit.digest: unit.text for _, held in missing for unit in held.units}
    if len(texts) > STORED_AT_ONCE:
        _background(index, shard.language, embedder)
        return False
    vectors = stored(texts, embedder)
    absent = {digest: text for digest, text in texts.items() if digest not in vectors}
    if len(absent) > AT_ONCE:
        _background(index, shard.language, embedder)
        return False
    vectors |= make(absent, embedder)
    place(shard, missing, vectors)
    return True


def place(shard: Shard, slots: Iterable[tuple[int, Document]], vectors: "dict[str, Floats]") -> None:
    """Puts the vectors of whole articles into the shard; an article of which one is missing waits."""
    import numpy as np

    assert shard.vectors is not None  # noqa: S101  # made by the caller
    whole = [
        (slot, np.stack([vectors[unit.digest] for unit in held.units]))
        for slot, held in slots
        if all(unit.digest in vectors for unit in held.units)
    ]
    shard.vectors.put(whole, shard.slots)


def stored(digests: Iterable[str], embedder: Embedder) -> "dict[str, Floats]":
    """The vectors that the database has, by digest."""
    import numpy as np

    found: dict[str, Floats] = {}
    for some in batched(digests, 500):
        rows = Vector.objects.filter(model=embedder.name, digest__in=some).values_list("digest", "vector")
        for digest, packed in rows:
            found[digest] = np.frombuffer(bytes(packed), "<f2").astype(np.float32)
    return found


def make(texts: dict[str, str], embedder: Embedder) -> "dict[str, Floats]":
    """Embeds `texts` (by digest) and stores their vectors."""
    if not texts:
        return {}
    vectors = embedder.embed(list(texts.values()))
    Vector.objects.bulk_create(
        [
            Vector(model=embedder.name, digest=digest, vector=vector.astype("<f2").tobytes())
            for digest, vector in zip(texts, vectors, strict=True)
        ],
        ignore_conflicts=True,
    )
    return dict(zip(texts, vectors, strict=True))


_work: "queue.SimpleQueue[tuple[CollectionIndex, str, Embedder]]" = queue.SimpleQueue()
_pending: set[tuple[object, str]] = set()
_lock = threading.Lock()
_thread: threading.Thread | None = None


def _background(index: "CollectionIndex", language: str, embedder: Embedder) -> None:
    global _thread
    with _lock:
        if (index.collection_id, language) in _pending:
            return
        _pending.add((index.collection_id, language))
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_run, name="kb-vectors", daemon=True)
            _thread.start()
    _work.put((index, language, embedder))


def _run() -> None:
    while True:
        index, language, embedder = _work.get()
        close_old_connections()
        try:
            fill(index, language, embedder)
        except Exception:
            # The outermost door of a background thread: lexical retrieval goes on, the next question tries again.
            logger.exception("could not embed the articles of collection %s (%s)", index.key, language)
        finally:
            with _lock:
                _pending.discard((index.collection_id, language))
            close_old_connections()


def fill(index: "CollectionIndex", language: str, embedder: Embedder) -> None:
    """Gives every article of the shard its vectors, in small batches, holding the index's lock only to place them."""
    with index.lock:
        shard = index.shards.get(language)
        if shard is None or shard.vectors is None:
            return
        missing = shard.vectors.missing(shard.slots)
    texts = {unit.digest: unit.text for _, held in missing for unit in held.units}
    vectors = stored(texts, embedder)
    absent = [(digest, text) for digest, text in texts.items() if digest not in vectors]
    # Several processes come here at once after a big import: each goes its own way through the work and
    # asks what the others have already stored.
    random.shuffle(absent)
    for some in batched(absent, BATCH):
        known = stored([digest for digest, _ in some], embedder)
        vectors |= known | make({digest: text for digest, text in some if digest not in known}, embedder)
    with index.lock:
        current = index.shards.get(language)
        if current is not None and current.vectors is not None and current.vectors.model == embedder.name:
            place(current, current.vectors.missing(current.slots), vectors)
