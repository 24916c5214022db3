"""Passing a customer to people: a queue while people are there, else an e-mail address and a ticket."""

from typing import Any

from csbot.dialogue.decision import NO, YES, Decision, Press, Say
from csbot.dialogue.state import Pending
from csbot.dialogue.turn import HandoffRequest, TicketRequest
from csbot.dialogue.working import Turn
from csbot.handoff.queues import Outlook, outlook
from csbot.messages import Expects
from csbot.nlu.pii import mask

BOT_ONLY = ("bot_only", "closed")
EMAIL = Expects(type="email", slot="email")


def to_a_person(
    turn: Turn, policy: str, reason: str, sentence: str, *, detail: str = "", first: Say | None = None
) -> Decision:
    """The way to a person that is open now: the queue, or a ticket. `first` is said before."""
    says = [first] if first else []
    topic = topic_of(turn)
    expected = outlook(turn.request.brand, turn.request.inbox, topic, turn.language)
    turn.state.pending = None
    turn.state.ladder = 0
    if turn.request.inbox_mode in BOT_ONLY or not expected.open or not expected.agents:
        return _ticket(turn, policy, reason, sentence, says, expected, topic)
    key = "person.queued" if expected.waiting == 0 else "person.queued_behind"
    says.append(Say(key, {"queue": expected.queue_name, "waiting": expected.waiting}))
    turn.state.company = True
    return Decision(
        policy,
        f"{sentence} Passed to the queue {expected.queue_name}.",
        says,
        handoff=HandoffRequest(reason, topic, detail or turn.masked[:200], summary(turn)),
        topic=topic,
        timers=[],
    )


def _ticket(
    turn: Turn, policy: str, reason: str, sentence: str, says: list[Say], expected: Outlook, topic: str
) -> Decision:
    values: dict[str, Any] = {"email": turn.request.email}
    if turn.request.inbox_mode in BOT_ONLY:
        key = "person.by_email"
    elif not expected.open and expected.opens_at is not None:
        key, values["opens"] = "person.closed", {"moment": expected.opens_at.isoformat()}
    elif not expected.open:
        key = "person.by_email"
    else:
        key = "person.nobody"
    if turn.request.email:
        says += [
            Say(key, values),
            Say(
                "person.use_email",
                values,
                buttons=(YES, Press("other_email", key="button.other_email"), Press("no", key="button.no_thanks")),
                expects=Expects(type="yes_no", choices=("yes", "no")),
                joined=True,
            ),
        ]
    else:
        says += [
            Say(key, values),
            Say("person.ask_email", values, buttons=(Press("no", key="button.no_thanks"),), expects=EMAIL, joined=True),
        ]
    turn.state.pending = Pending("email", {"known": turn.request.email, "reason": reason})
    return Decision(
        policy, f"{sentence} Nobody is there to take it now: asked for an e-mail address.", says, topic=topic
    )


def offer_ticket(turn: Turn, policy: str) -> Decision:
    """To somebody who has waited long: an answer by e-mail instead."""
    key = "person.untaken_known" if turn.request.email else "person.untaken"
    buttons = (YES, NO) if turn.request.email else (Press("no", key="button.keep_waiting"),)
    turn.state.pending = Pending("email", {"known": turn.request.email, "reason": "untaken"})
    say = Say(key, {"email": turn.request.email}, buttons=buttons, expects=EMAIL)
    return Decision(policy, "Nobody has come for a while: offered an answer by e-mail.", [say])


def leave_address(turn: Turn, policy: str, email: str) -> Decision:
    """The e-mail address is here: the ticket."""
    turn.state.pending = None
    return Decision(
        policy,
        "Opened a ticket: people answer by e-mail.",
        [Say("person.ticket", {"email": email}, expects=Expects(type="text"))],
        ticket=TicketRequest(email, topic_of(turn), summary(turn)),
        leave_queue=turn.request.waiting,
        topic=topic_of(turn),
    )


def topic_of(turn: Turn) -> str:
    """What it is about: the flow under way, else the last intent or answer."""
    frame = turn.state.frame
    flow = turn.bot.flows.get(frame.flow) if frame else None
    return (flow.topic if flow else "") or turn.state.topic


def summary(turn: Turn) -> dict[str, Any]:
    """What an agent reads first: intent, flow, slots, what was tried and why it failed."""
    frame = turn.state.frame
    return {
        "intent": turn.state.intent,
        "flow": frame.flow if frame else "",
        "slots": dict(frame.slots) if frame else {},
        "tried": [mask(what).text for what in turn.state.failures],
        "last_answer": turn.state.last.get("title", ""),
        "language": turn.language,
        "sentiment": turn.sentiment,
    }
