"""Greetings, thanks, praise and the like: a word in kind."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.flowing import goodbye
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.messages import Expects

TEXT = Expects(type="text")
MOOD = {"thanks": "more", "praise": "more", "apology": "more"}


def decide(turn: Turn) -> Decision | None:
    if turn.choice:
        return None
    info = turn.intent()
    if info is not None and info.wording and turn.words.has(info.wording):
        turn.state.succeed()
        sentence = f"Small talk: {info.key} ({turn.confidence(info.key):.2f})."
        if info.key == "bye":
            return goodbye(turn, "small_talk", sentence)
        if info.key in MOOD:
            turn.state.pending = Pending(MOOD[info.key])
        return Decision("small_talk", sentence, [Say(info.wording, expects=TEXT)])
    if turn.text and cues.yes_or_no(turn.text, turn.language) is not None:
        turn.state.pending = Pending("more")
        return Decision("small_talk", "A yes or no that nothing asked for.", [Say("more.ask", expects=TEXT)])
    return None
