"""Nothing is sure: the ladder, explicit and counted. A guess to confirm, the nearest topics, other words, a person."""

from csbot.dialogue.decision import A_PERSON, NO, YES, Decision, Press, Say
from csbot.dialogue.people import to_a_person
from csbot.dialogue.state import Pending
from csbot.dialogue.turn import GapNote
from csbot.dialogue.working import Turn
from csbot.messages import Expects

TEXT = Expects(type="text")
NEAREST = 3
LAST_RUNG = 4


def decide(turn: Turn) -> Decision | None:
    if not turn.text and turn.attachments:
        say = Say("clarify.attachment", buttons=(A_PERSON,), expects=TEXT)
        return Decision("clarify", "A file without words: asked what it is about.", [say])
    if not turn.text or "no_words" in turn.signs:
        if turn.choice:
            return climb(turn)
        say = Say("clarify.empty", expects=TEXT)
        return Decision("clarify", "Nothing to read in the message.", [say])
    return climb(turn, question=turn.text, gap=True)


def climb(turn: Turn, *, question: str = "", gap: bool = False) -> Decision:
    """The next rung that has something to offer."""
    state = turn.state
    state.ladder += 1
    near = nearest(turn, question)
    if question:
        state.last = {**state.last, "clarify": question}
        _lean_on(turn, question)
    gaps = _gaps(turn, question) if gap else []
    state.fail(f"not understood ({state.ladder})")
    if "injection" in turn.signs:
        say = Say("clarify.off_task", buttons=topics(turn), expects=TEXT)
        return Decision("clarify", "Spoke to the machine instead of asking something: said what it is here for.", [say])
    if state.ladder >= LAST_RUNG:
        first = Say("clarify.give_up")
        decision = to_a_person(turn, "clarify", "ladder", "The ladder is at its end.", first=first)
        decision.gaps = gaps
        return decision
    if state.ladder == 1 and near and near[0][2] >= turn.bot.threshold("offer") * 1.4 and _leads(near):
        target, title, score = near[0]
        state.pending = Pending("guess", {"target": target})
        say = Say(
            "clarify.guess", {"title": title}, buttons=(YES, NO), expects=Expects(type="yes_no", choices=("yes", "no"))
        )
        return Decision("clarify", f"Not sure: asked whether *{title}* is meant ({score:.2f}).", [say], gaps=gaps)
    if state.ladder <= 2 and len(near) > 1:
        some = near[:NEAREST]
        state.ladder = 2
        state.pending = Pending(
            "choose", {"targets": [t for t, _, _ in some], "titles": [title for _, title, _ in some]}
        )
        buttons = (
            *(Press(target, title=title) for target, title, _ in some),
            Press("none", key="button.none_of_these"),
        )
        say = Say(
            "clarify.choose", buttons=buttons, expects=Expects(type="choice", choices=tuple(t for t, _, _ in some))
        )
        titles = ", ".join(f"*{title}* ({score:.2f})" for _, title, score in some)
        return Decision("clarify", f"Not sure: offered the nearest topics {titles}.", [say], gaps=gaps)
    state.ladder = max(state.ladder, 2) if not near else 3
    say = Say(
        "clarify.rephrase" if state.ladder < LAST_RUNG - 1 else "clarify.rephrase_or_person",
        buttons=(*topics(turn), A_PERSON),
        expects=TEXT,
    )
    return Decision(
        "clarify", "Nothing answers that: asked to put it differently, and offered a person.", [say], gaps=gaps
    )


def _lean_on(turn: Turn, question: str) -> None:
    """A question that follows means what this one most likely meant, whether or not it could be answered."""
    hit = turn.hits[0] if turn.text and turn.hits else None
    if hit is None or (turn.state.last.get("article") and hit.score < turn.bot.threshold("offer")):
        return
    turn.state.last = {
        **turn.state.last,
        "article": hit.article,
        "title": hit.title,
        "tags": list(hit.tags),
        "question": question[:200],
        "sure": hit.score,
    }


def _leads(near: list[tuple[str, str, float]]) -> bool:
    return len(near) < 2 or near[0][2] - near[1][2] >= 0.1


def nearest(turn: Turn, question: str) -> list[tuple[str, str, float]]:
    """The intents and articles that may be meant, best first: (button value, title, score). Never one just declined."""
    floor = turn.bot.threshold("offer")
    found: dict[str, tuple[str, float]] = {}
    hits = turn.hits if question == turn.text else (turn.find(question) if question else [])
    for hit in hits:
        if hit.score >= floor:
            found[f"article:{hit.article}"] = (hit.title, hit.score)
    for score in turn.understanding.intents[:4]:
        info = turn.bot.intents.get(score.key)
        if info is not None and info.flow in turn.bot.flows and score.confidence >= floor:
            found[f"intent:{score.key}"] = (info.title(turn.language), score.confidence)
    ranked = sorted(found.items(), key=lambda item: -item[1][1])
    return [(target, title, score) for target, (title, score) in ranked if target not in turn.state.declined]


def topics(turn: Turn) -> tuple[Press, ...]:
    """A few things that can be done here."""
    return tuple(Press(f"intent:{info.key}", title=info.title(turn.language)) for info in turn.bot.tasks[:NEAREST])


def _gaps(turn: Turn, question: str) -> list[GapNote]:
    if "injection" in turn.signs or "abuse" in turn.signs:
        return []
    return [GapNote(turn.masked, turn.language, "clarify", tuple(turn.hits[:3]))]
