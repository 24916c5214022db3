"""Greetings, thanks, praise and the like: a word in kind."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.flowing import goodbye
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.messages import Expects

TEXT = Expects(type="text")
EMOJI = {"pleased": "smalltalk.pleased", "sad": "smalltalk.sad"}
PLEASED = 0.5
MOOD = {"thanks": "more", "praise": "more", "apology": "more"}


def decide(turn: Turn) -> Decision | None:
    if turn.choice or "injection" in turn.signs:
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
    return _in_a_word(turn) if turn.text else None


def _in_a_word(turn: Turn) -> Decision | None:
    """What a yes, a no or an emoji says when nothing was asked."""
    for mood, wording in EMOJI.items():
        if cues.has(mood, turn.text, turn.language):
            return Decision("small_talk", f"An emoji: {mood}.", [Say(wording, expects=TEXT)])
    if cues.is_only("acknowledges", turn.text, turn.language):
        return Decision("small_talk", "Took note of it.", [Say("more.noted", expects=TEXT)])
    answer = cues.yes_or_no(turn.text, turn.language)
    if answer is None:
        return _pleased(turn)
    say = Say("more.what" if answer else "more.noted", expects=TEXT)
    return Decision("small_talk", "A yes or no that nothing asked for.", [say])


def _pleased(turn: Turn) -> Decision | None:
    """Plain joy that asks for nothing is thanked for, in whatever words it comes."""
    feeling = turn.sentiment or 0.0
    if feeling < PLEASED or (turn.hits[:1] and turn.hits[0].score >= turn.bot.threshold("offer")):
        return None
    if cues.question_like(turn.text, turn.language):
        return None
    turn.state.succeed()
    turn.state.pending = Pending("more")
    return Decision(
        "small_talk", f"Pleased, and asks nothing (sentiment {feeling:.2f}).", [Say("smalltalk.praise", expects=TEXT)]
    )
