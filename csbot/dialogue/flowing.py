"""What policies share about flows and answers: starting, ending, asking again, answering, saying goodbye."""

from dataclasses import replace
from typing import Any

from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, NO, TRY_AGAIN, YES, Decision, Press, Say
from csbot.dialogue.people import to_a_person
from csbot.dialogue.state import Frame, Pending
from csbot.dialogue.working import Turn
from csbot.flows.definition import FlowDefinition
from csbot.flows.runner import Run, Runner
from csbot.flows.slots.reading import Found
from csbot.flows.tracking import read
from csbot.messages import Expects
from kb.search import Hit

STACK_AT_MOST = 3
TEXT = Expects(type="text")
NUMBER_ALONE = "?"  # in `state.finished`: no flow ended, but an order number was told on its own
SHORT_WORDS, SHORT_HAN = 9, 14


def start(turn: Turn, key: str, policy: str, sentence: str, *, said: tuple[str, ...] | None = None) -> Decision:
    """Starts the flow `key` with what the message already says, or what was `said`; one under way waits beneath it."""
    flow = turn.bot.flows[key]
    state = turn.state
    state.pending = None
    state.succeed()
    beneath = [frame for frame in state.stack if frame.flow != key and not frame.acted]
    frame = Frame(flow=key, digest=flow.digest)
    state.stack = [*beneath, frame][-STACK_AT_MOST:]
    state.topic = flow.topic
    for text in (turn.text,) if said is None else said:
        fill_from(turn, flow, frame, text)
    _fill_from_before(turn, flow, frame)
    state.finished = ""
    run = Runner(turn, flow, frame).go()
    decision = concluded(turn, run, policy, sentence)
    decision.topic = flow.topic
    return decision


def fill_from(turn: Turn, flow: FlowDefinition, frame: Frame, text: str) -> None:
    """Fills every slot that `text` names on its own, and keeps the text for those that cannot be looked up yet."""
    if not text:
        return
    frame.hear(text)
    for name, slot in flow.slots.items():
        reading = read(turn, frame, slot, text, asked=False)
        if isinstance(reading, Found):
            frame.slots[name] = reading.value
            if slot.remember:
                turn.state.known[name] = reading.value


def names_what_is_remembered(turn: Turn, flow: FlowDefinition, text: str | None = None) -> bool:
    """Whether the message names what `flow` would ask for first, such as the number of an order."""
    return bool(remembered_in(turn, flow, turn.text if text is None else text))


def remembered_in(turn: Turn, flow: FlowDefinition, text: str) -> dict[str, Any]:
    """The values that `text` names on its own for what `flow` shares with other flows."""
    frame = Frame(flow.key, flow.digest)
    readings = {name: read(turn, frame, slot, text, asked=False) for name, slot in flow.slots.items() if slot.remember}
    return {name: reading.value for name, reading in readings.items() if isinstance(reading, Found)}


def _fill_from_before(turn: Turn, flow: FlowDefinition, frame: Frame) -> None:
    """What was just talked about is meant still: "and my refund?" asks about the order whose status was told."""
    state = turn.state
    # What waits beneath, or has just ended, may be the same matter.
    under_way = any(
        slot.remember and name in frame.slots
        for frame in state.stack[:-1]
        for name, slot in turn.bot.flows[frame.flow].slots.items()
    )
    follows = (bool(state.finished) or under_way) and cues.is_short(turn.text, SHORT_WORDS, SHORT_HAN)
    if state.finished != NUMBER_ALONE and not (follows and cues.has("follows_on", turn.text, turn.language)):
        return
    for name, slot in flow.slots.items():
        if slot.remember and name not in frame.slots and name in state.known:
            frame.slots[name] = state.known[name]


