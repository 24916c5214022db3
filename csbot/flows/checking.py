"""Whether what a flow names exists: its keys, wordings, actions, slots and labels. Collects every problem."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from csbot.actions import registry as actions
from csbot.flows.steps import END, NEXT, START, Slot
from csbot.located import Located, LocatedList, LocatedMap, Problem


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a definition is checked against. None means that this cannot be known here and is not checked."""

    slot_types: Collection[str]
    wordings: Collection[str] | None = None


class Checks:
    """One definition under examination: what it has named so far, and what was wrong with it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.problems: list[Problem] = []
        self.slots: dict[str, Slot] = {}
        self.saved: set[str] = set()  # what actions save, for the paths that lead there
        self.labels: dict[str, int] = {}

    def known(self, entry: Located, keys: set[str], what: str) -> None:
        """Notes every key of `entry` that is no part of `what`."""
        for key, place in entry.items():
            if key not in keys:
                self.problems.append(
                    place.problem(f"{key!r} is not a part of {what}; the parts are {', '.join(sorted(keys))}")
                )

    def text(self, entry: Located, key: str) -> str:
        """The word or sentence at `key`, "" when there is none."""
        place = entry.get(key)
        if place is None or place.value is None:
            return ""
        if isinstance(place.value, LocatedMap | LocatedList):
            self.problems.append(place.problem(f"{key} is one word or sentence"))
            return ""
        return str(place.value)

    def plain(self, entry: Located, key: str) -> Any:
        """The value at `key` as plain data, None when there is none."""
        place = entry.get(key)
        return None if place is None else place.plain()

    def wording(self, entry: Located, key: str) -> None:
        """Notes a wording at `key` that nothing defines."""
        place = entry.get(key)
        if place is not None:
            self.wording_named(place)

    def wording_named(self, place: Located) -> None:
        """Notes the wording at `place` when nothing defines it."""
        known = self.surroundings.wordings
        if known is not None and place.value not in known:
            self.problems.append(place.problem(f"there is no wording {place.value!r}; define it in wordings.yaml"))

    def action(self, place: Located, name: str) -> actions.Action | None:
        """The action `name`; None, and noted, when there is none."""
        try:
            return actions.get(name)
        except actions.UnknownAction as error:
            self.problems.append(place.problem(str(error)))
            return None

    def slot(self, place: Located, name: str) -> None:
        """Notes a slot that the flow does not have."""
        if name not in self.slots:
            known = ", ".join(self.slots) or "none"
            self.problems.append(place.problem(f"there is no slot {name!r}; the flow has: {known}"))

    def label(self, place: Located, label: str) -> None:
        """Notes a label that no step carries."""
        if label not in self.labels and label not in (NEXT, START, END):
            known = ", ".join([*self.labels, NEXT, START, END])
            self.problems.append(place.problem(f"there is no label {label!r}; there are: {known}"))
