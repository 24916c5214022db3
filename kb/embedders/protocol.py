"""What an embedder is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how alike in meaning they are.

    Made without arguments; making it loads the model, or raises `EmbedderUnavailableError` naming the fix.
    """

    name: str
    """Names the vector space: vectors stored under one name are comparable."""

    languages: frozenset[str]
    """Primary tags of the languages it understands; in others its score is not used."""

    dimensions: int

    source: str
    """Where the model came from, for people."""

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors of `texts`, float32 of shape (len(texts), dimensions). Safe to call from several threads.

        Daemon threads call it too: native work is done inside `kb.embedders.leaving.gate`.
        """
        ...
