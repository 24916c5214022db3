"""The answer to a question that was asked outside any flow: a guess, a choice, "anything else?", an e-mail address."""

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.flowing import answered, asked_again, goodbye, names_what_is_remembered, start, taken_up_again
from csbot.dialogue.people import leave_address, to_a_person
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.flows.slots.email import ADDRESS
from csbot.flows.slots.ordinals import place
from csbot.messages import Expects
from csbot.nlu.digits import plain


def decide(turn: Turn) -> Decision | None:
    pending = turn.state.pending
    if turn.choice.startswith(("intent:", "article:")):
        turn.state.pending = None
        asked_about = pending is not None and pending.kind in ("guess", "choose")
        return _target(turn, turn.choice, question=_in_question(turn) if asked_about else "")
    if pending is None:
        return None
    answer = {"yes": True, "no": False}.get(turn.choice)
    if answer is None and not turn.choice and turn.question_heard:
        answer = cues.yes_or_no(turn.text, turn.language)
        if answer is None and turn.text and len(turn.text) < 40:
            if turn.confidence("affirm") >= turn.bot.threshold("switch"):
                answer = True
            elif turn.confidence("deny") >= turn.bot.threshold("switch"):
                answer = False
    match pending.kind:
        case "email":
            return _email(turn, pending, answer)
        case "guess":
            return _guess(turn, pending, answer)
        case "choose":
            return _choose(turn, pending, answer)
        case "person":
            turn.state.pending = None
            if answer:
                return to_a_person(turn, "pending", "anger", "Took the offer of a person.")
            if answer is False:
                return Decision(
                    "pending", "Does not want a person.", [Say("anger.go_on", expects=Expects(type="text"))]
                )
        case "more":
            return _more(turn, answer)
        case "resume":
            return _resume(turn, answer)
        case "other_language":
            return _other_language(turn, pending, answer)
    return None


def _in_question(turn: Turn) -> str:
    """What the customer had said when they were asked what they mean."""
    return str(turn.state.last.get("clarify", ""))


def _target(turn: Turn, target: str, *, question: str = "") -> Decision | None:
    """What was chosen; a flow begins with what was said in `question` already."""
    kind, _, key = target.partition(":")
    if kind == "intent":
        flow = turn.bot.flow_of(key)
        if flow is not None:
            return start(turn, flow.key, "new_flow", f"Chose {flow.key}.", said=(question, turn.text))
        info = turn.bot.intents.get(key)
        if info and info.wording:
            return Decision("small_talk", f"Chose {key}.", [Say(info.wording, expects=Expects(type="text"))])
        return None
    question = _in_question(turn) or turn.text
    hit = next((hit for hit in turn.find(question) if hit.article == key), None)
    if hit is None:
        hit = next((hit for hit in turn.find(turn.text) if hit.article == key), None) if turn.text else None
    return answered(turn, hit, "answer", question=question) if hit else None


def _email(turn: Turn, pending: Pending, answer: bool | None) -> Decision | None:
    address = ADDRESS.search(plain(turn.text))
    if address:
        return leave_address(turn, "pending", address.group().lower())
    if answer is True and pending.data.get("known"):
        return leave_address(turn, "pending", str(pending.data["known"]))
    if turn.choice == "other_email" or answer is True:
        pending.data["known"] = ""
        return Decision(
            "pending", "Asked for the e-mail address.", [Say("person.which_email", expects=Expects(type="email"))]
        )
    if answer is False or cues.has("cancel", turn.text, turn.language):
        turn.state.pending = None
        says = [Say("person.no_email", expects=Expects(type="text")), *asked_again(turn)]
        return Decision("pending", "Does not want an answer by e-mail.", says)
    if "@" in turn.text:
        return Decision(
            "pending", "That is no e-mail address.", [Say("slot.email.not_an_email", expects=Expects(type="email"))]
        )
    return None


def _guess(turn: Turn, pending: Pending, answer: bool | None) -> Decision | None:
    turn.state.pending = None
    target = str(pending.data["target"])
    if answer is True or (answer is None and _goes_on_with(turn, target)):
        return _target(turn, target, question=_in_question(turn))
    if answer is False:
        turn.state.declined = [*turn.state.declined, target][-6:]
        from csbot.dialogue.policies.clarify import climb

        return climb(turn, question=_in_question(turn))
    return None


def _goes_on_with(turn: Turn, target: str) -> bool:
    """Whether the customer has taken the guess for granted, and said already what its flow would ask for."""
    kind, _, key = target.partition(":")
    flow = turn.bot.flow_of(key) if kind == "intent" and turn.text and not turn.choice else None
    if flow is None:
        return False
    other = turn.intent("switch")
    return (other is None or other.flow == flow.key) and names_what_is_remembered(turn, flow)


def _choose(turn: Turn, pending: Pending, answer: bool | None) -> Decision | None:
    turn.state.pending = None
    targets = [str(target) for target in pending.data.get("targets", ())]
    if answer is False or turn.choice == "none":
        turn.state.declined = [*turn.state.declined, *targets][-6:]
        from csbot.dialogue.policies.clarify import climb

        return climb(turn, question=_in_question(turn))
    index = place(turn.text, len(targets)) if turn.text else None
    if index is not None:
        return _target(turn, targets[index], question=_in_question(turn))
    titles = [str(title).lower() for title in pending.data.get("titles", ())]
    said = cues.normalised(turn.text)
    for target, title in zip(targets, titles, strict=False):
        if said and cues.normalised(title) == said:
            return _target(turn, target, question=_in_question(turn))
    return None


def _more(turn: Turn, answer: bool | None) -> Decision | None:
    if answer is False:
        turn.state.pending = None
        return goodbye(turn, "pending", "Nothing else: said goodbye.")
    if turn.text and cues.is_only("acknowledges", turn.text, turn.language):
        # "ok" after "anything else?" says that all is well; only "yes" says that there is more.
        turn.state.pending = None
        return Decision("pending", "Took note of it.", [Say("more.noted", expects=Expects(type="text"))])
    if answer is True:
        turn.state.pending = None
        return Decision("pending", "There is something else.", [Say("more.what", expects=Expects(type="text"))])
    turn.state.pending = None
    return None


def _resume(turn: Turn, answer: bool | None) -> Decision | None:
    turn.state.pending = None
    if answer is True or cues.has("resume", turn.text, turn.language):
        return taken_up_again(turn, "pending", "Went back to the flow before.")
    if answer is False:
        turn.state.stack.clear()
        turn.state.pending = Pending("more")
        say = Say("flow.dropped", expects=Expects(type="text"))
        return Decision("pending", "Dropped the flow before.", [say])
    return None


def _other_language(turn: Turn, pending: Pending, answer: bool | None) -> Decision | None:
    turn.state.pending = None
    if not answer:
        return None
    from kb.search import search

    language, question = str(pending.data["language"]), str(pending.data["question"])
    hits = search(question, turn.bot.collections, language=language, limit=1)
    return answered(turn, hits[0], "answer", question=question) if hits else None
