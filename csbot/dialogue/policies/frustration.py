"""The customer is upset: an apology and the offer of a person at once; the second time a person comes.

When the same message says clearly what is wanted, the apology stands before what is done about it. Who speaks of
lawyers or of the authorities is passed to a person at once: nothing that a bot can say mends that.
"""

from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, Decision, Say
from csbot.dialogue.people import to_a_person
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.messages import Expects
from csbot.nlu import sentiment

FURIOUS = -0.7
UPSET = -0.4
FALLING = -0.4
GLAD = 0.3
TIMES_BEFORE_A_PERSON = 2


def decide(turn: Turn) -> Decision | None:
    if turn.choice or not turn.text:
        return None
    if cues.has("legal", turn.text, turn.language):
        first = Say("anger.legal")
        return to_a_person(turn, "frustration", "anger", "Speaks of legal steps.", first=first)
    if not is_upset(turn):
        return None
    state = turn.state
    state.anger += 1
    if state.anger >= TIMES_BEFORE_A_PERSON:
        sentence = f"Upset {state.anger} times."
        return to_a_person(turn, "frustration", "anger", sentence, first=Say("anger.again"))
    if _is_clear_what_to_do(turn):
        turn.preface.append(Say("anger.offer_and_help", buttons=(A_PERSON,)))
        return None
    state.pending = Pending("person")
    say = Say("anger.offer", buttons=(A_PERSON,), expects=Expects(type="text"))
    feeling = f" (sentiment {turn.sentiment:.2f})" if turn.sentiment is not None else ""
    return Decision("frustration", f"The customer is upset{feeling}: apologised and offered a person.", [say])


def is_upset(turn: Turn) -> bool:
    """Angry words, a very low feeling, or a low one that keeps falling."""
    feeling = turn.sentiment or 0.0
    if feeling >= GLAD:
        return False
    if cues.has("anger", turn.text, turn.language):
        return True
    if turn.confidence("insult") >= turn.bot.threshold("intent"):
        return bool(turn.state.anger) or "abuse" in turn.signs or feeling <= UPSET
    falls = sentiment.trend([*turn.request.sentiments, feeling])
    if feeling <= UPSET and falls <= FALLING and len(turn.request.sentiments) > 1:
        return True
    frame = turn.state.frame
    return feeling <= FURIOUS and not (frame and turn.tracked and turn.tracked.filled)


def _is_clear_what_to_do(turn: Turn) -> bool:
    if turn.state.frame is not None and turn.tracked is not None and turn.tracked.says_something:
        return True
    best = turn.understanding.intents[:1]
    return bool(best and best[0].confidence >= turn.bot.threshold("switch") and turn.bot.flow_of(best[0].key))
