"""What can be wrong with knowledge-base content, said so that its author can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass


class KnowledgeError(Exception):
    """Base of every error that the knowledge base raises itself."""


class UnknownCollectionError(KnowledgeError):
    """A collection was named that does not exist."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no collection {key!r}. Make it in the admin, or import articles into it first.")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a content file. `line` counts from 1; 0 when the whole file is meant."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class ContentError(KnowledgeError):
    """Content was refused and nothing was changed; `problems` lists every mistake found, in reading order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EmbedderUnavailableError(KnowledgeError):
    """The configured embedder cannot be loaded; the message names the fix. Lexical retrieval goes on."""
