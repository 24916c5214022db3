"""Where a slot's options come from: a path into what actions saved, or an action that reads them."""

from collections.abc import Mapping
from typing import Any

from csbot.actions import registry
from csbot.actions.running import perform
from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows.definition import Slot
from csbot.flows.matching import Option, option
from csbot.flows.slots.choice import choices


def known(slot: Slot) -> bool:
    """Whether the slot's options must be known before it can be filled."""
    return bool(slot.options)


def options_of(turn: Turn, frame: Frame, slot: Slot) -> tuple[Option, ...]:
    """What may be chosen now; empty while it is not known yet."""
    if slot.options:
        return resolve(turn, frame, slot.options)
    return choices(slot)


def others_of(turn: Turn, frame: Frame, slot: Slot) -> tuple[Option, ...]:
    """What the customer may name although it cannot be chosen."""
    return resolve(turn, frame, slot.others) if slot.others else ()


def suggestions(turn: Turn, frame: Frame, slot: Slot) -> tuple[Option, ...]:
    """What is offered as buttons beside the question."""
    return resolve(turn, frame, slot.suggest) if slot.suggest else ()


def resolve(turn: Turn, frame: Frame, source: str) -> tuple[Option, ...]:
    """The options at `source`; none while the path is not there, or the action may not be asked yet."""
    first, _, rest = source.partition(".")
    listed: Any = None
    if first in frame.data:
        listed = frame.data[first]
        for part in filter(None, rest.split(".")):
            listed = listed.get(part) if isinstance(listed, Mapping) else None
        return _options(listed)
    return _read(turn, source) if rest else ()


def _read(turn: Turn, source: str) -> tuple[Option, ...]:
    """What a reading action lists; asked once a turn for each customer it may be asked for."""
    asked = (source, turn.subject)
    if asked not in turn.listed:
        try:
            action = registry.get(source)
        except registry.UnknownAction:
            return ()
        outcome = perform(action, turn.call(), {}, journal=turn.request.journal, step=source)
        turn.listed[asked] = _options(outcome.values.get("options"))
    return turn.listed[asked]


def _options(listed: Any) -> tuple[Option, ...]:
    return tuple(option(entry) for entry in listed) if isinstance(listed, list) else ()
