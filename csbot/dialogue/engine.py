"""The engine: a straight road of six stages on one typed Turn, each timed, each with its finding in the trace."""

import time
from collections.abc import Callable
from typing import Any

from csbot.dialogue import deciding, guarding, responding, screening, state, tracking, understanding
from csbot.dialogue.knowledge import knowledge
from csbot.dialogue.turn import TurnRequest, TurnResult
from csbot.dialogue.working import Turn
from csbot.nlu.pii import mask
from csbot.values import shown
from csbot.wordings import words

STAGES: tuple[tuple[str, Callable[[Turn], dict[str, Any]]], ...] = (
    ("screen", screening.screen),
    ("understand", understanding.understand),
    ("track", tracking.track),
    ("decide", deciding.decide),
    ("respond", responding.respond),
    ("guard", guarding.guard),
)
SPOKEN_CHARACTERS = 4000


def respond(request: TurnRequest) -> TurnResult:
    """Runs one turn. Reads what it needs, writes nothing itself; business actions go through the request's journal."""
    turn = begin(request)
    for name, stage in STAGES:
        started = time.perf_counter()
        before = sum(each.milliseconds for each in turn.result.stages)
        finding = stage(turn)
        turn.record(name, finding, started)
        # A search or a classification that a stage asked for has its own line: it is not counted twice.
        inner = sum(each.milliseconds for each in turn.result.stages[:-1]) - before
        turn.result.stages[-1].milliseconds = max(0.0, turn.result.stages[-1].milliseconds - inner)
    return finish(turn)


def begin(request: TurnRequest) -> Turn:
    """The turn before its first stage."""
    bot = knowledge(request)
    before = state.load(request.state)
    # The language of the customer's page is only where it begins: what they have spoken since is known better.
    told = next((line.language for line in reversed(request.batch) if line.language), "")
    language = before.language or told or request.language
    primary = language.split("-")[0]
    return Turn(
        request=request,
        state=before,
        bot=bot,
        words=words(request.brand, request.inbox),
        result=TurnResult(),
        language=primary if primary in bot.languages else (bot.languages[0] if bot.languages else "en"),
        assurance=request.assurance,
        subject=request.subject,
    )


def finish(turn: Turn) -> TurnResult:
    """The result: state, effects, facts. Nothing personal stands in what the trace keeps."""
    decision, result = turn.decided, turn.result
    if result.replies:
        turn.state.spoken = [
            {"text": reply.text[:SPOKEN_CHARACTERS], "data": reply.to_json()} for reply in result.replies
        ]
    best = turn.best_intent
    if best and best[1] >= turn.bot.threshold("intent"):
        turn.state.intent = best[0]
    info = turn.bot.intents.get(turn.state.intent)
    turn.state.topic = decision.topic or (info.topic if info and info.topic != "general" else "") or turn.state.topic
    if turn.text:
        turn.state.language = turn.language
    result.state = turn.state.to_json()
    result.summary = mask(decision.sentence).text
    result.topic = turn.state.topic
    result.handoff = decision.handoff
    result.leave_queue = decision.leave_queue
    result.ticket = decision.ticket
    result.close = decision.close
    result.timers = decision.timers
    result.emails = [*result.emails, *decision.emails]
    result.gaps = decision.gaps
    frame = turn.state.frame
    result.facts = {
        "intent": best[0] if best else "",
        "confidence": round(best[1], 3) if best else 0.0,
        "slots": {
            name: mask(shown(value, turn.language)).text for name, value in (frame.slots if frame else {}).items()
        },
        "decision": decision.policy,
        "flow": decision.flow or (frame.flow if frame else None),
        "sentiment": turn.sentiment,
        "language": turn.language,
        "ladder": turn.state.ladder,
    }
    return result
