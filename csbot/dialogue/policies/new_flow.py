"""The customer wants something done: its flow starts, with everything they said already filled in."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision
from csbot.dialogue.flowing import start
from csbot.dialogue.working import Turn

SURE_OF_ARTICLE = 0.8


def decide(turn: Turn) -> Decision | None:
    if turn.choice:
        return None
    info = turn.intent("flow")
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
