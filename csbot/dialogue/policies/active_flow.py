"""The flow under way: fills, corrects, confirms; answers a question in between and goes on."""

from dataclasses import replace

from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, Decision, Press, Say
from csbot.dialogue.flowing import answered, asked_again, concluded
from csbot.dialogue.people import to_a_person
from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows import collecting, verification
from csbot.flows.definition import FlowDefinition
from csbot.flows.runner import Runner
from csbot.flows.slots.registry import slot_type
from csbot.flows.tracking import Tracked

TRIES = 3
ANSWERS = ("affirm", "deny")
ANSWER_WORDS, ANSWER_HAN = 8, 10


def decide(turn: Turn) -> Decision | None:
    frame = turn.state.frame
    if frame is None or turn.choice.startswith(("intent:", "article:")):
        return None
    flow, tracked = turn.bot.flows[frame.flow], turn.tracked or Tracked()
    if not frame.asked:
        # The flow was set aside (a person had the conversation): it speaks again only when it is spoken to.
        spoken_to = tracked.filled or tracked.corrected or tracked.edited
        return _go_on(turn, flow, frame, tracked) if spoken_to else None
    if _belongs_elsewhere(turn, flow, frame, tracked):
        return None
    answer = _answer_in_between(turn, flow, frame, tracked)
    if answer is not None:
        return answer
    if frame.asked in ("?proof", "?code"):
        runner = Runner(turn, flow, frame)
        if verification.answer(runner, turn.text, turn.choice, turn.sealed):
            return concluded(turn, runner.run, "active_flow", f"The flow {flow.key}: proof of who it is.")
    decided = _take(turn, flow, frame, tracked)
    return decided if decided is not None else _not_understood(turn, flow, frame)


def _belongs_elsewhere(turn: Turn, flow: FlowDefinition, frame: Frame, tracked: Tracked) -> bool:
    """Whether another flow was asked for: clearly so, when this flow could also use the message."""
    if (
        turn.choice
        or tracked.whole
        or tracked.corrected
        or tracked.known
        or cues.has("forgot", turn.text, turn.language)
    ):
        return False
    other = turn.intent("switch" if tracked.says_something else "flow")
    if other is None or not other.flow or other.flow == flow.key or other.flow not in turn.bot.flows:
        return False
    slot = flow.slots.get(frame.asked)
    if slot is None or not tracked.filled:
        return True
    # An answer in one's own words ("it arrived broken") is an answer, whatever else it resembles.
    return not slot_type(slot.type).free and cues.question_like(turn.text, turn.language)


def _answer_in_between(turn: Turn, flow: FlowDefinition, frame: Frame, tracked: Tracked) -> Decision | None:
    """A question of another kind is answered from the knowledge base, and the flow's own question asked again."""
    if turn.choice or not turn.text or tracked.whole or tracked.corrected or tracked.answer is not None:
        return None
    if tracked.known:
        return None
    if cues.only_yes_or_no(turn.text, turn.language):
        return None
    own = turn.intent("flow")
    asks = cues.question_like(turn.text, turn.language)
    if own is not None and own.flow == flow.key and (tracked.says_something or not asks):
        return None
    if own is not None and own.key in ANSWERS and frame.asked == "?confirm":
        return None
    if own is not None and own.wording and turn.confidence(own.key) >= turn.bot.threshold("switch"):
        return None
    if not asks and (tracked.says_something or frame.asked in ("?proof", "?code")):
        return None
    if cues.has("forgot", turn.text, turn.language):
        return None
    hit = turn.best_hit()
    if hit is None:
        return None
    decision = answered(turn, hit, "answer", question=turn.text)
    decision.says += asked_again(turn)
    decision.flow = flow.key
    decision.sentence += f" Then went on with {flow.key}."
    return decision


def _take(turn: Turn, flow: FlowDefinition, frame: Frame, tracked: Tracked) -> Decision | None:
    """What the message fills, corrects, confirms or gets wrong."""
    if tracked.filled or tracked.corrected:
        return _go_on(turn, flow, frame, tracked)
    runner = Runner(turn, flow, frame)
    if frame.asked == "?confirm":
        answer = tracked.answer
        if answer is None and _is_an_answer(turn):
            if turn.confidence("affirm") >= turn.bot.threshold("switch"):
                answer = True
            elif turn.confidence("deny") >= turn.bot.threshold("intent"):
                answer = False
        if answer is True:
            frame.step += 1
            return concluded(turn, runner.go(), "active_flow", f"The flow {flow.key}: confirmed.")
        if answer is False:
            return concluded(turn, runner.refused(), "active_flow", f"The flow {flow.key}: not confirmed.")
    if frame.asked == "?retry" and tracked.answer is True:
        return concluded(turn, runner.go(), "active_flow", f"The flow {flow.key}: tried again.")
    if frame.asked in ("?retry", "?change") and tracked.answer is False:
        turn.state.stack.pop()
        says = [Say("flow.cancelled", {"flow": dict(flow.title)})]
        return Decision("active_flow", f"The flow {flow.key} was given up.", says, flow=flow.key)
    if tracked.several is not None and frame.asked in flow.slots:
        collecting.which(runner, frame.asked, tracked.several)
        return concluded(turn, runner.run, "active_flow", f"The flow {flow.key}: asked which one.")
    if tracked.wrong is not None:
        name = (
            frame.asked
            if frame.asked in flow.slots
            else next((slot.name for slot in flow.slots.values() if slot.options), "")
        )
        if name:
            frame.tries += 1
            if frame.tries < TRIES:
                collecting.wrong(runner, name, tracked.wrong)
                sentence = f"The flow {flow.key}: {tracked.wrong.reason}, asked again."
                return concluded(turn, runner.run, "active_flow", sentence)
    if tracked.known and not tracked.wrong:
        return concluded(turn, runner.ask_again(), "active_flow", f"The flow {flow.key}: knew that, and asked on.")
    if tracked.heard and frame.asked in flow.slots:
        frame.hear(turn.text)
        return concluded(turn, runner.ask_again(), "active_flow", f"The flow {flow.key}: noted it, and asked on.")
    return None


