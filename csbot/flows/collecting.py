"""The collect step: fills slots from what was said already, and asks for what is missing, wrong or ambiguous."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from csbot.dialogue.decision import Press, Say
from csbot.flows import options
from csbot.flows.asking import ask_slot
from csbot.flows.definition import Collect, Slot
from csbot.flows.slots.reading import Found, Several, Wrong
from csbot.flows.tracking import read
from csbot.messages import Expects

if TYPE_CHECKING:
    from csbot.flows.runner import Runner


def collect(runner: "Runner", step: Collect) -> bool:
    """Asks for the first slot that is missing; False when nothing is."""
    missing = [runner.flow.slots[name] for name in step.slots if name not in runner.frame.slots]
    # A slot whose options are not known yet is left to a later step; what was said of it is remembered.
    ready = [slot for slot in missing if not slot.options or options.options_of(runner.turn, runner.frame, slot)]
    for slot in ready:
        if _fill_from_what_was_heard(runner, slot):
            return True
    ready = [slot for slot in ready if slot.name not in runner.frame.slots]
    if not ready:
        return runner.next()
    together = step.ask if len(missing) > 1 and not _mentioned(runner, missing) else ""
    ask(runner, ready[0], together)
    return True


def _fill_from_what_was_heard(runner: "Runner", slot: Slot) -> bool:
    """True when what was heard names something that must be asked about first."""
    if not slot.options:
        return False
    for text in reversed(runner.frame.heard):
        match read(runner.turn, runner.frame, slot, text, asked=False):
            case Found(value, _):
                runner.frame.slots[slot.name] = value
                return False
            case Wrong() as problem:
                runner.frame.heard = []
                wrong(runner, slot.name, problem)
                return True
            case Several() as candidates:
                runner.frame.heard = []
                which(runner, slot.name, candidates)
                return True
    return False


def _mentioned(runner: "Runner", missing: Iterable[Slot]) -> bool:
    """Whether the customer has named one of the missing things already, though it cannot be looked up yet."""
    return any(
        isinstance(read(runner.turn, runner.frame, slot, text, asked=False), Found | Wrong)
        for slot in missing
        if slot.options
        for text in runner.frame.heard
    )


def ask(runner: "Runner", slot: Slot, wording: str = "") -> None:
    """Asks for `slot`: its question, its options as buttons."""
    runner.frame.asked = slot.name
    runner.run.says.append(ask_slot(runner.turn, runner.frame, slot, runner.values(), wording))


def wrong(runner: "Runner", name: str, wrong: Wrong) -> None:
    """Says why that was no value, and asks again in the same breath."""
    slot = runner.flow.slots[name]
    runner.frame.asked = name
    key = slot.wrong.get(wrong.reason) or f"slot.{slot.type}.{wrong.reason}"
    question = ask_slot(runner.turn, runner.frame, slot, runner.values(), "")
    values = {**runner.values(), **wrong.values}
    runner.run.says.append(
        Say(key, values, buttons=question.buttons, expects=question.expects, personal=question.personal)
    )


def which(runner: "Runner", name: str, several: Several) -> None:
    """Asks which of several it is."""
    slot = runner.flow.slots[name]
    runner.frame.asked = name
    buttons = tuple(
        Press(f"slot:{entry.value}", title=entry.title.get(runner.turn.language) or next(iter(entry.title.values())))
        for entry in several.options
    )
    expects = Expects(type=slot.type, slot=name, choices=tuple(entry.value for entry in several.options))
    values = {**runner.values(), "options": [dict(entry.title) for entry in several.options]}
    runner.run.says.append(Say("slot.which", values, buttons=buttons, expects=expects, personal=True))
