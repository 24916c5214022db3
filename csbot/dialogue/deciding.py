"""Stage 4, decide: the policies in their order; the first decision wins."""

from functools import lru_cache
from typing import Any, Protocol

from django.utils.module_loading import import_string

from csbot import conf
from csbot.dialogue.decision import Decision
from csbot.dialogue.working import Turn


class Policy(Protocol):
    """One rule of what to do next: a decision, or None to leave it to the next policy."""

    def __call__(self, turn: Turn) -> Decision | None: ...


@lru_cache(maxsize=8)
def policies(paths: tuple[str, ...]) -> tuple[Policy, ...]:
    """The policies at these dotted paths."""
    return tuple(import_string(path) for path in paths)


def decide(turn: Turn) -> dict[str, Any]:
    """Asks the policies of `CSBOT_POLICIES`. Without a decision the turn stays silent, and says so in its trace."""
    for policy in policies(tuple(conf.POLICIES())):
        decision = policy(turn)
        if decision is not None:
            turn.decision = decision
            break
    else:
        turn.decision = Decision("none", "No policy had anything to say.")
    return {"policy": turn.decision.policy, "ladder": turn.state.ladder}
