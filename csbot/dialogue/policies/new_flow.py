"""The customer wants something done: its flow starts, with everything they said already filled in."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Press, Say
from csbot.dialogue.flowing import NUMBER_ALONE, names_what_is_remembered, start
from csbot.dialogue.knowledge import IntentInfo
from csbot.dialogue.state import Frame
from csbot.dialogue.wishes import one_by_one
from csbot.dialogue.working import Turn
from csbot.flows.slots.reading import Found
from csbot.flows.tracking import read
from csbot.messages import Expects

SURE_OF_ARTICLE = 0.8
GOOD_ARTICLE = 0.7
SELDOM_ASKED = 0.2
STOPS = "cancel_flow"


def decide(turn: Turn) -> Decision | None:
    if turn.choice:
        return None
    alone = _number_alone(turn)
    if alone is not None:
        return alone
    several = one_by_one(turn)
    if several is not None:
        return several
    info = turn.intent("flow")
    if info is None or info.key == STOPS:
        info = _nothing_to_stop(turn) or info
    info = info if info is not None and info.flow else _wish(turn) or info
    if info is None or info.flow not in turn.bot.flows:
        return None
    frame = turn.state.frame
    if frame is not None and frame.flow == info.flow and frame.asked:
        return None
    confidence = turn.confidence(info.key)
    if turn.confidence(STOPS) and turn.state.frame is None:
        confidence = min(1.0, confidence / max(0.05, 1.0 - turn.confidence(STOPS)))
    if _is_a_fragment(turn) and confidence < turn.bot.threshold("switch"):
        return None  # a word or two fit anything: the ladder asks what is meant
    if _asks_about(turn, info, confidence):
        return None
    return start(turn, info.flow, "new_flow", f"Started the flow {info.flow} ({info.key}, {confidence:.2f}).")


def _asks_about(turn: Turn, info: IntentInfo, confidence: float) -> bool:
    """Whether the message asks about the subject rather than for the thing, and an article answers that.

    "Where do I send it?" wants to be told; "where is my parcel?" does too, and the flow tells it: the intent's own
    examples show whether it is one of those that are asked for so.
    """
    if not cues.question_like(turn.text, turn.language) or names_what_is_remembered(turn, turn.bot.flows[info.flow]):
        return False
    hit = turn.best_hit()
    if hit is None or (turn.state.finished in turn.bot.flows and confidence >= turn.bot.threshold("intent")):
        return False  # what was just done is what "when do I get the money?" is about
    if confidence < turn.bot.threshold("switch"):
        return hit.score >= max(confidence, SURE_OF_ARTICLE)
    seldom = info.asked.get(turn.language, 1.0) <= SELDOM_ASKED
    return seldom and hit.score >= GOOD_ARTICLE and cues.has("informs", turn.text, turn.language)


def _nothing_to_stop(turn: Turn) -> IntentInfo | None:
    """What "cancel it" means when nothing is under way that could be stopped: the next best wish takes its share."""
    share = 1.0 - turn.confidence(STOPS)
    if turn.state.frame is not None or share <= 0.05 or share > 1.0 - turn.bot.threshold("offer"):
        return None
    rest = next((score for score in turn.understanding.intents if score.key != STOPS), None)
    if rest is None or rest.confidence / share < turn.bot.threshold("switch"):
        return None
    return turn.bot.intents.get(rest.key)


def _is_a_fragment(turn: Turn) -> bool:
    return turn.state.frame is None and cues.is_short(turn.text, 2, 3)


def _number_alone(turn: Turn) -> Decision | None:
    """An order number and nothing else, outside any flow: what was just done is done for this one too; else the number
    is kept and the customer asked what to do with it."""
    if turn.state.frame is not None or not turn.text or not any(character.isdecimal() for character in turn.text):
        return None
    wanted = turn.intent("flow")
    if wanted is not None and wanted.flow in turn.bot.flows:
        return None
    for task in turn.bot.tasks:
        flow = turn.bot.flows[task.flow]
        frame = Frame(flow.key, flow.digest)
        for slot in flow.slots.values():
            reading = read(turn, frame, slot, turn.text, asked=False) if slot.remember else None
            if not isinstance(reading, Found) or not reading.whole:
                continue
            if turn.state.finished in turn.bot.flows:
                again = turn.state.finished
                return start(turn, again, "new_flow", f"A number on its own: {again} for this one too.")
            turn.state.known[slot.name] = reading.value
            turn.state.finished = NUMBER_ALONE
            buttons = tuple(Press(f"intent:{each.key}", title=each.title(turn.language)) for each in turn.bot.tasks)
            say = Say("more.about_order", {"number": reading.value}, buttons=buttons, expects=Expects(type="text"))
            return Decision("new_flow", "A number on its own: asked what to do with it.", [say])
    return None


def _wish(turn: Turn) -> IntentInfo | None:
    """The intent of a message that tells or wants rather than asks: less certainty will do, because the flow's first
    question can be answered with "no", while a wish that is read as a question gets an article for an answer."""
    info = turn.intent("wish")
    flow = turn.bot.flow_of(info.key) if info else None
    if info is None or flow is None or turn.state.frame is not None:
        return None
    if names_what_is_remembered(turn, flow):
        return info
    answered = bool(turn.hits) and turn.hits[0].score >= GOOD_ARTICLE
    return None if answered or cues.question_like(turn.text, turn.language) else info
