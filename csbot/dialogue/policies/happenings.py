"""What happens beside words: the conversation opens, falls silent, comes back from a person."""

from csbot.dialogue.decision import A_PERSON, Decision, Press, Say
from csbot.dialogue.flowing import asked_again, concluded, offer_to_resume
from csbot.dialogue.people import to_a_person, topic_of
from csbot.dialogue.state import Pending
from csbot.dialogue.working import Turn
from csbot.flows.runner import Runner
from csbot.handoff.queues import outlook
from csbot.messages import Expects, Happening

TOPICS_AT_GREETING = 3
TEXT = Expects(type="text")


def decide(turn: Turn) -> Decision | None:
    if turn.happened is None or turn.request.waiting:
        return None
    if _people_come_first(turn):
        turn.state.greeted = True
        passed = to_a_person(turn, "happenings", "people_first", "People come first here.")
        passed.says = [Say("greeting.people_first")]
        return passed
    if turn.text or turn.choice:
        if turn.happened is Happening.OPENED and not turn.state.greeted:
            turn.state.greeted = True
            turn.preface.append(Say("greeting.short"))
        return None
    match turn.happened:
        case Happening.OPENED:
            return _greet(turn)
        case Happening.SILENCE:
            return _silence(turn)
        case Happening.TIMER if turn.happening and turn.happening.detail.get("kind") == Happening.SILENCE:
            return _silence(turn)
        case Happening.HANDED_BACK:
            return _handed_back(turn)
        case Happening.ACTION_FINISHED:
            return _finished(turn)
        case _:
            return Decision("happenings", f"Nothing to say to the happening {turn.happened}.")


def _people_come_first(turn: Turn) -> bool:
    """Whether this conversation begins with a person, and one is there to take it; else the bot does what it can."""
    if turn.happened is not Happening.OPENED or turn.state.greeted or not turn.happening:
        return False
    if not turn.happening.detail.get("people"):
        return False
    expected = outlook(turn.request.brand, turn.request.inbox, topic_of(turn), turn.language)
    return expected.open and bool(expected.agents)


def _greet(turn: Turn) -> Decision:
    if turn.state.greeted:
        return Decision("happenings", "Greeted already.")
    turn.state.greeted = True
    if turn.request.inbox_mode == "closed":
        return to_a_person(turn, "happenings", "request", "The inbox is closed.", first=Say("greeting.closed"))
    key = "greeting.named" if turn.base_values["name"] else "greeting"
    topics = tuple(
        Press(f"intent:{info.key}", title=info.title(turn.language)) for info in turn.bot.tasks[:TOPICS_AT_GREETING]
    )
    return Decision("happenings", "Greeted the customer.", [Say(key, buttons=topics, expects=TEXT)])


def _silence(turn: Turn) -> Decision:
    turn.state.silences += 1
    if turn.state.silences > 1:
        return Decision("happenings", "Silent twice: said goodbye.", [Say("silence.goodbye")], close=True)
    say = Say("silence.still_there", buttons=(A_PERSON,), expects=TEXT)
    return Decision("happenings", "Silence: asked whether the customer is still there.", [say])


def _handed_back(turn: Turn) -> Decision:
    state = turn.state
    state.ladder, state.anger, state.company = 0, 0, False
    agent = str(turn.happening.detail.get("agent", "") or "") if turn.happening else ""
    says = [Say("handed_back.by" if agent else "handed_back", {"agent": agent})]
    resumed = offer_to_resume(turn)
    if resumed is not None:
        says.append(resumed)
    else:
        state.pending = Pending("more")
        says[0] = Say(says[0].key, says[0].values, expects=TEXT)
    return Decision("happenings", "A person handed the conversation back.", says)


def _finished(turn: Turn) -> Decision:
    """What the business reports when a long action is done. The flow goes on from where it waits, and asks again what
    it asked: a question is answered by the customer, never by an event."""
    frame = turn.state.frame
    if frame is None:
        return Decision("happenings", "An action finished that no flow waits for.")
    if frame.asked:
        return Decision("happenings", "An action finished; asked on.", asked_again(turn), flow=frame.flow)
    run = Runner(turn, turn.bot.flows[frame.flow], frame).go()
    return concluded(turn, run, "happenings", "An action finished.")
