"""What a flow may do in the business: named functions with declared arguments, outcomes and the assurance they need.

    @action("shop.start_return", assurance=Assurance.VERIFIED, outcomes=("started", "past_window"))
    def start_return(call: Call, number: str, items: list[str]) -> Outcome:
        ...
        return Outcome("started", {"return_number": "R12345"})

A host project lists the modules that hold its actions in `CSBOT_ACTIONS`; they are imported on first use.
"""

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, get_type_hints
from uuid import UUID

from csbot import conf
from csbot.messages import Assurance


class UnknownAction(Exception):
    """No action has this name. The message lists the names there are."""


class ActionFailed(Exception):
    """The business could not do it now (a time-out, a refusal). `reason` is for the trace, never for the customer."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, and how sure we are of it. `key` is the idempotency key: the same key must never act twice."""

    key: str
    conversation: UUID
    brand: str
    language: str
    assurance: Assurance
    subject: str  # the verified customer's id in the business, or ""
    email: str  # their verified e-mail address, or ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended: one of its declared outcomes, and plain JSON values that the flow may say."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"outcome": self.name, "values": dict(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Outcome":
        return cls(str(data["outcome"]), dict(data.get("values") or {}))


@dataclass(frozen=True, slots=True)
class Action:
    """A registered action. `reads` ones change nothing and are run without the journal, as often as needed."""

    name: str
    run: Callable[..., Outcome]
    assurance: Assurance
    outcomes: tuple[str, ...]
    arguments: Mapping[str, Any]  # name → annotated type
    required: frozenset[str]
    reads: bool

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`arguments`, complete and of the declared types. Raises ActionFailed naming the first that is not."""
        for name in self.required - arguments.keys():
            raise ActionFailed(f"{self.name} lacks the argument {name}")
        for name, value in arguments.items():
            if name not in self.arguments:
                raise ActionFailed(f"{self.name} has no argument {name}")
            kind = getattr(self.arguments[name], "__origin__", self.arguments[name])
            if isinstance(kind, type) and not isinstance(value, kind):
                raise ActionFailed(f"{self.name}: {name} is {type(value).__name__}, not {kind.__name__}")
        return dict(arguments)


_actions: dict[str, Action] = {}
_loaded: set[str] = set()
_lock = threading.RLock()


def action(
    name: str, *, outcomes: tuple[str, ...], assurance: Assurance = Assurance.ANONYMOUS, reads: bool = False
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Registers the decorated function as the action `name`."""

    def register(run: Callable[..., Outcome]) -> Callable[..., Outcome]:
        hints = get_type_hints(run)
        parameters = list(inspect.signature(run).parameters.values())[1:]
        add(
            Action(
                name=name,
                run=run,
                assurance=assurance,
                outcomes=outcomes,
                arguments={parameter.name: hints.get(parameter.name, object) for parameter in parameters},
                required=frozenset(item.name for item in parameters if item.default is inspect.Parameter.empty),
                reads=reads,
            )
        )
        return run

    return register


def add(entry: Action) -> None:
    """Registers `entry`; a later one of the same name takes its place."""
    with _lock:
        _actions[entry.name] = entry


def get(name: str) -> Action:
    """The action `name`. Raises UnknownAction."""
    load()
    try:
        return _actions[name]
    except KeyError:
        raise UnknownAction(
            f"There is no action {name!r}; there are: {', '.join(sorted(_actions)) or 'none'}."
        ) from None


def load() -> None:
    """Imports the modules of `CSBOT_ACTIONS` and declares the actions of `CSBOT_HTTP_ACTIONS`, once per process."""
    wanted = [*conf.ACTIONS(), *(f"http:{name}" for name in conf.HTTP_ACTIONS())]
    if _loaded.issuperset(wanted):
        return
    with _lock:
        for entry in wanted:
            if entry in _loaded:
                continue
            if entry.startswith("http:"):
                from csbot.actions.http import declared

                name = entry.removeprefix("http:")
                add(declared(name, conf.HTTP_ACTIONS()[name]))
            else:
                import_module(entry)
            _loaded.add(entry)
