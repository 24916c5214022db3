"""The customer waits for a person: keep them company, no more. Leaving the line, or an answer by e-mail, stays open."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.people import leave_address, offer_ticket
from csbot.dialogue.policies.human import asks_for_a_person
from csbot.dialogue.working import Turn
from csbot.flows.slots.email import ADDRESS
from csbot.handoff.queues import UNTAKEN
from csbot.messages import Expects, Happening
from csbot.nlu.digits import plain


def decide(turn: Turn) -> Decision | None:
    if not turn.request.waiting:
        return None
    if turn.happening is not None and not turn.text and not turn.choice:
        return _happened(turn)
    pending = turn.state.pending
    asked_for_email = pending is not None and pending.kind == "email"
    address = ADDRESS.search(plain(turn.text))
    if address:
        return leave_address(turn, "waiting", address.group().lower())
    answer = {"yes": True, "no": False}.get(turn.choice, cues.yes_or_no(turn.text, turn.language))
    if asked_for_email and answer is True and turn.request.email:
        return leave_address(turn, "waiting", turn.request.email)
    if asked_for_email and answer is True:
        return Decision(
            "waiting", "Asked for the e-mail address.", [Say("person.ask_email", expects=Expects(type="email"))]
        )
    if asked_for_email and answer is False:
        turn.state.pending = None
        return Decision("waiting", "Goes on waiting.", [Say("waiting.stays")])
    if cues.has("cancel", turn.text, turn.language) or turn.choice == "leave_queue":
        turn.state.company = False
        turn.state.pending = None
        say = Say("waiting.left", expects=Expects(type="text"))
        return Decision("waiting", "Left the queue on their own wish.", [say], leave_queue=True)
    if asks_for_a_person(turn):
        return Decision("waiting", "Asked again for a person, and is in the queue already.", [Say("waiting.still")])
    if turn.state.company is not True or not turn.state.said.get("waiting.read"):
        turn.state.company = True
        return Decision("waiting", "Waits for a person, who will read this.", [Say("waiting.read")])
    return Decision("waiting", "Waits for a person; nothing to add.")


def _happened(turn: Turn) -> Decision:
    happened = turn.happened
    detail = turn.happening.detail if turn.happening else {}
    if happened is Happening.TIMER and detail.get("kind") == UNTAKEN:
        return offer_ticket(turn, "waiting")
    if happened is Happening.OPENED and not turn.state.greeted:
        turn.state.greeted = True
        return Decision("waiting", "People first: said that somebody will come.", [Say("greeting.people_first")])
    return Decision("waiting", "Waits for a person.")
