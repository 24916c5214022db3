"""Embedders: text into vectors. One is named by `CSBOT_EMBEDDER`, loaded once per process, in the background."""

from kb.embedders.loading import current, embed_query, start, state, wait
from kb.embedders.protocol import Embedder

__all__ = ["Embedder", "current", "embed_query", "start", "state", "wait"]
