"""The customer wants something done: its flow starts, with everything they said already filled in."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision
from csbot.dialogue.flowing import start
from csbot.dialogue.knowledge import IntentInfo
from csbot.dialogue.state import Frame
from csbot.dialogue.working import Turn
from csbot.flows.slots.reading import Found
from csbot.flows.tracking import read

SURE_OF_ARTICLE = 0.8
GOOD_ARTICLE = 0.7


def decide(turn: Turn) -> Decision | None:
    if turn.choice:
        return None
    info = turn.intent("flow") or _wish(turn)
    if info is None or info.flow not in turn.bot.flows:
        return None
    frame = turn.state.frame
    if frame is not None and frame.flow == info.flow and frame.asked:
        return None
    confidence = turn.confidence(info.key)
    if cues.question_like(turn.text, turn.language) and confidence < turn.bot.threshold("switch"):
        hit = turn.best_hit()
        if hit is not None and hit.score >= max(confidence, SURE_OF_ARTICLE):
            return None  # it asks about the subject rather than for the thing
    return start(turn, info.flow, "new_flow", f"Started the flow {info.flow} ({info.key}, {confidence:.2f}).")


def _wish(turn: Turn) -> IntentInfo | None:
    """The intent of a message that tells or wants rather than asks: less certainty will do, because the flow's first
    question can be answered with "no", while a wish that is read as a question gets an article for an answer."""
    info = turn.intent("wish")
    flow = turn.bot.flow_of(info.key) if info else None
    if info is None or flow is None or turn.state.frame is not None:
        return None
    frame = Frame(flow.key, flow.digest)
    named = any(
        isinstance(read(turn, frame, slot, turn.text, asked=False), Found)
        for slot in flow.slots.values()
        if slot.remember
    )
    if named:
        return info
    answered = bool(turn.hits) and turn.hits[0].score >= GOOD_ARTICLE
    return None if answered or cues.question_like(turn.text, turn.language) else info
