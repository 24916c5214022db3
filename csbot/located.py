"""YAML whose every value knows the file and line it stands on, so that an error can say where."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: which file, which line (from 1), and what."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.what}"


class LocatedError(Exception):
    """A file that cannot be used. `problems` lists everything wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class LocatedMap(dict[str, "Located"]):
    """A mapping of located values."""


class LocatedList(list["Located"]):
    """A sequence of located values."""


@dataclass(frozen=True, slots=True)
class Located:
    """A value of a YAML file: a scalar, a `LocatedMap` or a `LocatedList`, and the line it begins on."""

    value: Any
    file: str
    line: int

    def plain(self) -> Any:
        """The value without its places: str, int, float, bool, None, list, dict."""
        if isinstance(self.value, LocatedMap):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, LocatedList):
            return [item.plain() for item in self.value]
        return self.value

    def problem(self, what: str) -> Problem:
        """`what`, said at this place."""
        return Problem(self.file, self.line, what)

    def items(self) -> Iterator[tuple[str, "Located"]]:
        """The entries of a mapping; nothing for any other value."""
        yield from self.value.items() if isinstance(self.value, LocatedMap) else ()

    def __iter__(self) -> Iterator["Located"]:
        yield from self.value if isinstance(self.value, LocatedList) else ()

    def get(self, key: str) -> "Located | None":
        """The entry `key` of a mapping, or None."""
        return self.value.get(key) if isinstance(self.value, LocatedMap) else None


def load_located(text: str, file: str) -> Located:
    """The one document in `text`. Raises LocatedError, naming file and line, for what is not YAML.

    Only plain data is read: tags that would build objects are refused, as are a key that stands twice and an alias.
    """
    try:
        loader = yaml.SafeLoader(text)
    except yaml.reader.ReaderError as error:
        what = f"the character U+{ord(text[error.position]):04X} may not stand in YAML"
        raise LocatedError([Problem(file, text.count("\n", 0, error.position) + 1, what)]) from error
    try:
        node = loader.get_single_node()
        if node is None:
            return Located(LocatedMap(), file, 1)
        return _located(loader, node, file, set())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "this is not YAML"
        raise LocatedError([Problem(file, mark.line + 1 if mark else 1, what)]) from error
    except yaml.YAMLError as error:
        raise LocatedError([Problem(file, 1, str(error))]) from error
    finally:
        loader.dispose()


def _located(loader: yaml.SafeLoader, node: yaml.Node, file: str, seen: set[int]) -> Located:
    line = node.start_mark.line + 1
    if id(node) in seen:
        raise LocatedError([Problem(file, line, "an alias (*name) is not allowed here; write the value out")])
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        found = LocatedMap()
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            key_line = key_node.start_mark.line + 1
            if not key:
                raise LocatedError([Problem(file, key_line, "a key is one word or sentence")])
            if key in found:
                raise LocatedError([Problem(file, key_line, f"{key!r} stands here a second time")])
            value = _located(loader, value_node, file, seen)
            # The line of the key is where an editor wants to look, even when a block text begins below it.
            found[key] = Located(value.value, file, key_line)
        return Located(found, file, line)
    if isinstance(node, yaml.SequenceNode):
        return Located(LocatedList(_located(loader, item, file, seen) for item in node.value), file, line)
    return Located(loader.construct_object(node), file, line)
