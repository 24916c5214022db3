"""Reads a pack's folder into plain, checked data, or lists everything wrong with file and line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csbot.flows.definition import FlowDefinition, Surroundings, parse
from csbot.flows.slots import registry as slot_types
from csbot.located import Located, LocatedError, LocatedList, LocatedMap, Problem, load_located
from csbot.wordings import Default, read_defaults, site_defaults
from kb.content import ArticleData
from kb.errors import ContentError
from kb.importers.articles import read_articles

PACK_KEYS = {"pack", "version", "brand", "bot", "collections", "inbox", "queues"}
INTENT_KEYS = {"key", "title", "description", "topic", "flow", "article", "smalltalk", "examples"}


@dataclass(frozen=True, slots=True)
class FlowSource:
    """A flow as its file has it, and what it means."""

    definition: FlowDefinition
    text: str


@dataclass(slots=True)
class Pack:
    """A pack that has no mistakes."""

    folder: Path
    settings: dict[str, Any]
    intents: list[dict[str, Any]] = field(default_factory=list)
    flows: dict[str, FlowSource] = field(default_factory=dict)
    wordings: dict[str, dict[str, Default]] = field(default_factory=dict)
    articles: list[ArticleData] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.settings["pack"])

    @property
    def source(self) -> str:
        return f"pack:{self.name}"


def read(folder: Path) -> Pack:
    """The pack in `folder`. Raises LocatedError with every problem of every file."""
    problems: list[Problem] = []
    settings = _settings(folder, problems)
    pack = Pack(folder, settings)
    pack.wordings = _wordings(folder, problems)
    known = {key for defaults in site_defaults().values() for key in defaults}
    known |= {key for defaults in pack.wordings.values() for key in defaults}
    pack.flows = _flows(folder, known, problems)
    try:
        pack.articles = read_articles(folder / "articles") if (folder / "articles").is_dir() else []
    except ContentError as error:
        problems += [Problem(_short(folder, each.file), each.line, each.message) for each in error.problems]
    pack.intents = _intents(folder, pack, known, problems)
    if problems:
        raise LocatedError(problems)
    return pack


def _short(folder: Path, file: str) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else file


def _document(folder: Path, name: str, problems: list[Problem]) -> Located | None:
    path = folder / name
    try:
        return load_located(path.read_text(encoding="utf-8"), name)
    except FileNotFoundError:
        problems.append(Problem(name, 1, f"{folder} has no {name}"))
    except UnicodeDecodeError as error:
        problems.append(Problem(name, 1, f"not UTF-8 text: {error.reason} at byte {error.start}"))
    except LocatedError as error:
        problems += error.problems
    return None


def _settings(folder: Path, problems: list[Problem]) -> dict[str, Any]:
    document = _document(folder, "pack.yaml", problems)
    if document is None:
        return {"pack": folder.name}
    for key, entry in document.items():
        if key not in PACK_KEYS:
            problems.append(
                entry.problem(f"{key!r} is not a part of a pack; the parts are {', '.join(sorted(PACK_KEYS))}")
            )
    for part, needed in (("brand", ("key", "name")), ("bot", ("key", "name", "languages")), ("inbox", ("key", "name"))):
        section = document.get(part)
        if section is None or not isinstance(section.value, LocatedMap):
            problems.append((section or document).problem(f"a pack needs {part}: with {', '.join(needed)}"))
            continue
        for name in needed:
            if section.get(name) is None:
                problems.append(section.problem(f"{part} has no {name}"))
    if document.get("pack") is None:
        problems.append(document.problem("a pack needs its name: write pack: its_name"))
    return {"pack": folder.name, **(document.plain() if isinstance(document.value, LocatedMap) else {})}


def _wordings(folder: Path, problems: list[Problem]) -> dict[str, dict[str, Default]]:
    if not (folder / "wordings.yaml").is_file():
        return {}
    document = _document(folder, "wordings.yaml", problems)
    if document is None:
        return {}
    return {language: read_defaults(part, problems.append) for language, part in document.items()}


def _flows(folder: Path, known: set[str], problems: list[Problem]) -> dict[str, FlowSource]:
    surroundings = Surroundings(slot_types=slot_types.names(), wordings=known)
    flows: dict[str, FlowSource] = {}
    for path in sorted((folder / "flows").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        try:
            flow = parse(text, f"flows/{path.name}", surroundings)
        except LocatedError as error:
            problems += error.problems
            continue
        if flow.key in flows:
            problems.append(Problem(f"flows/{path.name}", 1, f"the flow {flow.key!r} stands in another file already"))
        flows[flow.key] = FlowSource(flow, text)
    return flows


def _intents(folder: Path, pack: Pack, known: set[str], problems: list[Problem]) -> list[dict[str, Any]]:
    if not (folder / "intents.yaml").is_file():
        return []
    document = _document(folder, "intents.yaml", problems)
    if document is None:
        return []
    if not isinstance(document.value, LocatedList):
        problems.append(document.problem("intents are written as a list, each with - key:"))
        return []
    seen: set[str] = set()
    articles = {article.key for article in pack.articles}
    flows = set(pack.flows) | {path.stem for path in (folder / "flows").glob("*.yaml")}
    for entry in document:
        key = entry.get("key")
        if key is None:
            problems.append(entry.problem("an intent has no key"))
            continue
        if key.value in seen:
            problems.append(key.problem(f"the intent {key.value!r} stands here a second time"))
        seen.add(str(key.value))
        for name, part in entry.items():
            if name not in INTENT_KEYS:
                problems.append(part.problem(f"{name!r} is not a part of an intent"))
        for name, there in (("flow", flows), ("article", articles), ("smalltalk", known)):
            place = entry.get(name)
            if place is not None and place.value is not None and place.value not in there:
                problems.append(place.problem(f"there is no {name} {place.value!r} for the intent {key.value!r}"))
        _examples(entry, key, problems)
    plain = document.plain()
    return [each for each in plain if isinstance(each, dict) and "key" in each]


def _examples(entry: Located, key: Located, problems: list[Problem]) -> None:
    examples = entry.get("examples")
    for language, listed in examples.items() if examples else ():
        said: set[str] = set()
        for example in listed:
            if not isinstance(example.value, str) or not example.value.strip():
                problems.append(
                    example.problem(f"an example of {key.value!r} ({language}) is no sentence: write it in quotes")
                )
            elif example.value in said:
                problems.append(example.problem(f"{example.value!r} stands here a second time"))
            said.add(str(example.value))


def titles(value: Any) -> Mapping[str, str]:
    """A text by language, whatever was written."""
    return value if isinstance(value, Mapping) else {"en": str(value)} if value else {}
