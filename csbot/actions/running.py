"""Runs an action for a turn: at the assurance it asks for, through the journal, and always with an answer."""

import logging
from collections.abc import Mapping
from typing import Any

from csbot.actions.journal import Superseded
from csbot.actions.registry import Action, ActionFailed, Call, Outcome
from csbot.dialogue.turn import Journal

logger = logging.getLogger(__name__)

FAILED = "failed"
"""The outcome that every action may have: the business did not answer, or answered what cannot be used."""
NOT_ALLOWED = "not_allowed"
"""The outcome of an action that asks for more assurance than the conversation has. Nothing was run."""


def perform(action: Action, call: Call, arguments: Mapping[str, Any], *, journal: Journal, step: str) -> Outcome:
    """The outcome of `action`: one of its declared outcomes, `failed` or `not_allowed`.

    Lets `Superseded` pass: the turn is over then.
    """
    if call.assurance.rank < action.assurance.rank:
        return Outcome(NOT_ALLOWED, {"reason": f"{action.name} needs {action.assurance}"})
    try:
        checked = action.checked(arguments)
        if action.reads:
            outcome = action.run(call, **checked)
        else:
            outcome = Outcome.from_json(
                journal.run(step, action.name, checked, lambda key: _run(action, call, checked, key))
            )
    except Superseded:
        raise
    except ActionFailed as failure:
        logger.warning("conversation %s: action %s failed: %s", call.conversation, action.name, failure)
        return Outcome(FAILED, {"reason": str(failure)})
    except Exception:  # an action is the host project's code: whatever it raises, the customer gets an answer
        logger.exception("conversation %s: action %s raised", call.conversation, action.name)
        return Outcome(FAILED, {"reason": "error"})
    if outcome.name not in action.outcomes:
        logger.error("conversation %s: action %s ended in undeclared %r", call.conversation, action.name, outcome.name)
        return Outcome(FAILED, {"reason": f"undeclared outcome {outcome.name}"})
    return outcome


def _run(action: Action, call: Call, arguments: Mapping[str, Any], key: str) -> dict[str, Any]:
    keyed = Call(key, call.conversation, call.brand, call.language, call.assurance, call.subject, call.email)
    return action.run(keyed, **arguments).to_json()
