"""The vectors of a shard: which articles lie near a question in meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.retrieval.shard import Document

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meant:
    """How near an article lies in meaning: its best unit's cosine, that unit's place, and its centre's cosine."""

    best: float
    unit: int
    theme: float


class Vectors:
    """The unit vectors of a shard by one model: rows of one matrix, each slot's rows side by side."""

    def __init__(self, model: str, dimensions: int) -> None:
        import numpy as np

        self.model = model
        self.rows: NDArray[np.float16] = np.zeros((0, dimensions), np.float16)
        self.span: dict[int, tuple[int, int]] = {}  # slot → first row, row after the last
        self.centres: Floats = np.zeros((0, dimensions), np.float32)

    def stretch(self, slots: Sequence[object]) -> None:
        import numpy as np

        missing = len(slots) - len(self.centres)
        if missing > 0:
            self.centres = np.vstack([self.centres, np.zeros((missing, self.centres.shape[1]), np.float32)])

    def missing(self, slots: "Sequence[Document | None]") -> "list[tuple[int, Document]]":
        """The living slots that have no vectors yet."""
        return [(slot, held) for slot, held in enumerate(slots) if held is not None and slot not in self.span]

    def put(self, found: Sequence[tuple[int, "Floats"]], slots: Sequence[object]) -> None:
        """Adds each slot's unit vectors, float32 of shape (units, dimensions)."""
        import numpy as np

        self.stretch(slots)
        at = len(self.rows)
        blocks = [self.rows]
        for slot, vectors in found:
            self.span[slot] = (at, at + len(vectors))
            at += len(vectors)
            blocks.append(vectors.astype(np.float16))
            centre = vectors.mean(axis=0)
            self.centres[slot] = centre / (float(np.linalg.norm(centre)) or 1.0)
        self.rows = np.vstack(blocks)

    def nearest(self, meaning: "Floats", allowed: Any, count: int) -> list[int]:
        """The allowed slots whose articles as a whole lie nearest."""
        import numpy as np

        return largest(np.where(allowed, self.centres @ meaning, -1.0), count, above=-1.0)

    def best_units(self, meaning: "Floats", slots: Sequence[int]) -> dict[int, Meant]:
        """How near each slot's article lies; slots without vectors are left out."""
        import numpy as np

        spans = [(slot, *self.span[slot]) for slot in slots if slot in self.span]
        if not spans:
            return {}
        rows = np.concatenate([np.arange(first, end) for _, first, end in spans])
        similar = self.rows[rows].astype(np.float32) @ meaning
        themes = self.centres[[slot for slot, _, _ in spans]] @ meaning
        found: dict[int, Meant] = {}
        at = 0
        for (slot, first, end), theme in zip(spans, themes.tolist(), strict=True):
            mine = similar[at : at + end - first]
            best = int(mine.argmax())
            found[slot] = Meant(float(mine[best]), best, theme)
            at += end - first
        return found


def largest(values: Any, count: int, *, above: float) -> list[int]:
    """The places of the `count` largest values greater than `above`."""
    import numpy as np

    if len(values) > count:
        places = np.argpartition(values, -count)[-count:]
        return [int(place) for place in places if values[place] > above]
    return [int(place) for place in np.flatnonzero(values > above)]
