"""Runs a flow from where it stands until it asks something or ends. Says what it says as `Say`; words come later."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csbot.actions import registry
from csbot.actions.running import FAILED, NOT_ALLOWED, perform
from csbot.dialogue.decision import A_PERSON, NO, TRY_AGAIN, YES, Press, Say
from csbot.dialogue.state import Frame
from csbot.dialogue.turn import Email
from csbot.dialogue.working import Turn
from csbot.flows import collecting, verification
from csbot.flows.definition import (
    END,
    NEXT,
    Act,
    Branch,
    Collect,
    Confirm,
    End,
    FlowDefinition,
    Goto,
    HandOff,
    Mail,
    Target,
    Verify,
)
from csbot.flows.definition import Say as SayStep
from csbot.messages import Expects

STEPS_AT_MOST = 60
"""Steps without a question in between: more is a loop in the definition."""


@dataclass(slots=True)
class Run:
    """What came of running a flow: what to say, and whether it waits, ended, or asks for a person."""

    says: list[Say] = field(default_factory=list)
    emails: list[Email] = field(default_factory=list)
    ended: bool = False
    more: bool = False  # ended, and "anything else?" is to be asked
    handoff: str = ""
    detail: str = ""


class Runner:
    """One flow in one turn. Changes `frame`; the business only through actions."""

    def __init__(self, turn: Turn, flow: FlowDefinition, frame: Frame) -> None:
        self.turn = turn
        self.flow = flow
        self.frame = frame
        self.run = Run()

    def go(self) -> Run:
        """From the frame's step on. The frame's question is taken as answered."""
        self.frame.asked = ""
        for _ in range(STEPS_AT_MOST):
            if self.frame.step >= len(self.flow.steps):
                self._end(more=not self.run.handoff)
                return self.run
            if self._step():
                return self.run
        self.broken(f"the flow {self.flow.key} does not come to a question")
        return self.run

    def ask_again(self) -> Run:
        """The pending question once more."""
        self.frame.asked = ""
        return self.go()

    def _step(self) -> bool:
        """Does one step; True when the flow waits or is over."""
        match self.flow.steps[self.frame.step]:
            case Collect() as step:
                return collecting.collect(self, step)
            case Verify() as step:
                return self._verify(step)
            case Confirm() as step:
                return self._confirm(step)
            case Act() as step:
                return self._act(step)
            case Branch() as step:
                return self._follow(step.cases.get(str(self.value(step.path)), step.otherwise))
            case SayStep() as step:
                self.say(step.wording, offer=step.offer)
                return self.next()
            case Mail() as step:
                self._mail(step)
                return self.next()
            case HandOff() as step:
                return self._hand_off(step.reason, step.detail)
            case Goto() as step:
                self.frame.step = self.flow.place(step.label)
                return False
            case End() as step:
                if step.say:
                    self.say(step.say)
                return self._end(more=step.more)
        raise AssertionError(f"step {self.frame.step} of {self.flow.key}")

    def next(self) -> bool:
        """On to the following step."""
        self.frame.step += 1
        return False

    def _confirm(self, step: Confirm) -> bool:
        self.frame.asked = "?confirm"
        self.run.says.append(
            Say(
                step.ask,
                self.values(),
                buttons=(YES, NO),
                expects=Expects(type="yes_no", choices=("yes", "no")),
                personal=self.personal,
            )
        )
        return True

    def refused(self) -> Run:
        """The customer said no to a confirmation: the flow's own answer, or "what should be different?"."""
        step = self.flow.steps[self.frame.step]
        if isinstance(step, Confirm) and step.no is not None:
            if not self._follow(step.no):
                return self.go()
            return self.run
        self.frame.asked = "?change"
        changeable = [
            slot for slot in self.flow.slots.values() if slot.name in self.frame.slots and (slot.label or slot.options)
        ]
        buttons = tuple(
            Press(f"change:{slot.name}", title=slot.label.get(self.turn.language, "") or slot.name)
            for slot in changeable
        )
        self.run.says.append(
            Say(
                "flow.what_to_change",
                self.values(),
                buttons=(*buttons, Press("cancel", key="button.cancel")),
                expects=Expects(type="choice", choices=tuple(slot.name for slot in changeable)),
            )
        )
        return self.run

    def change(self, names: Iterable[str]) -> None:
        """Forgets these slots and whatever was looked up with them, and goes back to the beginning: what is still
        known is not asked again."""
        forgotten = set(names)
        if any(not self.flow.slots[name].options for name in forgotten):
            forgotten |= {slot.name for slot in self.flow.slots.values() if slot.options and not slot.many}
            self.frame.data.clear()
        for name in forgotten:
            self.frame.slots.pop(name, None)
        self.frame.step = 0
        self.frame.tries = 0

    def _verify(self, step: Verify) -> bool:
        waits = verification.begin(self, step)
        return waits if waits else self.next()

    def _act(self, step: Act) -> bool:
        action = registry.get(step.action)
        arguments = {name: bare(self.value(path)) for name, path in step.arguments.items()}
        arguments = {name: value for name, value in arguments.items() if value is not None or name in action.required}
        outcome = perform(
            action,
            self.turn.call(),
            arguments,
            journal=self.turn.request.journal,
            step=f"{self.flow.key}.{self.frame.step}",
        )
        if outcome.name in (FAILED, NOT_ALLOWED) and outcome.name not in step.on:
            self.broken(str(outcome.values.get("reason", "")))
            return True
        if step.save:
            self.frame.data[step.save] = {**outcome.values, "outcome": outcome.name}
        self.frame.acted = self.frame.acted or not action.reads
        return self._follow(step.on.get(outcome.name, Target()))

    def broken(self, reason: str) -> None:
        """The business did not do it: said in plain words, with a second try and a person offered."""
        self.turn.state.fail(f"{self.flow.key}: {reason}")
        self.frame.asked = "?retry"
        self.run.says.append(
            Say(
                "flow.action_failed",
                self.values(),
                buttons=TRY_AGAIN,
                expects=Expects(type="yes_no", choices=("yes", "no")),
            )
        )

    def _follow(self, target: Target) -> bool:
        if target.say:
            self.say(target.say, offer=target.offer)
        for name in target.clear:
            given = self.frame.slots.pop(name, None)
            if given is not None and self.turn.state.known.get(name) == given:
                del self.turn.state.known[name]  # what the business does not know is not offered again
            self.frame.heard = []
        if target.handoff:
            return self._hand_off(target.handoff, "")
        if target.goto == END:
            return self._end(more=not target.offer)
        if target.goto == NEXT:
            return self.next()
        self.frame.step = self.flow.place(target.goto)
        return False

    def _hand_off(self, reason: str, detail: str) -> bool:
        self.run.handoff, self.run.detail = reason, detail
        return self._end(more=False)

    def _end(self, *, more: bool) -> bool:
        self.run.ended, self.run.more = True, more
        return True

    def _mail(self, step: Mail) -> None:
        address = self.value(step.to) or self.turn.request.email
        if not address:
            return
        words, language = self.turn.words, self.turn.language
        values = self.values()
        self.run.emails.append(
            Email(
                str(address),
                words.say(f"{step.wording}.subject", language=language, values=values),
                words.say(f"{step.wording}.body", language=language, values=values),
            )
        )

    def say(self, key: str, *, offer: str = "") -> None:
        """One message of the flow's."""
        buttons = (A_PERSON,) if offer == "person" else ()
        self.run.says.append(Say(key, self.values(), buttons=buttons, personal=self.personal))

    @property
    def personal(self) -> bool:
        """Whether something is known here that only the customer may hear."""
        return bool(self.frame.data)

    def values(self) -> dict[str, Any]:
        """What the flow's wordings may name: its slots, what actions saved, and who is speaking."""
        return {**self.turn.base_values, **self.frame.slots, **self.frame.data}

    def value(self, path: Any) -> Any:
        """A slot or saved value by its dotted path; anything that is no path as it stands."""
        if not isinstance(path, str):
            return path
        found: Any = {**self.frame.slots, **self.frame.data}
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return None
            found = found[part]
        return found


def bare(value: Any) -> Any:
    """A slot's value as an action takes it: options become their values."""
    if isinstance(value, list):
        return [bare(each) for each in value]
    if isinstance(value, Mapping) and "value" in value and "title" in value:
        return value["value"]
    return value
