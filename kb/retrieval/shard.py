"""The index of one language of one collection, in this process's memory.

Terms are scored by BM25 (Robertson and Zaragoza 2009, with Lucene's always positive idf); the units of an article
(title, each alternative wording, each passage) are also compared with the query one by one, by words and, where
there is an embedder, by meaning. A changed article gets a new slot and its old one dies, so an edit costs its own
terms and nothing else. Not thread-safe: the collection's index holds its lock around every call.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.content import digest
from kb.retrieval.meaning import Meant, Vectors, largest
from kb.retrieval.tokens import misspellings, surfaces, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

K1, B = 1.5, 0.75
CANDIDATES = 60  # articles that are looked at closely, by words; by meaning, at most DENSE_CANDIDATES more
DENSE_CANDIDATES = 200
SLIP = 0.85  # what a corrected word counts against one that was written right
SLIP_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece of an article that a question may match."""

    text: str
    terms: frozenset[str]
    digest: str

    @classmethod
    def of(cls, text: str, language: str) -> "Unit":
        return cls(text, frozenset(words(text, language)), digest(text))


@dataclass(frozen=True, slots=True)
class Document:
    """A published article in one language, ready to be found. `since` and `until` are seconds of the epoch."""

    article: str
    key: str
    title: str
    text: str
    spoken: str
    tags: tuple[str, ...]
    url: str
    verified: bool
    since: float
    until: float
    units: tuple[Unit, ...]
    passages: int  # how many of the units, the last ones, are passages of the text
    counts: Mapping[str, int]
    asked: Mapping[str, int]  # those of the title and the alternative wordings
    surfaces: Mapping[str, str]


@dataclass(slots=True)
class Candidate:
    """An article that may answer, with what speaks for it. `lexical` is BM25 over what an article of average length
    with every query word would get, `asked` the same over title and alternative wordings alone; `wording` and `dense`
    are cosines with its best unit, by words and by meaning; `theme` is the cosine with the mean of all its units.
    Without an embedder `dense` is None and `theme` 0."""

    document: Document
    lexical: float
    asked: float
    wording: float
    dense: float | None
    theme: float
    passage: str


