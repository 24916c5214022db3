"""A flow as typed, validated data. YAML goes in; a `FlowDefinition` comes out, or every problem with its line.

    flow: return_item
    title: {en: Return an item, zh: 退货}
    slots:
      order_number: {type: order_number, ask: order.ask_number, digits: 5}
    steps:
      - collect: [order_number]
      - act: shop.find_order
        with: {number: order_number}
        save: order
        on:
          unknown: {say: order.unknown, clear: [order_number], goto: start}
      - confirm: return.confirm
      - say: return.done
      - end

`docs/flows.md` describes every step.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from csbot.actions import registry as actions
from csbot.located import Located, LocatedError, LocatedList, LocatedMap, Problem, load_located

SLOT_KEYS = {"type", "ask", "options", "others", "suggest", "many", "secret", "remember", "wrong", "label"}
STEP_KINDS = ("collect", "verify", "confirm", "act", "branch", "say", "email", "handoff", "goto", "end")
STEP_KEYS = {
    "collect": {"ask"},
    "verify": {"check", "code", "with"},
    "confirm": {"no"},
    "act": {"with", "save", "on"},
    "branch": {"cases", "else"},
    "say": {"offer"},
    "email": {"to"},
    "handoff": {"reason", "detail"},
    "goto": set(),
    "end": {"say", "more"},
}
TARGET_KEYS = {"say", "clear", "goto", "handoff", "offer", "end"}
NEXT, START, END = "next", "start", "end"


@dataclass(frozen=True, slots=True)
class Slot:
    """A named value that the flow needs. `options` and `suggest` are paths or reading actions that list choices."""

    name: str
    type: str
    ask: str
    options: str = ""  # "order.items": a path into what actions saved; "shop.products": a reading action
    others: str = ""  # what a customer may name although it is no option here: recognised, and said to be none
    suggest: str = ""  # a reading action whose options are offered as buttons
    many: bool = False
    secret: bool = False
    remember: bool = False
    wrong: Mapping[str, str] = field(default_factory=dict)  # reason → wording
    label: Mapping[str, str] = field(default_factory=dict)  # what the slot is called, by language
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What follows an outcome: words, slots to forget, and where to go on."""

    say: str = ""
    clear: tuple[str, ...] = ()
    goto: str = NEXT
    handoff: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    line: int
    slots: tuple[str, ...]
    ask: str = ""  # asked instead of the first slot's own question while nothing at all is known


@dataclass(frozen=True, slots=True)
class Verify:
    line: int
    check: str
    code: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Confirm:
    line: int
    ask: str
    no: Target | None


@dataclass(frozen=True, slots=True)
class Act:
    line: int
    action: str
    arguments: Mapping[str, Any]
    save: str
    on: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class Branch:
    line: int
    path: str
    cases: Mapping[str, Target]
    otherwise: Target


