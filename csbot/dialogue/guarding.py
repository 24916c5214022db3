"""Stage 6, guard: nothing leaves that is not grounded, is somebody else's, is forbidden, or does not fit."""

import re
from dataclasses import replace
from typing import Any

from csbot import conf
from csbot.dialogue.decision import A_PERSON, Say
from csbot.dialogue.responding import put
from csbot.dialogue.working import Turn
from csbot.messages import Assurance, Outbound

PARAGRAPH = re.compile(r"\n{2,}")
SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")


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
    turn.result.replies = [part for message in turn.result.replies for part in fitting(message, limit)]
    return {"faults": faults}


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


def fitting(message: Outbound, limit: int) -> list[Outbound]:
    """The message in parts of at most `limit` characters, cut between paragraphs, else sentences, else anywhere.

    Buttons and the question stay with the last part, sources with the first.
    """
    if len(message.text) <= limit:
        return [message]
    parts: list[str] = []
    for paragraph in PARAGRAPH.split(message.text):
        pieces = [paragraph] if len(paragraph) <= limit else SENTENCE.split(paragraph)
        for piece in pieces:
            while len(piece) > limit:
                parts.append(piece[:limit])
                piece = piece[limit:]
            if parts and len(parts[-1]) + len(piece) + 2 <= limit:
                parts[-1] += ("\n\n" if piece is pieces[0] else " ") + piece
            elif piece:
                parts.append(piece)
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
