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

from csbot.actions import registry as actions
from csbot.flows.checking import Checks, Surroundings
from csbot.flows.step_reading import StepReader
from csbot.flows.steps import (
    END,
    NEXT,
    START,
    Act,
    Branch,
    Collect,
    Confirm,
    End,
    FlowDefinition,
    Goto,
    HandOff,
    Mail,
    Say,
    Slot,
    Step,
    Target,
    Verify,
)
from csbot.located import Located, LocatedError, LocatedList, LocatedMap, Problem, load_located

__all__ = [
    "END",
    "NEXT",
    "START",
    "Act",
    "Branch",
    "Collect",
    "Confirm",
    "End",
    "FlowDefinition",
    "Goto",
    "HandOff",
    "Mail",
    "Say",
    "Slot",
    "Step",
    "Surroundings",
    "Target",
    "Verify",
    "parse",
]

SLOT_KEYS = {"type", "ask", "options", "others", "suggest", "many", "secret", "remember", "wrong", "label"}


def parse(text: str, file: str, surroundings: Surroundings) -> FlowDefinition:
    """The flow written in `text`. Raises LocatedError listing every problem: file, line, what is wrong."""
    document = load_located(text, file)
    checks = Checks(surroundings)
    flow = _Reader(checks).flow(document, hashlib.sha256(text.encode()).hexdigest()[:16])
    if flow is None or checks.problems:
        raise LocatedError(sorted(checks.problems, key=lambda problem: problem.line))
    return flow


class _Reader:
    def __init__(self, checks: Checks) -> None:
        self.checks = checks

    def flow(self, document: Located, digest: str) -> FlowDefinition | None:
        if not isinstance(document.value, LocatedMap):
            self.checks.problems.append(document.problem("a flow is written as flow:, title:, slots:, steps:"))
            return None
        self.checks.known(document, {"flow", "title", "topic", "slots", "steps"}, "a flow")
        key = document.get("flow")
        if key is None or not isinstance(key.value, str):
            self.checks.problems.append((key or document).problem("the flow has no name: write flow: its_name"))
        for name, entry in (document.get("slots") or Located(LocatedMap(), document.file, document.line)).items():
            self.checks.slots[name] = self._slot(name, entry)
        listed = document.get("steps")
        if listed is None or not isinstance(listed.value, LocatedList) or not listed.value:
            self.checks.problems.append((listed or document).problem("the flow has no steps: write steps: and a list"))
            return None
        self.checks.labels = self._labels(listed)
        reader = StepReader(self.checks)
        steps = [step for entry in listed if (step := reader.read(entry)) is not None]
        self._check_assurance(steps, listed)
        title = document.get("title")
        return FlowDefinition(
            key=str(key.value) if key else "",
            title={str(language): str(words.value) for language, words in title.items()} if title else {},
            topic=self.checks.text(document, "topic"),
            slots=self.checks.slots,
            steps=tuple(steps),
            labels=self.checks.labels,
            digest=digest,
        )

    def _slot(self, name: str, entry: Located) -> Slot:
        if not isinstance(entry.value, LocatedMap):
            self.checks.problems.append(entry.problem(f"the slot {name!r} is written as {name}: {{type: …, ask: …}}"))
            return Slot(name, "text", "")
        kind = self.checks.text(entry, "type")
        if kind not in self.checks.surroundings.slot_types:
            types = ", ".join(sorted(self.checks.surroundings.slot_types))
            place = entry.get("type") or entry
            self.checks.problems.append(
                place.problem(f"the slot {name!r} has the unknown type {kind!r}; there are: {types}")
            )
        if not self.checks.text(entry, "ask"):
            self.checks.problems.append(entry.problem(f"the slot {name!r} has no ask: the wording of its question"))
        wrong = entry.get("wrong")
        self.checks.wording(entry, "ask")
        for _, wording in wrong.items() if wrong else ():
            self.checks.wording_named(wording)
        for path in ("options", "others", "suggest"):
            source = self.checks.text(entry, path)
            if source and source.split(".")[0] not in self.checks.saved and "." in source:
                self._option_source(entry.get(path) or entry, source)
        label = entry.get("label")
        return Slot(
            name=name,
            type=kind,
            ask=self.checks.text(entry, "ask"),
            options=self.checks.text(entry, "options"),
            others=self.checks.text(entry, "others"),
            suggest=self.checks.text(entry, "suggest"),
            many=bool(self.checks.plain(entry, "many")),
            secret=bool(self.checks.plain(entry, "secret")),
            remember=bool(self.checks.plain(entry, "remember")),
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
            self.checks.problems.append(place.problem(f"{source!r} changes things, so that it cannot list options"))

    def _labels(self, listed: Located) -> dict[str, int]:
        labels: dict[str, int] = {}
        for index, entry in enumerate(listed):
            label = entry.get("label")
            if label is None:
                continue
            if label.value in labels or label.value in (NEXT, START, END):
                self.checks.problems.append(label.problem(f"the label {label.value!r} is taken"))
            labels[str(label.value)] = index
        return labels

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
                    self.checks.problems.append(Problem(listed.file, step.line, what))
