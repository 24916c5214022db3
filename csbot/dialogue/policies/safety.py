"""Somebody may be in danger: the emergency number, and a person, before anything else."""

from csbot.dialogue import cues
from csbot.dialogue.decision import A_PERSON, Decision, Say
from csbot.dialogue.working import Turn
from csbot.messages import Expects


def decide(turn: Turn) -> Decision | None:
    if not turn.text or not cues.has("danger", turn.text, turn.language):
        return None
    say = Say("safety.danger", buttons=(A_PERSON,), expects=Expects(type="text"))
    return Decision("safety", "Signs of danger: gave the emergency number and offered a person.", [say])
