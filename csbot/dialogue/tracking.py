"""Stage 3, track: whose conversation it is now, what was asked and heard, and what the message fills or corrects."""

from typing import Any

from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows.definition import Act
from csbot.flows.tracking import track as track_flow
from csbot.nlu.pii import mask
from csbot.values import shown


def track(turn: Turn) -> dict[str, Any]:
    """Drops what belonged to another customer or to a flow that is gone; reads the message for the running flow."""
    state = turn.state
    if state.subject and turn.subject and state.subject != turn.subject:
        # Somebody else has signed in at this browser: nothing of the one before may be seen or used.
        state.stack, state.known, state.pending, state.spoken = [], {}, None, []
    if turn.subject:
        state.subject = turn.subject
    if turn.text or turn.choice:
        state.silences = 0
    state.stack = [frame for frame in state.stack if frame.flow in turn.bot.flows]
    edited = False
    if state.frame is not None and state.frame.digest != turn.bot.flows[state.frame.flow].digest:
        edited = _follow_edit(turn, state.frame)
    frame = state.frame
    if frame is None:
        return {}
    flow = turn.bot.flows[frame.flow]
    if turn.happening is not None and not turn.text and not turn.choice:
        return {"flow": frame.flow}
    found = turn.tracked = track_flow(turn, flow, frame)
    found.edited = edited
    return {
        "flow": frame.flow,
        "asked": frame.asked,
        "filled": {name: mask(shown(value, turn.language)).text for name, value in found.filled.items()},
        "corrected": {name: mask(shown(value, turn.language)).text for name, value in found.corrected.items()},
        "wrong": found.wrong.reason if found.wrong else "",
        "whole": found.whole,
    }


def _follow_edit(turn: Turn, frame: Frame) -> bool:
    """The flow was edited meanwhile: what is known is kept, and asked for again only where it is missing. Whether it
    waits to go on. One that has changed something in the business already is over: it would do it again."""
    if frame.acted:
        turn.state.stack.pop()
        return False
    flow = turn.bot.flows[frame.flow]
    saved = {step.save for step in flow.steps if isinstance(step, Act)}
    waits = bool(frame.asked)
    frame.digest, frame.step, frame.tries = flow.digest, 0, 0
    frame.asked = frame.asked if frame.asked in flow.slots else ""
    frame.data = {name: value for name, value in frame.data.items() if name in saved}
    frame.slots = {name: value for name, value in frame.slots.items() if name in flow.slots}
    return waits
