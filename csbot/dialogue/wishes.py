"""Several things to be done in one message: "return the shirt from 12345, and where is 12888?" They are done one after
the other, in the order they were asked for.

Two clauses are two wishes only when each says clearly what is wanted, and the later one names something of its own or
is added in so many words ("also", 另外): "it came broken, I want my money back" is one matter told in two ways.
"""

from dataclasses import dataclass
from typing import Any

from csbot.dialogue import cues
from csbot.dialogue.decision import Decision, Say
from csbot.dialogue.flowing import STACK_AT_MOST, fill_from, remembered_in, start
from csbot.dialogue.knowledge import IntentInfo
from csbot.dialogue.state import Frame
from csbot.dialogue.working import CLAUSE, Turn
from csbot.nlu import intents


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to be done: the intent, and the words that ask for it."""

    info: IntentInfo
    text: str
    names: dict[str, Any]


def one_by_one(turn: Turn) -> Decision | None:
    """The first of several wishes is begun, the others wait beneath it; None when there are not several."""
    found = wishes(turn) if turn.state.frame is None else []
    if len(found) < 2:
        return None
    first, *later = found
    for wish in reversed(later):
        flow = turn.bot.flows[wish.info.flow]
        frame = Frame(flow.key, flow.digest)
        fill_from(turn, flow, frame, wish.text)
        turn.state.stack.append(frame)
    titles = [dict(turn.bot.flows[wish.info.flow].title) for wish in found]
    turn.preface.append(Say("flow.one_by_one", {"first": titles[0], "later": titles[1:]}))
    keys = ", ".join(wish.info.flow for wish in found)
    return start(turn, first.info.flow, "new_flow", f"Several wishes, one after the other: {keys}.", said=(first.text,))


def wishes(turn: Turn) -> list[Wish]:
    """What is wished for, clause by clause, in order; at most as many as can wait for one another."""
    found: list[Wish] = []
    for text, added in _clauses(turn):
        best = intents.classify(turn.bot.pk, text, turn.language).intents[:1]
        flow = turn.bot.flow_of(best[0].key) if best else None
        if flow is None or best[0].confidence < turn.bot.threshold("flow"):
            continue
        names = remembered_in(turn, flow, text)
        own = bool(names) and all(names != wish.names for wish in found)
        sure = names or best[0].confidence >= turn.bot.threshold("switch")
        if sure and (not found or added or own) and all(wish.info.flow != flow.key for wish in found):
            found.append(Wish(turn.bot.intents[best[0].key], text, names))
    return found[:STACK_AT_MOST]


def _clauses(turn: Turn) -> list[tuple[str, bool]]:
    """The clauses of the message, and of each whether it was added in so many words; none where nothing hints at more
    than one wish."""
    clauses: list[tuple[str, bool]] = []
    for part in CLAUSE.split(turn.text):
        for place, piece in enumerate(cues.split("adds", part, turn.language)):
            for number, clause in enumerate(cues.split("joins", piece, turn.language)):
                if clause.strip():
                    clauses.append((clause.strip(), place > 0 and number == 0))
    digits = sum(any(character.isdecimal() for character in text) for text, _ in clauses)
    return clauses if len(clauses) > 1 and (digits > 1 or any(added for _, added in clauses)) else []
