"""The kind of answer a question wants: an amount of money, a time, a number; and whether a text holds one.

Knowing the expected answer type is an old help of question answering (Li and Roth 2002). The patterns stand in
`answer_kinds.json`: those of questions by language, those of answers for all languages together.
"""

import json
import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1024)
def kinds_asked(question: str, language: str) -> tuple[str, ...]:
    """The kinds of answer that the question wants: `money`, `time`, `number`; none in a language without patterns."""
    lowered = question.casefold()
    return tuple(kind for kind, pattern in _patterns("asked", language).items() if pattern.search(lowered))


def holds(text: str, kinds: Collection[str]) -> float:
    """1 where `text` holds every kind of answer that is asked for, −1 where it misses one, 0 where none is asked."""
    if not kinds:
        return 0.0
    patterns = _patterns("held", "*")
    return 1.0 if all(patterns[kind].search(text) for kind in kinds) else -1.0


@lru_cache
def _patterns(side: str, language: str) -> dict[str, re.Pattern[str]]:
    stored = json.loads((Path(__file__).parent / "answer_kinds.json").read_text(encoding="utf-8"))[side]
    return {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in stored.get(language, {}).items()}