def _is_an_answer(turn: Turn) -> bool:
    """Whether a model's reading of a yes or no may be trusted: what is asked back confirms nothing."""
    asks = cues.question_like(turn.text, turn.language)
    return not asks and cues.is_short(turn.text, ANSWER_WORDS, ANSWER_HAN)


def _go_on(turn: Turn, flow: FlowDefinition, frame: Frame, tracked: Tracked) -> Decision:
    runner = Runner(turn, flow, frame)
    if tracked.heard or not tracked.whole:
        frame.hear(turn.text)
    frame.tries = 0
    turn.state.succeed()
    if tracked.corrected and not frame.acted:
        runner.change([name for name, value in tracked.corrected.items() if value is None or name not in frame.slots])
        changed = [name for name in tracked.corrected if not flow.slots[name].options]
        if changed:
            runner.change(changed)
        frame.step = 0
        frame.slots.update({name: value for name, value in tracked.corrected.items() if value is not None})
    frame.slots.update(tracked.filled)
    for name, slot in flow.slots.items():
        if slot.remember and name in frame.slots:
            turn.state.known[name] = frame.slots[name]
    told = ", ".join([*tracked.filled, *(f"{name} (corrected)" for name in tracked.corrected)])
    if frame.asked == "?confirm" and tracked.filled and not tracked.corrected:
        frame.step = 0
    return concluded(turn, runner.go(), "active_flow", f"The flow {flow.key}: took {told}.")


def _not_understood(turn: Turn, flow: FlowDefinition, frame: Frame) -> Decision | None:
    """Neither an answer nor anything else: small talk gets its due, then the question comes again in other words."""
    slot = flow.slots.get(frame.asked)
    if slot is not None and "forgot" in slot.wrong and cues.has("forgot", turn.text, turn.language):
        return Decision(
            "active_flow",
            f"The flow {flow.key}: said where to find {slot.name}.",
            [Say(slot.wrong["forgot"], buttons=(A_PERSON,)), *asked_again(turn)],
            flow=flow.key,
        )
    if frame.asked in ("?proof", "?code") and not frame.tries and cues.has("forgot", turn.text, turn.language):
        frame.tries += 1
        run = Runner(turn, flow, frame).ask_again()
        if not run.ended:
            run.says[-1] = replace(run.says[-1], key="verify.forgot")
        return concluded(turn, run, "active_flow", f"The flow {flow.key}: has no proof at hand.")
    talk = turn.intent()
    if talk is not None and talk.wording:
        # In the middle of something, "is there anything else?" would be odd: the short form says the same without it.
        short = f"{talk.wording}.short"
        says = [Say(short if turn.words.has(short) else talk.wording), *asked_again(turn)]
        return Decision("small_talk", f"Small talk ({talk.key}) in the flow {flow.key}.", says, flow=flow.key)
    if talk is not None and talk.flow == flow.key and frame.tries == 0:
        frame.tries += 1
        sentence = f"The flow {flow.key}: wished for again, asked on."
        return Decision("active_flow", sentence, asked_again(turn), flow=flow.key)
    frame.tries += 1
    turn.state.fail(f"{flow.key}: no answer to {frame.asked.strip('?')}")
    if frame.tries > TRIES:
        return to_a_person(turn, "active_flow", "ladder", f"The flow {flow.key}: {TRIES} tries did not help.")
    if frame.tries == TRIES:
        says = [Say("flow.stuck", buttons=(A_PERSON, Press("cancel", key="button.cancel"))), *asked_again(turn)]
    else:
        says = [Say("flow.not_understood"), *_joined(asked_again(turn))]
    return Decision(
        "active_flow", f"The flow {flow.key}: not understood, asked again ({frame.tries}).", says, flow=flow.key
    )


def _joined(says: list[Say]) -> list[Say]:
    return [replace(says[0], joined=True), *says[1:]] if says else []
