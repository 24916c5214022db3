"""Stage 6, guard: nothing leaves that is not grounded, is somebody else's, is forbidden, or does not fit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from csbot import conf
from csbot.dialogue.decision import A_PERSON, Say
from csbot.dialogue.responding import put
from csbot.dialogue.working import Turn
from csbot.messages import Assurance, Expects, Outbound

# Where a text may be cut, best first. A full stop in a number or an address has no space behind it.
BOUNDARIES = (
    re.compile(r"\n{2,}"),
    re.compile(r"(?<=[.!?])\s|(?<=[。！？])"),
    re.compile(r"\s"),
)


def guard(turn: Turn) -> dict[str, Any]:
    """Checks every message; one that fails is replaced by the safe fallback, and the trace says which and why."""
    faults = [fault for say in turn.decided.says if (fault := unsupported(turn, say))]
    faults += [fault for message in turn.result.replies if (fault := forbidden(message))]
    if faults:
        turn.state.fail(f"guard: {faults[0]}")
        turn.result.replies = [put(turn, Say("guard.fallback", buttons=(A_PERSON,)))]
        turn.result.emails = []
        turn.decided.emails = []
    limit = int(conf.REPLY_CHARACTERS().get(turn.request.form, 4000))
    turn.result.replies = [
        part for message in turn.result.replies for part in fitting(message, limit, turn.request.form)
    ]
    if turn.result.replies and secret_asked(turn):
        # Whatever was said in between, what comes next may be the answer: it is sealed before it is first written.
        last = turn.result.replies[-1]
        turn.result.replies[-1] = replace(last, expects=replace(last.expects or Expects(type="text"), secret=True))
    return {"faults": faults}


def secret_asked(turn: Turn) -> bool:
    """Whether the running flow waits for a one-time code or a secret slot."""
    frame = turn.state.frame
    if frame is None or frame.flow not in turn.bot.flows:
        return False
    slot = turn.bot.flows[frame.flow].slots.get(frame.asked)
    return frame.asked == "?code" or (slot is not None and slot.secret)


def unsupported(turn: Turn, say: Say) -> str:
    """Why `say` may not be said ("" if it may): an article this bot does not read, or personal facts to somebody who
    has not proven who they are."""
    if say.hit is not None and say.hit.collection not in turn.bot.collections:
        return f"the article {say.hit.key} is not of this bot's collections"
    if say.personal and not (turn.assurance is Assurance.VERIFIED and turn.subject):
        return f"{say.key} tells what only a verified customer may hear"
    return ""


def forbidden(message: Outbound) -> str:
    """The forbidden phrase that `message` holds, or ""."""
    text = f"{message.text}\n{message.spoken}".casefold()
    return next((f"forbidden: {phrase}" for phrase in conf.FORBIDDEN_PHRASES() if phrase.casefold() in text), "")


def fitting(message: Outbound, limit: int, form: str = "chat") -> list[Outbound]:
    """The message in parts of at most `limit` characters, cut between paragraphs, else sentences, else words.

    What is spoken is cut as it is spoken. Buttons and the question stay with the last part, sources with the first.
    """
    spoken = form == "spoken" and bool(message.spoken)
    whole = message.spoken if spoken else message.text
    if len(whole) <= limit:
        return [message]
    parts = list(cut(whole, limit))
    return [
        replace(
            message,
            text=text,
            spoken="",
            sources=message.sources if place == 0 else (),
            buttons=message.buttons if place == len(parts) - 1 else (),
            expects=message.expects if place == len(parts) - 1 else None,
        )
        for place, text in enumerate(parts)
    ]


def cut(text: str, limit: int) -> Iterator[str]:
    """Parts of at most `limit` characters; nothing but the white space between them is lost."""
    text = text.strip()
    while len(text) > limit:
        places = (match.start() for boundary in BOUNDARIES for match in _last(boundary, text, limit))
        place = next(places, limit)
        yield text[:place].rstrip()
        text = text[place:].lstrip()
    if text:
        yield text


def _last(boundary: re.Pattern[str], text: str, limit: int) -> list[re.Match[str]]:
    return [match for match in boundary.finditer(text, 1, limit + 1) if 0 < match.start() <= limit][-1:]
