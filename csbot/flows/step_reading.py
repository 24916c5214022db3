"""Reads one step of a flow: its kind, its parts, and what follows it."""

from collections.abc import Callable

from csbot.flows.checking import Checks
from csbot.flows.steps import (
    END,
    NEXT,
    Act,
    Branch,
    Collect,
    Confirm,
    End,
    Goto,
    HandOff,
    Mail,
    Say,
    Step,
    Target,
    Verify,
)
from csbot.located import Located, LocatedMap

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


class StepReader:
    """A step's YAML becomes its dataclass; every mistake goes to `checks`."""

    def __init__(self, checks: Checks) -> None:
        self.checks = checks

    def read(self, entry: Located) -> Step | None:
        if entry.value == "end":
            return End(entry.line)
        kinds = [kind for kind in STEP_KINDS if entry.get(kind) is not None]
        if len(kinds) != 1 and set(kinds) != {"end", "say"}:
            what = "more than one kind of step" if kinds else f"no kind of step; the kinds are {', '.join(STEP_KINDS)}"
            self.checks.problems.append(entry.problem(f"this step has {what}"))
            return None
        kind = "end" if "end" in kinds else kinds[0]
        self.checks.known(entry, {kind, "label", *STEP_KEYS[kind]}, f"a {kind} step")
        build: Callable[[Located], Step] = getattr(self, f"_{kind}")
        return build(entry)

    def _collect(self, entry: Located) -> Step:
        named = self.checks.plain(entry, "collect")
        names = tuple(str(name) for name in (named if isinstance(named, list) else [named]))
        for name in names:
            self.checks.slot(entry, name)
        self.checks.wording(entry, "ask")
        return Collect(entry.line, names, self.checks.text(entry, "ask"))

    def _verify(self, entry: Located) -> Step:
        inner = entry.get("verify")
        body = inner if inner is not None and isinstance(inner.value, LocatedMap) else entry
        self.checks.known(body, {"check", "code", "with", "verify", "label"}, "a verify step")
        for part in ("check", "code"):
            name = self.checks.text(body, part)
            if name:
                self.checks.action(body.get(part) or body, name)
        if not self.checks.text(body, "check"):
            self.checks.problems.append(entry.problem("a verify step names the action that checks: check: …"))
        return Verify(
            entry.line,
            self.checks.text(body, "check"),
            self.checks.text(body, "code"),
            self.checks.plain(body, "with") or {},
        )

    def _confirm(self, entry: Located) -> Step:
        self.checks.wording(entry, "confirm")
        no = entry.get("no")
        return Confirm(entry.line, self.checks.text(entry, "confirm"), self._target(no) if no else None)

    def _act(self, entry: Located) -> Step:
        name = self.checks.text(entry, "act")
        found = self.checks.action(entry.get("act") or entry, name)
        given = entry.get("with")
        save = self.checks.text(entry, "save")
        if save:
            self.checks.saved.add(save)
        outcomes = entry.get("on")
        on = {outcome: self._target(place) for outcome, place in (outcomes.items() if outcomes else ())}
        if found is not None:
            for argument, place in given.items() if given else ():
                if argument not in found.arguments:
                    known = ", ".join(found.arguments) or "none"
                    self.checks.problems.append(place.problem(f"{name} has no argument {argument!r}; it has: {known}"))
            for argument in sorted(found.required - {key for key, _ in (given.items() if given else ())}):
                self.checks.problems.append(entry.problem(f"{name} needs the argument {argument!r}"))
            for outcome, place in outcomes.items() if outcomes else ():
                if outcome not in (*found.outcomes, "failed", "not_allowed"):
                    known = ", ".join(found.outcomes)
                    self.checks.problems.append(place.problem(f"{name} has no outcome {outcome!r}; it has: {known}"))
        return Act(entry.line, name, self.checks.plain(entry, "with") or {}, save, on)

    def _branch(self, entry: Located) -> Step:
        cases = entry.get("cases")
        if cases is None:
            self.checks.problems.append(entry.problem("a branch needs cases: a value, and what follows it"))
        otherwise = entry.get("else")
        return Branch(
            entry.line,
            self.checks.text(entry, "branch"),
            {value: self._target(place) for value, place in (cases.items() if cases else ())},
            self._target(otherwise) if otherwise else Target(),
        )

    def _say(self, entry: Located) -> Step:
        self.checks.wording(entry, "say")
        return Say(entry.line, self.checks.text(entry, "say"), self._offer(entry))

    def _email(self, entry: Located) -> Step:
        key = self.checks.text(entry, "email")
        known = self.checks.surroundings.wordings
        for part in ("subject", "body"):
            if known is not None and f"{key}.{part}" not in known:
                self.checks.problems.append(
                    entry.problem(f"there is no wording {key}.{part}; define it in wordings.yaml")
                )
        if not self.checks.text(entry, "to"):
            self.checks.problems.append(entry.problem("an email step says to: the path of the address"))
        return Mail(entry.line, key, self.checks.text(entry, "to"))

    def _handoff(self, entry: Located) -> Step:
        return HandOff(entry.line, self.checks.text(entry, "handoff") or "flow", self.checks.text(entry, "detail"))

    def _goto(self, entry: Located) -> Step:
        self.checks.label(entry.get("goto") or entry, self.checks.text(entry, "goto"))
        return Goto(entry.line, self.checks.text(entry, "goto"))

    def _end(self, entry: Located) -> Step:
        self.checks.wording(entry, "say")
        more = self.checks.plain(entry, "more")
        return End(entry.line, self.checks.text(entry, "say"), more is not False)

    def _target(self, place: Located) -> Target:
        if isinstance(place.value, str):
            self.checks.label(place, place.value)
            return Target(goto=place.value)
        if not isinstance(place.value, LocatedMap):
            self.checks.problems.append(
                place.problem("what follows is a label, or {say, clear, goto, handoff, offer, end}")
            )
            return Target()
        self.checks.known(place, TARGET_KEYS, "what follows an outcome")
        self.checks.wording(place, "say")
        goto = END if self.checks.plain(place, "end") else self.checks.text(place, "goto") or NEXT
        self.checks.label(place.get("goto") or place, goto)
        clear = tuple(self.checks.plain(place, "clear") or ())
        for name in clear:
            self.checks.slot(place, str(name))
        return Target(
            self.checks.text(place, "say"), clear, goto, self.checks.text(place, "handoff"), self._offer(place)
        )

    def _offer(self, place: Located) -> str:
        offer = self.checks.text(place, "offer")
        if offer not in ("", "person"):
            self.checks.problems.append(place.problem("the only thing to offer is: person"))
        return offer
