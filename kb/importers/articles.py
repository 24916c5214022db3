"""Reads article and question files (YAML) and says of every mistake in which file and line it stands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kb import conf
from kb.content import ArticleData, TextData
from kb.errors import ContentError, Problem
from kb.models import Article

FILE_SIZE = 5_000_000  # bytes; a larger file is refused unread
ARTICLE_FIELDS = {"key", "tags", "audience", "url", "texts"}
TEXT_FIELDS = {"title", "questions", "text", "spoken"}
QUESTION_FIELDS = {"q", "article", "language", "use"}


@dataclass(frozen=True, slots=True)
class Question:
    """A customer's question with the key of the article that answers it, None when none does. `use` is `fit`
    (weights may learn from it) or `check` (only reported on)."""

    text: str
    article: str | None
    language: str
    use: str


class Reading:
    """One YAML file on its way in, collecting what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def wrong(self, node: yaml.Node | None, message: str) -> None:
        self.problems.append(Problem(str(self.path), node.start_mark.line + 1 if node is not None else 0, message))

    def root(self) -> yaml.Node | None:
        """The file's content as YAML nodes, which know their lines; None (and a problem) when it is no YAML."""
        try:
            raw = self.path.read_bytes()
            if len(raw) > FILE_SIZE:
                self.wrong(None, f"the file has {len(raw):,} bytes; at most {FILE_SIZE:,} are read")
                return None
            return yaml.compose(raw.decode(), Loader=yaml.SafeLoader)
        except OSError as error:
            self.wrong(None, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self.wrong(None, f"is not UTF-8 text (byte {error.start})")
        except RecursionError:
            self.wrong(None, "is nested too deeply")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark is not None else 0
            self.problems.append(Problem(str(self.path), line, f"is not valid YAML: {error.problem}"))
        except yaml.YAMLError as error:
            self.wrong(None, f"is not valid YAML: {error}")
        return None

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        """The items of a list."""
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"{what} must be a list")
            return []
        return list(node.value)

    def fields(self, node: yaml.Node, what: str, known: set[str] | None = None) -> dict[str, yaml.Node]:
        """The fields of a mapping by name; unknown and repeated ones are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{what} must be a mapping of names to values")
            return {}
        found: dict[str, yaml.Node] = {}
        for name_node, value in node.value:
            name = str(name_node.value)
            if known is not None and name not in known:
                self.wrong(name_node, f"{what} has no field {name!r}; it has {', '.join(sorted(known))}")
            elif name in found:
                self.wrong(name_node, f"{what} has {name!r} twice")
            else:
                found[name] = value
        return found

    def string(self, node: yaml.Node | None, what: str) -> str:
        """The words of a scalar; empty and a problem when it is none."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
            self.wrong(node, f"{what} must be a text")
            return ""
        return str(node.value)

    def strings(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        return tuple(self.string(item, f"each of {what}") for item in self.items(node, what))


def read_articles(*paths: Path | str) -> list[ArticleData]:
    """The articles of `paths`: YAML files, or folders whose *.yaml files are read in the order of their names.

    Raises `ContentError` listing every mistake of every file with its line, so that one round of mending is enough.
    """
    return _read(paths, _articles, what="articles")


def read_questions(*paths: Path | str, articles: Iterable[ArticleData] | None = None) -> list[Question]:
    """The questions of `paths`, for fitting and checking. Where `articles` are given, a question that names an
    article which is not among them is a mistake. Raises `ContentError`."""
    keys = {article.key for article in articles} if articles is not None else None
    return _read(paths, lambda reading: _questions(reading, keys), what="questions")


def _read(paths: Iterable[Path | str], parse: Callable[[Reading], list[Any]], *, what: str) -> list[Any]:
    found: list[Any] = []
    problems: list[Problem] = []
    for path in map(Path, paths):
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            problems.append(Problem(str(path), 0, f"the folder has no *.yaml file with {what}"))
        for file in files:
            reading = Reading(file)
            found += parse(reading)
            problems += reading.problems
    problems += _repeated(found)
    if problems:
        raise ContentError(problems)
    return found


def _repeated(found: Iterable[Any]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for data in found:
        if isinstance(data, ArticleData) and data.key:
            if data.key in first:
                file, _, line = data.where.rpartition(":")
                problems.append(Problem(file, int(line), f"key {data.key!r} was used before, at {first[data.key]}"))
            first.setdefault(data.key, data.where)
    return problems


def _articles(reading: Reading) -> list[ArticleData]:
    found = []
    for node in reading.items(reading.root(), "the file"):
        fields = reading.fields(node, "an article", ARTICLE_FIELDS)
        if not fields:
            continue
        for needed in ("key", "texts"):
            if needed not in fields:
                reading.wrong(node, f"an article needs {needed!r}")
        key = reading.string(fields.get("key"), "key")
        audience = reading.string(fields.get("audience"), "audience") or Article.Audience.PUBLIC.value
        if audience not in Article.Audience.values:
            reading.wrong(fields.get("audience"), f"audience is {audience!r}; it is public or verified")
        found.append(
            ArticleData(
                key=key,
                texts=_texts(reading, key, fields["texts"]) if "texts" in fields else {},
                tags=reading.strings(fields.get("tags"), "tags"),
                audience=audience,
                url=reading.string(fields.get("url"), "url"),
                where=f"{reading.path}:{node.start_mark.line + 1}",
            )
        )
    return found


def _texts(reading: Reading, key: str, node: yaml.Node) -> Mapping[str, TextData]:
    texts: dict[str, TextData] = {}
    for language, value in reading.fields(node, f"{key}: texts").items():
        if conf.primary_tag(language) != language or not language.isalpha():
            reading.wrong(value, f"{key}: language {language!r} is no BCP 47 primary tag, such as en or zh")
            continue
        fields = reading.fields(value, f"{key}: {language}", TEXT_FIELDS)
        for needed in ("title", "text"):
            if not fields.get(needed) or not getattr(fields[needed], "value", ""):
                reading.wrong(value, f"{key}: {language} needs {needed!r}")
        texts[language] = TextData(
            title=reading.string(fields.get("title"), f"{key}: {language}: title"),
            text=reading.string(fields.get("text"), f"{key}: {language}: text"),
            questions=reading.strings(fields.get("questions"), f"{key}: {language}: questions"),
            spoken=reading.string(fields.get("spoken"), f"{key}: {language}: spoken"),
        )
    return texts


def _questions(reading: Reading, keys: set[str] | None) -> list[Question]:
    found = []
    for node in reading.items(reading.root(), "the file"):
        fields = reading.fields(node, "a question", QUESTION_FIELDS)
        for needed in ("q", "language", "use"):
            if fields and needed not in fields:
                reading.wrong(node, f"a question needs {needed!r}")
        answer = fields.get("article")
        none = answer is None or answer.tag == "tag:yaml.org,2002:null"
        article = None if none else reading.string(answer, "article")
        if fields and "article" not in fields:
            reading.wrong(node, "a question needs 'article': a key, or null when nothing answers it")
        if article is not None and keys is not None and article not in keys:
            reading.wrong(answer, f"no article has the key {article!r}")
        use = reading.string(fields.get("use"), "use")
        if use not in ("fit", "check", ""):
            reading.wrong(fields.get("use"), f"use is {use!r}; it is fit or check")
        language = reading.string(fields.get("language"), "language")
        found.append(Question(reading.string(fields.get("q"), "q"), article, conf.primary_tag(language), use))
    return found
