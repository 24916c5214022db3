"""Reads a message for the flow under way: what it fills, what it corrects, what it gets wrong. Changes nothing."""

from dataclasses import dataclass, field
from typing import Any

from csbot.dialogue import cues
from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows import options
from csbot.flows.definition import FlowDefinition, Slot
from csbot.flows.matching import mentions
from csbot.flows.slots.ordinals import place
from csbot.flows.slots.reading import Found, Question, Reading, Several, Wrong
from csbot.flows.slots.registry import slot_type


@dataclass(slots=True)
class Tracked:
    """What one message means to a flow. `whole`: it means nothing else beside."""

    filled: dict[str, Any] = field(default_factory=dict)
    corrected: dict[str, Any] = field(default_factory=dict)
    wrong: Wrong | None = None
    several: Several | None = None
    answer: bool | None = None  # yes or no to a confirmation
    heard: bool = False  # names something that can be looked up only later
    known: bool = False  # says again what is known already, and nothing else
    whole: bool = False
    edited: bool = False  # the flow has changed since it asked

    @property
    def says_something(self) -> bool:
        return bool(
            self.filled or self.corrected or self.wrong or self.several or self.heard or self.answer is not None
        )


def track(turn: Turn, flow: FlowDefinition, frame: Frame) -> Tracked:
    """What the turn's text, or the button pressed, means to `frame`."""
    if turn.choice.startswith("slot:"):
        return _pressed(turn, flow, frame, turn.choice.removeprefix("slot:"))
    found = Tracked()
    if turn.choice in ("yes", "no"):
        found.answer, found.whole = turn.choice == "yes", True
        return found
    if turn.choice or not turn.text:
        return found
    asked = flow.slots.get(frame.asked) if turn.question_heard else None
    correcting = cues.has("correction", turn.text, turn.language)
    said = cues.without("correction", turn.text, turn.language) if correcting else turn.text
    if asked is not None:
        _read_asked(turn, frame, asked, said if said.strip() else turn.text, found)
    elif turn.question_heard and frame.asked in ("?confirm", "?change", "?retry"):
        found.answer = cues.yes_or_no(turn.text, turn.language)
        if frame.asked == "?retry" and cues.has("try_again", turn.text, turn.language):
            found.answer = True
        found.whole = found.answer is not None
        if found.whole and cues.only_yes_or_no(turn.text, turn.language):
            return found
    if frame.asked in ("?proof", "?code"):
        return found
    greedy = asked is not None and (slot_type(asked.type).free or bool(found.filled)) and not correcting
    for name, slot in flow.slots.items():
        if name == frame.asked or name in found.filled:
            continue
        _read_other(turn, frame, slot, said, found, correcting=correcting, greedy=greedy)
    if found.corrected or (found.heard and not any(character.isdecimal() for character in turn.text)):
        found.wrong = None
    return found


def _pressed(turn: Turn, flow: FlowDefinition, frame: Frame, value: str) -> Tracked:
    """A button of a slot's own: its value was offered, and is looked up among what was."""
    slot = flow.slots.get(frame.asked)
    if slot is None:
        return Tracked()
    for entry in (*options.options_of(turn, frame, slot), *options.suggestions(turn, frame, slot)):
        if entry.value == value:
            if slot.type == "order_number":
                return Tracked(filled={slot.name: value}, whole=True)
            chosen = entry.to_json()
            return Tracked(filled={slot.name: [chosen] if slot.many else chosen}, whole=True)
    if slot.remember and turn.state.known.get(slot.name) == value:
        return Tracked(filled={slot.name: value}, whole=True)
    if slot.many and value == "*":
        everything = [entry.to_json() for entry in options.options_of(turn, frame, slot)]
        return Tracked(filled={slot.name: everything}, whole=True) if everything else Tracked()
    return Tracked()


def _read_asked(turn: Turn, frame: Frame, slot: Slot, text: str, found: Tracked) -> None:
    reading = read(turn, frame, slot, text, asked=True)
    unread = reading is None or (isinstance(reading, Wrong) and reading.reason == "not_a_number")
    if unread and slot.suggest:
        reading = _among_suggested(turn, frame, slot, text) or reading
    match reading:
        case Found(value, whole):
            found.filled[slot.name] = value
            found.whole = whole
        case Wrong():
            found.wrong = reading
        case Several():
            found.several = reading


def _among_suggested(turn: Turn, frame: Frame, slot: Slot, text: str) -> Reading:
    """What was offered beside the question, by its place or by a name of its own: "the second one", "the lamp"."""
    suggested = options.suggestions(turn, frame, slot)
    index = place(text, len(suggested))
    if index is not None:
        return Found(suggested[index].value, whole=True)
    named = {option.value: option for mention in mentions(text, suggested) for option in mention.options}
    if len(named) == 1:
        return Found(next(iter(named)))
    return Several(tuple(named.values())) if named else None


def _read_other(
    turn: Turn, frame: Frame, slot: Slot, text: str, found: Tracked, *, correcting: bool, greedy: bool
) -> None:
    before = frame.slots.get(slot.name)
    if before is None and options.known(slot) and not options.options_of(turn, frame, slot):
        found.heard = found.heard or isinstance(read(turn, frame, slot, text, asked=False), Found | Wrong)
        return
    if before is None and slot_type(slot.type).free:
        return
    if before is not None and not correcting and slot_type(slot.type).free:
        return
    # While something else is asked, a filled slot changes only by a correction or when named with its label.
    cued = greedy or (before is not None and not correcting)
    reading = read(turn, frame, slot, text, asked=correcting and frame.asked == "?confirm", cued=cued)
    if isinstance(reading, Found):
        if before is None:
            found.filled[slot.name] = reading.value
        elif _differs(reading.value, before):
            found.corrected[slot.name] = reading.value
        elif reading.whole:
            found.known = True
    elif correcting and before is not None and isinstance(reading, Wrong) and reading.reason == "not_in_order":
        found.wrong = reading
    elif correcting and before is not None and isinstance(reading, Several):
        found.corrected[slot.name] = None
        found.several = reading


def _differs(value: Any, before: Any) -> bool:
    if isinstance(value, list) and isinstance(before, list):
        return [each["value"] for each in value] != [each["value"] for each in before]
    if isinstance(value, dict) and isinstance(before, dict):
        return bool(value.get("value", value) != before.get("value", before))
    return bool(value != before)


def read(turn: Turn, frame: Frame, slot: Slot, text: str, *, asked: bool, cued: bool = False) -> Reading:
    """What `slot`'s type makes of `text`."""
    question = Question(
        slot=slot,
        language=turn.language,
        asked=asked,
        cued=cued,
        options=options.options_of(turn, frame, slot),
        others=options.others_of(turn, frame, slot),
    )
    return slot_type(slot.type).read(text, question)