def concluded(turn: Turn, run: Run, policy: str, sentence: str) -> Decision:
    """A flow's run as a decision: its words, its end, a person when it asks for one."""
    state = turn.state
    frame = state.frame
    key = frame.flow if frame else ""
    flow = turn.bot.flows.get(key)
    says = list(run.says)
    topic = flow.topic if flow else ""
    if run.handoff:
        decision = to_a_person(turn, policy, run.handoff, sentence, detail=run.detail)
        decision.says = [*says, *decision.says]
        decision.emails, decision.flow = run.emails, key
        _pop(turn)
        return decision
    if run.ended:
        _pop(turn)
        state.finished = key
        resumed = offer_to_resume(turn)
        if resumed is not None:
            says.append(resumed)
        elif run.more:
            state.pending = Pending("more")
            says.append(Say("more.ask", expects=TEXT, joined=bool(says) and not says[-1].buttons))
        sentence = f"{sentence} The flow is done."
    return Decision(policy, sentence, says, emails=run.emails, flow=key, topic=topic)


def _pop(turn: Turn) -> None:
    if turn.state.stack:
        turn.state.stack.pop()


def offer_to_resume(turn: Turn) -> Say | None:
    """The offer to go back to the flow beneath, when there is one."""
    frame = turn.state.frame
    if frame is None:
        return None
    turn.state.pending = Pending("resume")
    title = dict(turn.bot.flows[frame.flow].title)
    return Say("flow.resume", {"flow": title}, buttons=(YES, NO), expects=Expects(type="yes_no", choices=("yes", "no")))


def asked_again(turn: Turn) -> list[Say]:
    """The running flow's question once more; nothing when no flow waits for anything."""
    frame = turn.state.frame
    if frame is None:
        return []
    if frame.asked in ("?code", "?retry", "?change"):
        buttons = TRY_AGAIN if frame.asked == "?retry" else ()
        return [Say(f"flow.again{frame.asked.replace('?', '.')}", buttons=buttons, expects=TEXT)]
    tries = frame.tries
    run = Runner(turn, turn.bot.flows[frame.flow], frame).ask_again()
    frame.tries = tries
    return run.says if not run.ended else []


def taken_up_again(turn: Turn, policy: str, sentence: str) -> Decision:
    """The flow beneath goes on: it asks its question again, or does what it has waited with."""
    frame = turn.state.frame
    if frame is None or frame.asked in ("?code", "?retry", "?change"):
        return Decision(policy, sentence, asked_again(turn), flow=frame.flow if frame else "")
    return concluded(turn, Runner(turn, turn.bot.flows[frame.flow], frame).ask_again(), policy, sentence)


def answered(turn: Turn, hit: Hit, policy: str, *, question: str) -> Decision:
    """An article as the answer; it is what a following question may lean on."""
    state = turn.state
    before = cues.normalised(str(state.last.get("question", "")))
    again = state.last.get("article") == hit.article and before == cues.normalised(question)
    state.succeed()
    state.pending = None
    state.last = {
        "article": hit.article,
        "title": hit.title,
        "tags": list(hit.tags),
        "question": question[:200],
    }
    second = next((other for other in turn.hits if other.article != hit.article), None) if turn.text else None
    sentence = f"Answered from *{hit.title}* ({hit.score:.2f})"
    if again:
        sentence = f"Asked the same again. {sentence}"
    if second is not None:
        sentence += f"; next best *{second.title}* ({second.score:.2f})"
    say = Say(hit=hit, buttons=_task_beside(turn))
    if again:
        # The same words a second time help nobody: they are said to be the same, and a person is offered.
        say = replace(say, buttons=(*say.buttons, A_PERSON), joined=True)
        return Decision(policy, sentence + ".", [Say("answer.again"), say])
    return Decision(policy, sentence + ".", [say])


def _task_beside(turn: Turn) -> tuple[Press, ...]:
    """What can be done about the subject, when the question also sounds like a wish to have it done."""
    if turn.state.frame is not None or turn.choice:
        return ()
    best = turn.understanding.intents[:1]
    if best and best[0].confidence >= turn.bot.threshold("offer") and turn.bot.flow_of(best[0].key):
        return (Press(f"intent:{best[0].key}", title=turn.bot.intents[best[0].key].title(turn.language)),)
    return ()


def goodbye(turn: Turn, policy: str, sentence: str) -> Decision:
    """Thanks, and the end; the channel asks for a rating when a conversation closes."""
    turn.state.pending = None
    turn.state.stack.clear()
    return Decision(policy, sentence, [Say("goodbye")], close=True)