@dataclass(frozen=True, slots=True)
class Say:
    line: int
    wording: str
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail: the wordings `<wording>.subject` and `<wording>.body`, to the address at the path `to`."""

    line: int
    wording: str
    to: str


@dataclass(frozen=True, slots=True)
class HandOff:
    line: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Goto:
    line: int
    label: str


@dataclass(frozen=True, slots=True)
class End:
    line: int
    say: str = ""
    more: bool = True  # ask whether there is anything else


Step = Collect | Verify | Confirm | Act | Branch | Say | Mail | HandOff | Goto | End


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A flow that can be run: every label, slot, action and outcome it names exists."""

    key: str
    title: Mapping[str, str]
    topic: str
    slots: Mapping[str, Slot]
    steps: tuple[Step, ...]
    labels: Mapping[str, int]
    digest: str

    def place(self, label: str) -> int:
        """The index of the step that `label` names; `start` and `end` always exist."""
        return {START: 0, END: len(self.steps)}.get(label, self.labels.get(label, 0))

    def called(self, language: str) -> str:
        """The flow's title in `language`, else in any language there is."""
        return str(self.title.get(language) or next(iter(self.title.values()), self.key))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a definition is checked against. None means that this cannot be known here and is not checked."""

    slot_types: Collection[str]
    wordings: Collection[str] | None = None


def parse(text: str, file: str, surroundings: Surroundings) -> FlowDefinition:
    """The flow written in `text`. Raises LocatedError listing every problem: file, line, what is wrong."""
    document = load_located(text, file)
    reader = _Reader(surroundings)
    flow = reader.flow(document, hashlib.sha256(text.encode()).hexdigest()[:16])
    if flow is None or reader.problems:
        raise LocatedError(sorted(reader.problems, key=lambda problem: problem.line))
    return flow


class _Reader:
    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.problems: list[Problem] = []
        self.slots: dict[str, Slot] = {}
        self.saved: set[str] = set()

    def flow(self, document: Located, digest: str) -> FlowDefinition | None:
        if not isinstance(document.value, LocatedMap):
            self.problems.append(document.problem("a flow is written as flow:, title:, slots:, steps:"))
            return None
        self._known(document, {"flow", "title", "topic", "slots", "steps"}, "a flow")
        key = document.get("flow")
        if key is None or not isinstance(key.value, str):
            self.problems.append((key or document).problem("the flow has no name: write flow: its_name"))
        for name, entry in (document.get("slots") or Located(LocatedMap(), document.file, document.line)).items():
            self.slots[name] = self._slot(name, entry)
        listed = document.get("steps")
        if listed is None or not isinstance(listed.value, LocatedList) or not listed.value:
            self.problems.append((listed or document).problem("the flow has no steps: write steps: and a list"))
            return None
        labels = self._labels(listed)
        steps = [step for entry in listed if (step := self._step(entry, labels)) is not None]
        self._check_assurance(steps, listed)
        title = document.get("title")
        return FlowDefinition(
            key=str(key.value) if key else "",
            title={str(language): str(words.value) for language, words in title.items()} if title else {},
            topic=self._text(document, "topic"),
            slots=self.slots,
            steps=tuple(steps),
            labels=labels,
            digest=digest,
        )

    def _slot(self, name: str, entry: Located) -> Slot:
        if not isinstance(entry.value, LocatedMap):
            self.problems.append(entry.problem(f"the slot {name!r} is written as {name}: {{type: …, ask: …}}"))
            return Slot(name, "text", "")
        kind = self._text(entry, "type")
        if kind not in self.surroundings.slot_types:
            types = ", ".join(sorted(self.surroundings.slot_types))
            place = entry.get("type") or entry
            self.problems.append(place.problem(f"the slot {name!r} has the unknown type {kind!r}; there are: {types}"))
        if not self._text(entry, "ask"):
            self.problems.append(entry.problem(f"the slot {name!r} has no ask: the wording of its question"))
        wrong = entry.get("wrong")
        self._wording(entry, "ask")
        for _, wording in wrong.items() if wrong else ():
            self._wording_named(wording)
        for path in ("options", "others", "suggest"):
            source = self._text(entry, path)
            if source and source.split(".")[0] not in self.saved and "." in source:
                self._option_source(entry.get(path) or entry, source)
        label = entry.get("label")
        return Slot(
            name=name,
            type=kind,
            ask=self._text(entry, "ask"),
            options=self._text(entry, "options"),
            others=self._text(entry, "others"),
            suggest=self._text(entry, "suggest"),
            many=bool(self._plain(entry, "many")),
            secret=bool(self._plain(entry, "secret")),
            remember=bool(self._plain(entry, "remember")),
            wrong={reason: str(words.value) for reason, words in wrong.items()} if wrong else {},
            label={language: str(words.value) for language, words in label.items()} if label else {},
            config={key: value.plain() for key, value in entry.items() if key not in SLOT_KEYS},
        )

    def _option_source(self, place: Located, source: str) -> None:
        """A source that is no saved path must be a reading action; paths are checked once all steps are known."""
        try:
            found = actions.get(source)
        except actions.UnknownAction:
            return
        if not found.reads:
            self.problems.append(place.problem(f"{source!r} changes things, so that it cannot list options"))

    def _labels(self, listed: Located) -> dict[str, int]:
        labels: dict[str, int] = {}
        for index, entry in enumerate(listed):
            label = entry.get("label")
            if label is None:
                continue
            if label.value in labels or label.value in (NEXT, START, END):
                self.problems.append(label.problem(f"the label {label.value!r} is taken"))
            labels[str(label.value)] = index
        return labels

    def _step(self, entry: Located, labels: Mapping[str, int]) -> Step | None:
        if entry.value == "end":
            return End(entry.line)
        kinds = [kind for kind in STEP_KINDS if entry.get(kind) is not None]
        if len(kinds) != 1 and set(kinds) != {"end", "say"}:
            what = "more than one kind of step" if kinds else f"no kind of step; the kinds are {', '.join(STEP_KINDS)}"
            self.problems.append(entry.problem(f"this step has {what}"))
            return None
        kind = "end" if "end" in kinds else kinds[0]
        self._known(entry, {kind, "label", *STEP_KEYS[kind]}, f"a {kind} step")
        build: Callable[[Located, Mapping[str, int]], Step] = getattr(self, f"_{kind}")
        return build(entry, labels)

    def _collect(self, entry: Located, labels: Mapping[str, int]) -> Step:
        named = self._plain(entry, "collect")
        names = tuple(str(name) for name in (named if isinstance(named, list) else [named]))
        for name in names:
            self._slot_named(entry, name)
        self._wording(entry, "ask")
        return Collect(entry.line, names, self._text(entry, "ask"))

    def _verify(self, entry: Located, labels: Mapping[str, int]) -> Step:
        inner = entry.get("verify")
        body = inner if inner is not None and isinstance(inner.value, LocatedMap) else entry
        self._known(body, {"check", "code", "with", "verify", "label"}, "a verify step")
        for part in ("check", "code"):
            name = self._text(body, part)
            if name:
                self._action_named(body.get(part) or body, name)
        if not self._text(body, "check"):
            self.problems.append(entry.problem("a verify step names the action that checks: check: …"))
        return Verify(entry.line, self._text(body, "check"), self._text(body, "code"), self._plain(body, "with") or {})

    def _confirm(self, entry: Located, labels: Mapping[str, int]) -> Step:
        self._wording(entry, "confirm")
        no = entry.get("no")
        return Confirm(entry.line, self._text(entry, "confirm"), self._target(no, labels) if no else None)

    def _act(self, entry: Located, labels: Mapping[str, int]) -> Step:
        name = self._text(entry, "act")
        found = self._action_named(entry.get("act") or entry, name)
        given = entry.get("with")
        save = self._text(entry, "save")
        if save:
            self.saved.add(save)
        outcomes = entry.get("on")
        on = {outcome: self._target(place, labels) for outcome, place in (outcomes.items() if outcomes else ())}
        if found is not None:
            for argument, place in given.items() if given else ():
                if argument not in found.arguments:
                    known = ", ".join(found.arguments) or "none"
                    self.problems.append(place.problem(f"{name} has no argument {argument!r}; it has: {known}"))
            for argument in sorted(found.required - {key for key, _ in (given.items() if given else ())}):
                self.problems.append(entry.problem(f"{name} needs the argument {argument!r}"))
            for outcome, place in outcomes.items() if outcomes else ():
                if outcome not in (*found.outcomes, "failed", "not_allowed"):
                    known = ", ".join(found.outcomes)
                    self.problems.append(place.problem(f"{name} has no outcome {outcome!r}; it has: {known}"))
        return Act(entry.line, name, self._plain(entry, "with") or {}, save, on)

    def _branch(self, entry: Located, labels: Mapping[str, int]) -> Step:
        cases = entry.get("cases")
        if cases is None:
            self.problems.append(entry.problem("a branch needs cases: a value, and what follows it"))
        otherwise = entry.get("else")
        return Branch(
            entry.line,
            self._text(entry, "branch"),
            {value: self._target(place, labels) for value, place in (cases.items() if cases else ())},
            self._target(otherwise, labels) if otherwise else Target(),
        )

    def _say(self, entry: Located, labels: Mapping[str, int]) -> Step:
        self._wording(entry, "say")
        return Say(entry.line, self._text(entry, "say"), self._offer(entry))

    def _email(self, entry: Located, labels: Mapping[str, int]) -> Step:
        key = self._text(entry, "email")
        known = self.surroundings.wordings
        for part in ("subject", "body"):
            if known is not None and f"{key}.{part}" not in known:
                self.problems.append(entry.problem(f"there is no wording {key}.{part}; define it in wordings.yaml"))
        if not self._text(entry, "to"):
            self.problems.append(entry.problem("an email step says to: the path of the address"))
        return Mail(entry.line, key, self._text(entry, "to"))

    def _handoff(self, entry: Located, labels: Mapping[str, int]) -> Step:
        return HandOff(entry.line, self._text(entry, "handoff") or "flow", self._text(entry, "detail"))

    def _goto(self, entry: Located, labels: Mapping[str, int]) -> Step:
        self._label_named(entry.get("goto") or entry, self._text(entry, "goto"), labels)
        return Goto(entry.line, self._text(entry, "goto"))

    def _end(self, entry: Located, labels: Mapping[str, int]) -> Step:
        self._wording(entry, "say")
        more = self._plain(entry, "more")
        return End(entry.line, self._text(entry, "say"), more is not False)

    def _target(self, place: Located, labels: Mapping[str, int]) -> Target:
        if isinstance(place.value, str):
            self._label_named(place, place.value, labels)
            return Target(goto=place.value)
        if not isinstance(place.value, LocatedMap):
            self.problems.append(place.problem("what follows is a label, or {say, clear, goto, handoff, offer, end}"))
            return Target()
        self._known(place, TARGET_KEYS, "what follows an outcome")
        self._wording(place, "say")
        goto = END if self._plain(place, "end") else self._text(place, "goto") or NEXT
        self._label_named(place.get("goto") or place, goto, labels)
        clear = tuple(self._plain(place, "clear") or ())
        for name in clear:
            self._slot_named(place, str(name))
        return Target(self._text(place, "say"), clear, goto, self._text(place, "handoff"), self._offer(place))

    def _offer(self, place: Located) -> str:
        offer = self._text(place, "offer")
        if offer not in ("", "person"):
            self.problems.append(place.problem("the only thing to offer is: person"))
        return offer

    def _check_assurance(self, steps: list[Step], listed: Located) -> None:
        """An action that asks for proof stands after a verify step: else nobody could ever reach it."""
        verified = False
        for step in steps:
            verified = verified or isinstance(step, Verify)
            if isinstance(step, Act) and not verified:
                try:
                    needs = actions.get(step.action).assurance
                except actions.UnknownAction:
                    continue
                if needs == "verified":
                    what = f"{step.action} needs a verified customer, and no verify step stands before it"
                    self.problems.append(Problem(listed.file, step.line, what))

    def _action_named(self, place: Located, name: str) -> actions.Action | None:
        try:
            return actions.get(name)
        except actions.UnknownAction as error:
            self.problems.append(place.problem(str(error)))
            return None

    def _slot_named(self, place: Located, name: str) -> None:
        if name not in self.slots:
            known = ", ".join(self.slots) or "none"
            self.problems.append(place.problem(f"there is no slot {name!r}; the flow has: {known}"))

    def _label_named(self, place: Located, label: str, labels: Mapping[str, int]) -> None:
        if label not in labels and label not in (NEXT, START, END):
            known = ", ".join([*labels, NEXT, START, END])
            self.problems.append(place.problem(f"there is no label {label!r}; there are: {known}"))

    def _wording(self, entry: Located, key: str) -> None:
        place = entry.get(key)
        if place is not None:
            self._wording_named(place)

    def _wording_named(self, place: Located) -> None:
        known = self.surroundings.wordings
        if known is not None and place.value not in known:
            self.problems.append(place.problem(f"there is no wording {place.value!r}; define it in wordings.yaml"))

    def _known(self, entry: Located, keys: set[str], what: str) -> None:
        for key, place in entry.items():
            if key not in keys:
                self.problems.append(
                    place.problem(f"{key!r} is not a part of {what}; the parts are {', '.join(sorted(keys))}")
                )

    def _text(self, entry: Located, key: str) -> str:
        place = entry.get(key)
        if place is None or place.value is None:
            return ""
        if isinstance(place.value, LocatedMap | LocatedList):
            self.problems.append(place.problem(f"{key} is one word or sentence"))
            return ""
        return str(place.value)

    def _plain(self, entry: Located, key: str) -> Any:
        place = entry.get(key)
        return None if place is None else place.plain()
