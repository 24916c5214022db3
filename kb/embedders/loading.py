"""Loads the configured embedder once per process, in the background, and remembers what queries meant."""

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from kb import conf
from kb.embedders.leaving import gate
from kb.embedders.protocol import Embedder
from kb.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)
QUERIES_KEPT = 4096


class Loading:
    """One embedder on its way: `embedder` when it is there, `problem` when it cannot be."""

    def __init__(self, path: str, model: str) -> None:
        self.path = path
        self.model = model
        self.embedder: Embedder | None = None
        self.problem = ""
        self.done = threading.Event()
        self.queries: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self.lock = threading.Lock()

    def run(self) -> None:
        with gate.inside():
            self._load()
        if self.problem and threading.main_thread().is_alive():  # else the process is ending, and nobody asks
            logger.warning("Retrieval is lexical: %s", self.problem)
        self.done.set()

    def _load(self) -> None:
        try:
            self.embedder = import_string(self.path)()
        except EmbedderUnavailableError as error:
            self.problem = str(error)
        except ImportError as error:
            self.problem = f"CSBOT_EMBEDDER names {self.path!r}, which cannot be imported: {error}"
        except Exception as error:
            # The outermost door of a background thread: a broken engine must not take retrieval with it.
            self.problem = f"{self.path} failed to load: {error}"
            if threading.main_thread().is_alive():
                logger.exception("embedder %s failed to load", self.path)

    def query(self, text: str) -> "NDArray[np.float32]":
        assert self.embedder is not None  # noqa: S101  # callers have one
        with self.lock:
            if (known := self.queries.get(text)) is not None:
                self.queries.move_to_end(text)
                return known
        vector: NDArray[np.float32] = self.embedder.embed([text])[0]
        with self.lock:
            self.queries[text] = vector
            while len(self.queries) > QUERIES_KEPT:
                self.queries.popitem(last=False)
        return vector


_loading: Loading | None = None
_lock = threading.Lock()


def start() -> Loading | None:
    """Begins to load the configured embedder unless that was begun; None when none is configured."""
    global _loading
    path, model = conf.embedder(), conf.embedder_model()
    if not path:
        return None
    with _lock:
        if _loading is None or (_loading.path, _loading.model) != (path, model):
            _loading = Loading(path, model)
            threading.Thread(target=_loading.run, name="kb-embedder", daemon=True).start()
        return _loading


def current() -> Embedder | None:
    """The embedder if it is ready now; begins to load it otherwise, without waiting."""
    loading = start()
    return loading.embedder if loading is not None and loading.done.is_set() else None


def wait(seconds: float | None = None) -> Embedder | None:
    """The embedder, waiting up to `seconds` for it; None when it is missing, off or not ready by then."""
    loading = start()
    if loading is None:
        return None
    loading.done.wait(seconds)
    return loading.embedder


def embed_query(text: str) -> "NDArray[np.float32] | None":
    """The unit vector of a customer's words, remembered by text; None while no embedder is ready."""
    loading = start()
    if loading is None or not loading.done.is_set() or loading.embedder is None:
        return None
    return loading.query(text)


def state() -> str:
    """One line: which embedder is at work, from where; or why none is."""
    loading = start()
    if loading is None:
        return "no embedder is configured (CSBOT_EMBEDDER is empty)"
    if not loading.done.is_set():
        return f"embedder {loading.path} is loading"
    if loading.embedder is None:
        return loading.problem
    return f"embedder {loading.embedder.name} ({loading.embedder.source})"