class Shard:
    """Add and remove documents, then ask for candidates."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.slots: list[Document | None] = []
        self.slot_of: dict[str, int] = {}
        # term → slots (int32, ascending), frequencies in the whole article and in title and wordings (float32)
        self.postings: dict[str, tuple[Any, Any, Any]] = {}
        self.frequency: Counter[str] = Counter()  # term → living documents that hold it
        self.surfaces: dict[str, str] = {}
        self.total_length = self.total_asked = 0
        self._lengths: Any = None
        self._asked: Any = None
        self._verified: Any = None
        self._since: Any = None
        self._until: Any = None
        self.vectors: Vectors | None = None
        self._norms: dict[int, list[float]] = {}  # slot → length of each unit as a vector of idf
        self._normed_at = 0  # how many documents there were when the norms were taken

    def __len__(self) -> int:
        return len(self.slot_of)

    def documents(self) -> list[Document]:
        return [document for document in self.slots if document is not None]

    def put(self, documents: Iterable[Document]) -> None:
        """Adds `documents`, each in place of what the shard held for its article."""
        import numpy as np

        fresh = list(documents)
        if not fresh:
            return
        gathered: dict[str, tuple[list[int], list[float], list[float]]] = {}
        for document in fresh:
            self.remove(document.article)
            slot = len(self.slots)
            self.slots.append(document)
            self.slot_of[document.article] = slot
            self.total_length += sum(document.counts.values())
            self.total_asked += sum(document.asked.values())
            self.frequency.update(document.counts.keys())
            self.surfaces.update(document.surfaces)
            for term, count in document.counts.items():
                slots, counts, asked = gathered.setdefault(term, ([], [], []))
                slots.append(slot)
                counts.append(count)
                asked.append(document.asked.get(term, 0))
        for term, (slots, counts, asked) in gathered.items():
            new = np.array(slots, np.int32), np.array(counts, np.float32), np.array(asked, np.float32)
            old = self.postings.get(term)
            if old:
                new = np.append(old[0], new[0]), np.append(old[1], new[1]), np.append(old[2], new[2])
            self.postings[term] = new
        added: list[tuple[str, list[float]]] = [
            ("_lengths", [sum(document.counts.values()) for document in fresh]),
            ("_asked", [sum(document.asked.values()) for document in fresh]),
            ("_verified", [document.verified for document in fresh]),
            ("_since", [document.since for document in fresh]),
            ("_until", [document.until for document in fresh]),
        ]
        for name, values in added:
            column = np.array(values, np.float64)
            held = getattr(self, name)
            setattr(self, name, column if held is None else np.append(held, column))
        if self.vectors is not None:
            self.vectors.stretch(self.slots)
        self._take_norms([self.slot_of[document.article] for document in fresh])

    def _take_norms(self, slots: Iterable[int]) -> None:
        # idf drifts slowly: the norms of all are taken again only when the shard has grown or shrunk by half.
        if not 0.5 < (self._normed_at + 1) / (len(self.slot_of) + 1) < 2:
            self._normed_at = len(self.slot_of)
            slots = self.slot_of.values()
        documents = len(self.slot_of)
        squares = {}
        for slot in slots:
            document = self.slots[slot]
            assert document is not None  # noqa: S101  # slot_of names living slots only
            norms = []
            for unit in document.units:
                for term in unit.terms:
                    if term not in squares:
                        squares[term] = inverse_frequency(self.frequency[term], documents) ** 2
                norms.append(math.sqrt(sum(squares[term] for term in unit.terms)) or 1.0)
            self._norms[slot] = norms

    def remove(self, article: str) -> None:
        """Forgets `article`, if it is here."""
        slot = self.slot_of.pop(article, None)
        if slot is None:
            return
        document = self.slots[slot]
        assert document is not None  # noqa: S101  # slot_of names living slots only
        self.slots[slot] = None
        del self._norms[slot]
        self._until[slot] = -math.inf  # in force until before all time: masked out everywhere
        self.total_length -= sum(document.counts.values())
        self.total_asked -= sum(document.asked.values())
        self.frequency.subtract(document.counts.keys())

    def wasted(self) -> bool:
        """Whether dead slots outnumber living ones so far that starting over is cheaper."""
        return len(self.slots) > 2 * len(self.slot_of) + 500

    def known(self, term: str) -> bool:
        return self.frequency.get(term, 0) > 0

    def correction(self, word: str) -> str | None:
        """The term of the most frequent known word that is one slip away from `word`."""
        if len(word) < SLIP_LENGTH or not word.isalpha():
            return None
        near = {self.surfaces[slip] for slip in misspellings(word) if slip in self.surfaces}
        return max((term for term in near if self.known(term)), key=lambda term: self.frequency[term], default=None)

    def candidates(
        self,
        terms: Mapping[str, float],
        idf: Mapping[str, float],
        ideal: float,
        *,
        verified: bool,
        now: float,
        meaning: "Floats | None",
    ) -> list[Candidate]:
        """The living articles in force at `now` that may answer, unordered. `terms` are the query's, with the
        part of each that counts; `ideal` is what their idf adds up to with unknown words; `meaning` is the query's
        unit vector."""
        import numpy as np

        if not self.slot_of:
            return []
        allowed = (self._since <= now) & (now < self._until)
        if not verified:
            allowed &= self._verified == 0
        scores, asked = np.zeros(len(self.slots), np.float32), np.zeros(len(self.slots), np.float32)
        stretch = stretched(self._lengths, self.total_length / len(self.slot_of))
        stretch_asked = stretched(self._asked, self.total_asked / len(self.slot_of))
        for term, share in terms.items():
            if term in self.postings:
                slots, counts, of_asked = self.postings[term]
                weight = share * idf[term] * (K1 + 1)
                scores[slots] += weight * counts / (counts + stretch[slots])
                asked[slots] += weight * of_asked / (of_asked + stretch_asked[slots])
        scores *= allowed
        chosen = set(largest(scores, CANDIDATES, above=0.0))
        dense: dict[int, Meant] = {}
        if meaning is not None and self.vectors is not None:
            chosen |= set(self.vectors.nearest(meaning, allowed, DENSE_CANDIDATES))
            dense = self.vectors.best_units(meaning, sorted(chosen))
        found = []
        for slot in chosen:
            document = self.slots[slot]
            if document is not None:
                wording = self.likeness(document, terms, idf)
                lexical = float(scores[slot]) / ideal, float(asked[slot]) / ideal
                found.append(_candidate(document, lexical, wording, dense.get(slot)))
        return found

    def likeness(self, document: Document, terms: Mapping[str, float], idf: Mapping[str, float]) -> list[float]:
        """The cosine of the query with each unit of a living document, over idf."""
        slot = self.slot_of[document.article]
        norm = math.sqrt(sum((share * idf[term]) ** 2 for term, share in terms.items())) or 1.0
        similar = [0.0] * len(document.units)
        for at, (unit, length) in enumerate(zip(document.units, self._norms[slot], strict=True)):
            common = unit.terms & terms.keys()
            if common:
                similar[at] = min(1.0, sum(terms[term] * idf[term] ** 2 for term in common) / (norm * length))
        return similar


def stretched(lengths: Any, average: float) -> Any:
    """BM25's allowance for the length of a text beside the average one."""
    return K1 * (1 - B + B * lengths / max(1.0, average))


def _candidate(
    document: Document, lexical: tuple[float, float], wording: Sequence[float], meant: Meant | None
) -> Candidate:
    first = len(document.units) - document.passages
    best = max(range(first, len(document.units)), key=lambda at: wording[at], default=None)
    if meant is not None and meant.unit >= first:
        best = meant.unit
    passage = document.units[best].text if best is not None else document.title
    lexically = max(wording, default=0.0)
    if meant is None:
        return Candidate(document, *lexical, lexically, None, 0.0, passage)
    return Candidate(document, *lexical, lexically, meant.best, meant.theme, passage)


def inverse_frequency(holding: int, documents: int) -> float:
    """BM25's idf in Lucene's form, above 0 however common the term."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def document_terms(units: Iterable[str], language: str) -> tuple[dict[str, int], dict[str, str]]:
    """Term counts and written words of an article's units together."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for unit in units:
        counts.update(words(unit, language))
        written.update(surfaces(unit, language))
    return dict(counts), written
