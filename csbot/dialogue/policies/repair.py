"""Repairing the conversation itself: stop, say that again, something else, one moment, what can you do?"""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Press, Say
from csbot.dialogue.flowing import NUMBER_ALONE, asked_again, concluded, offer_to_resume, start
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.flows.runner import Runner
from csbot.messages import Expects, Outbound

SURE = 0.7


def decide(turn: Turn) -> Decision | None:
    if turn.choice.startswith("change:"):
        return _change(turn, turn.choice.removeprefix("change:"))
    if turn.choice == "repeat" or _signs(turn, "repeat", "repeat") or _is_puzzled(turn):
        return _repeat(turn)
    if turn.choice == "cancel" or _cancels(turn):
        return _cancel(turn)
    if _calls_nothing_off(turn):
        turn.state.pending = None
        return Decision("repair", "Nothing is under way to stop.", [Say("more.noted", expects=Expects(type="text"))])
    if turn.state.frame is None and not turn.choice and cues.is_only("more", turn.text, turn.language):
        turn.state.pending = None
        say = Say("more.what", expects=Expects(type="text"))
        return Decision("repair", "There is something, and they are about to say it.", [say])
    if turn.choice == "intent:capabilities" or _signs(turn, "capabilities", "capabilities"):
        return _capabilities(turn)
    if _signs(turn, "wait", "wait") and (turn.state.frame or turn.state.pending):
        return Decision("repair", "The customer needs a moment.", [Say("smalltalk.wait", expects=Expects(type="text"))])
    return None


def _signs(turn: Turn, cue: str, intent: str) -> bool:
    if turn.choice or not turn.text or (turn.tracked and turn.tracked.whole):
        return False
    return cues.has(cue, turn.text, turn.language) or turn.confidence(intent) >= SURE


def _is_puzzled(turn: Turn) -> bool:
    """Whether the message is a question mark, or a frown, and nothing else."""
    if not turn.text or "no_words" not in turn.signs:
        return False
    marks = set(turn.text) & set(cues.QUESTION_MARKS)
    return bool(marks) or cues.has("puzzled", turn.text, turn.language)


def _calls_nothing_off(turn: Turn) -> bool:
    """Whether "never mind" comes when nothing is under way."""
    pending = turn.state.pending
    idle = not turn.state.stack and (pending is None or pending.kind == "more")
    return idle and not turn.choice and bool(turn.text) and cues.has("calls_off", turn.text, turn.language)


def _cancels(turn: Turn) -> bool:
    if turn.state.frame is None or turn.choice or not turn.text:
        return False
    if turn.tracked and (turn.tracked.whole or turn.tracked.corrected):
        return False
    if cues.has("forgot", turn.text, turn.language):
        return False  # they do not have what was asked for; that is no wish to stop
    if cues.has("cancel", turn.text, turn.language):
        return True
    return turn.confidence("cancel_flow") >= SURE and not (turn.tracked and turn.tracked.filled)


def _cancel(turn: Turn) -> Decision | None:
    state = turn.state
    if not state.stack:
        state.pending = None
        if turn.choice != "cancel":
            return None
        return Decision("repair", "Nothing to cancel.", [Say("more.ask", expects=Expects(type="text"))])
    frame = state.stack.pop()
    other = None if turn.choice else turn.intent("flow")
    if other is not None and other.flow in turn.bot.flows and other.flow != frame.flow:
        # "Never mind that, change the address instead": one wish takes the other's place, about the same order.
        state.finished = NUMBER_ALONE
        return start(turn, other.flow, "repair", f"The customer wants {other.flow} instead of {frame.flow}.")
    title = dict(turn.bot.flows[frame.flow].title)
    says = [Say("flow.cancelled_after_act" if frame.acted else "flow.cancelled", {"flow": title})]
    resumed = offer_to_resume(turn)
    if resumed is not None:
        says.append(resumed)
    else:
        state.pending = Pending("more")
        says[0] = Say(says[0].key, says[0].values, expects=Expects(type="text"))
    return Decision("repair", f"The customer stopped the flow {frame.flow}.", says, flow=frame.flow)


def _repeat(turn: Turn) -> Decision | None:
    if turn.state.frame is not None and turn.state.frame.asked:
        return Decision("repair", "Said the question again.", asked_again(turn))
    if not turn.state.spoken:
        return None
    says = [Say(again=Outbound.from_json(said["text"], said["data"])) for said in turn.state.spoken]
    return Decision("repair", "Said the last words again.", says)


def _capabilities(turn: Turn) -> Decision:
    tasks = turn.bot.tasks
    say = Say(
        "smalltalk.capabilities",
        {"tasks": [info.description(turn.language) for info in tasks]},
        buttons=tuple(Press(f"intent:{info.key}", title=info.title(turn.language)) for info in tasks),
        expects=Expects(type="text"),
    )
    return Decision("repair", "Said what the bot can do.", [say, *asked_again(turn)])


def _change(turn: Turn, name: str) -> Decision | None:
    frame = turn.state.frame
    if frame is None or name not in turn.bot.flows[frame.flow].slots:
        return None
    runner = Runner(turn, turn.bot.flows[frame.flow], frame)
    frame.heard = []
    runner.change([name])
    return concluded(turn, runner.go(), "repair", f"The customer changes {name}.")
