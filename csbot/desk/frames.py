"""The frames of the staff socket, checked before anything is done: JSON objects with a `type`.

From the page: `open` {conversation, after}, `leave` {conversation}, `say` {conversation, id, text, files}, `note`
{conversation, text}, `take`, `hand_back` {text}, `requeue` {queue}, `close` {outcome}, `read` {through}, `typing`
{on}, `card` {conversation}, `available` {on}, `ping`. What changes something carries an `id` and is answered by `done`
or `refused` with the same `id`.

To the page: `snapshot` (see `lists.snapshot`), `entries` {conversation, entries}, `card` (see `cards.card`),
`ephemeral` {conversation, payload}, `done` {id, …}, `refused` {id, code, message, retry_after}, `pong`.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

FILES = 10
KINDS = frozenset(
    "open leave card say note take hand_back requeue close read typing available ping".split()  # noqa: SIM905 - reads better
)
WITHOUT_CONVERSATION = frozenset({"available", "ping"})


class FrameError(Exception):
    """A frame that cannot be understood; `id` is that of the frame where it could be read."""

    def __init__(self, code: str, message: str, frame_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.id = frame_id


@dataclass(frozen=True, slots=True)
class Frame:
    """One request of the staff page; parts that its `type` does not use are empty."""

    type: str
    id: str = ""
    conversation: UUID = field(default_factory=lambda: UUID(int=0))
    text: str = ""
    number: int = 0  # after, through
    on: bool = False
    queue: int | None = None
    outcome: str = ""
    files: tuple[str, ...] = ()


def parse(raw: str | bytes | None) -> Frame:
    """The frame in `raw`. Raises `FrameError`."""
    if not isinstance(raw, str):
        raise FrameError("not_text", "A frame is text, not binary.")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise FrameError("not_json", "A frame is one JSON object.") from None
    if not isinstance(data, dict):
        raise FrameError("not_json", "A frame is one JSON object.")
    frame_id = data.get("id", "")
    if not isinstance(frame_id, str) or len(frame_id) > 64:
        raise FrameError("bad_id", "`id` is a string of at most 64 characters.")
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FrameError("unknown_type", f"There is no frame of the type {str(kind)[:40]!r}.", frame_id)
    queue = data.get("queue")
    return Frame(
        type=kind,
        id=frame_id,
        conversation=UUID(int=0) if kind in WITHOUT_CONVERSATION else _conversation(data, frame_id),
        text=_text(data, "text", frame_id),
        number=max(_number(data, "after", frame_id), _number(data, "through", frame_id)),
        on=data.get("on") is True,
        queue=None if queue is None else _number(data, "queue", frame_id),
        outcome=_text(data, "outcome", frame_id),
        files=_files(data, frame_id),
    )


def _conversation(data: dict[str, Any], frame_id: str) -> UUID:
    try:
        return UUID(data["conversation"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise FrameError("bad_conversation", "`conversation` is the id of a conversation.", frame_id) from None


def _text(data: dict[str, Any], name: str, frame_id: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise FrameError(f"bad_{name}", f"`{name}` is text.", frame_id)
    return value


def _number(data: dict[str, Any], name: str, frame_id: str) -> int:
    value = data.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise FrameError(f"bad_{name}", f"`{name}` is a whole number from 0.", frame_id)
    return value


def _files(data: dict[str, Any], frame_id: str) -> tuple[str, ...]:
    value = data.get("files", [])
    if not isinstance(value, list) or len(value) > FILES or not all(isinstance(each, str) for each in value):
        raise FrameError("bad_files", f"`files` lists at most {FILES} ids of uploaded files.", frame_id)
    for each in value:
        try:
            UUID(each)
        except ValueError:
            raise FrameError("bad_files", "`files` lists the ids of uploaded files.", frame_id) from None
    return tuple(value)
