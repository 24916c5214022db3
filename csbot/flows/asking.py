"""How a slot is asked for: its question, its options as buttons, and what may come next."""

from collections.abc import Mapping
from typing import Any

from csbot.dialogue.decision import Press, Say
from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows import options
from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.registry import slot_type

BUTTONS_AT_MOST = 6


def ask_slot(turn: Turn, frame: Frame, slot: Slot, values: Mapping[str, Any], wording: str) -> Say:
    """The question for `slot`; `wording` instead of its own when given."""
    choices = options.options_of(turn, frame, slot)
    offered = choices or options.suggestions(turn, frame, slot)
    buttons = [_button(entry, turn.language) for entry in offered[:BUTTONS_AT_MOST]]
    remembered = turn.state.known.get(slot.name) if slot.remember else None
    if isinstance(remembered, str) and not any(button.value == f"slot:{remembered}" for button in buttons):
        buttons.insert(0, Press(f"slot:{remembered}", title=remembered))
    if slot.many and len(choices) > 1:
        buttons.append(Press("slot:*", key="button.everything"))
    if slot.type == "yes_no":
        buttons = [Press("yes", key="button.yes"), Press("no", key="button.no")]
    expects = slot_type(slot.type).expects(slot, offered)
    listed = {"options": [dict(entry.title) for entry in offered]}
    return Say(
        wording or slot.ask, {**listed, **values}, buttons=tuple(buttons), expects=expects, personal=bool(frame.data)
    )


def _button(entry: Option, language: str) -> Press:
    return Press(f"slot:{entry.value}", title=entry.title.get(language) or next(iter(entry.title.values())))
