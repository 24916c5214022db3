"""Article content on its way in or out: plain values, no ORM."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextData:
    """An article in one language. `questions` are alternative wordings; `text` is the chat form (markdown-lite);
    an empty `spoken` means the chat form without markup."""

    title: str
    text: str
    questions: tuple[str, ...] = ()
    spoken: str = ""

    def as_json(self) -> dict[str, object]:
        return {"title": self.title, "questions": list(self.questions), "text": self.text, "spoken": self.spoken}

    def digest(self) -> str:
        return digest(self.as_json())


@dataclass(frozen=True, slots=True)
class ArticleData:
    """One article as a pack or a file gives it. `where` (file:line) is for messages only."""

    key: str
    texts: Mapping[str, TextData]
    tags: tuple[str, ...] = ()
    audience: str = "public"
    url: str = ""
    where: str = ""

    def facts_digest(self) -> str:
        """Changes when anything but the texts changes."""
        return digest({"tags": sorted(self.tags), "audience": self.audience, "url": self.url})


def digest(value: object) -> str:
    """A stable fingerprint of JSON-like `value`, 64 hex digits."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
