"""The web chat protocol: what may cross the socket, both ways. Pure: text in, frames out, no I/O.

Every frame is one JSON object with a `type`. The rules, in the order a socket lives by them:

    the socket opens          the client has 5 s for `hello`; anything else first is a fatal error
    hello → ready             then every entry after `after` (a seq), then live ones; each once, in order
    message → ack             the same `client_id` sent again is answered with the first one's seq
    a frame with a mistake    is answered with `error`, changes nothing, and the socket stays open
    what is not a frame       (no JSON, no object, binary, over 64 KiB) is answered with `error` and closed

`docs/webchat.md` shows every frame. `VERSION` rises when a frame changes its meaning; new optional fields and new
frame types do not raise it, and a client ignores types it does not know.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, Literal, NotRequired, TypedDict
from uuid import UUID

VERSION: Final = 1
FRAME_BYTES: Final = 64 * 1024
ATTACHMENTS: Final = 5
SEQ_MAXIMUM: Final = 2**31 - 1
CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Close(IntEnum):
    """Why the server closed the socket, and so what the client does next."""

    BAD_FRAME = 4400  # a client that speaks something else: do not come back
    TOKEN = 4401  # missing, expired or foreign token: fetch a new one, come back
    ORIGIN = 4403  # this website may not embed this inbox: do not come back
    HELLO_TIMEOUT = 4408  # no hello in time: come back
    TOO_MANY_SOCKETS = 4409  # the visitor opened newer ones: come back when this tab is looked at again
    LAGGING = 4410  # the client read too slowly: come back, resume by seq
    TOO_LARGE = 4413  # a frame over 64 KiB: do not send it again
    VERSION = 4426  # the client speaks another version: reload the page
    RATE = 4429  # refused frames kept coming: come back after a while
    UNAVAILABLE = 1013  # something broke on this side: come back, resume by seq


class FrameError(ValueError):
    """A frame that says nothing the server understands.

    `code` is for programs, `detail` for developers; `close` is set when the socket cannot go on.
    """

    def __init__(self, code: str, detail: str, *, close: Close | None = None, client_id: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.close = close
        self.client_id = client_id


# What a client says.


@dataclass(frozen=True, slots=True)
class Hello:
    """First frame. `conversation` and `after` resume: entries up to `after` of that conversation are known."""

    token: str
    language: str = ""
    conversation: UUID | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Start:
    """Open a conversation when none is open: the bot greets."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something said. `choice` is the value of the pressed button, `attachments` ids of uploaded files."""

    client_id: str
    text: str = ""
    choice: str = ""
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Typing:
    on: bool


@dataclass(frozen=True, slots=True)
class Read:
    """Everything up to `through` was seen."""

    through: int


@dataclass(frozen=True, slots=True)
class Rating:
    value: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """The button that always leads to a person."""


@dataclass(frozen=True, slots=True)
class HeardFrame:
    """How much of the bot's entry `seq` was shown or read aloud."""

    seq: int
    text: str
    complete: bool


@dataclass(frozen=True, slots=True)
class End:
    """The customer ends the conversation."""


@dataclass(frozen=True, slots=True)
class Ping:
    pass


ClientFrame = Hello | Start | Message | Typing | Read | Rating | Person | HeardFrame | End | Ping


# What the server says.


class Ready(TypedDict):
    """Answers hello and start, and comes again when a message opened the next conversation.

    `after` is where the entries that follow begin; 0 when the client's own was of another conversation or of the
    future. `status` is open, closed, or none (nothing was ever said: send `start` or a message).
    """

    type: Literal["ready"]
    v: int
    conversation: str | None
    status: Literal["open", "closed", "none"]
    holder: Literal["bot", "agent"]
    agent: str
    language: str
    rating: int | None
    after: int
    last_seq: int


class Ack(TypedDict):
    type: Literal["ack"]
    client_id: str
    seq: int


class Error(TypedDict):
    """`code` is stable, `message` for developers. `retry_after` in seconds: the same frame may be sent again then."""

    type: Literal["error"]
    code: str
    message: str
    retry_after: NotRequired[float]
    client_id: NotRequired[str]


class Pong(TypedDict):
    type: Literal["pong"]


def entry(data: Mapping[str, Any]) -> dict[str, Any]:
    """The frame of one entry: {"type": "entry", "seq", "kind", "sender", "name", "text", "at", "data"}.

    An entry this listener may not see is its bare seq, so that a gap always means loss.
    """
    return {"type": "entry", **data}


def dump(frame: Mapping[str, Any]) -> str:
    """One frame as it goes over the wire."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


# Reading what a client sent.


def parse(raw: str | bytes | None) -> ClientFrame:
    """The frame in `raw`. Raises `FrameError`, and nothing else, whatever is in it."""
    if not isinstance(raw, str):
        raise FrameError("binary", "Frames are JSON text, not binary.", close=Close.BAD_FRAME)
    # A character is at most four bytes of UTF-8; only what may be over the limit is measured.
    if len(raw) > FRAME_BYTES or (len(raw) * 4 > FRAME_BYTES and len(raw.encode(errors="replace")) > FRAME_BYTES):
        raise FrameError("too_large", f"A frame is at most {FRAME_BYTES} bytes.", close=Close.TOO_LARGE)
    try:
        data = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise FrameError("not_json", "The frame is not JSON.", close=Close.BAD_FRAME) from None
    if not isinstance(data, dict):
        raise FrameError("not_an_object", "A frame is one JSON object.", close=Close.BAD_FRAME)
    kind = data.get("type")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        name = _clean(kind)[:40] if isinstance(kind, str) else "none"
        raise FrameError("unknown_type", f"Unknown frame type: {name}.")
    try:
        return read(data)
    except FrameError as mistake:
        client_id = data.get("client_id")
        if isinstance(client_id, str) and CLIENT_ID.fullmatch(client_id):
            mistake.client_id = client_id
        raise


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _clean(text: str) -> str:
    """`text` as databases and UTF-8 can hold it: lone surrogates and NUL become the replacement character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")


def _bad(field: str, should: str) -> FrameError:
    return FrameError("bad_field", f"“{field}” should be {should}.")


def _text(data: Mapping[str, Any], field: str, *, longest: int | None = None) -> str:
    value = data.get(field, "")
    if not isinstance(value, str):
        raise _bad(field, "text")
    if longest is not None and len(value) > longest:
        raise _bad(field, f"at most {longest} characters")
    return _clean(value)


def _number(data: Mapping[str, Any], field: str, low: int, high: int, default: int | None = None) -> int:
    value = data.get(field, default)
    if type(value) is not int or not low <= value <= high:
        raise _bad(field, f"a whole number from {low} to {high}")
    return value


def _flag(data: Mapping[str, Any], field: str) -> bool:
    value = data.get(field)
    if type(value) is not bool:
        raise _bad(field, "true or false")
    return value


def _uuid(value: object, field: str) -> UUID:
    if isinstance(value, str) and len(value) <= 36:
        try:
            return UUID(value)
        except ValueError:
            pass
    raise _bad(field, "an id as the server gave it")


def _hello(data: Mapping[str, Any]) -> Hello:
    if data.get("v") != VERSION or type(data.get("v")) is not int:
        raise FrameError("version", f"This server speaks version {VERSION}; reload the page.", close=Close.VERSION)
    language = _text(data, "language", longest=35)
    if language and not LANGUAGE.fullmatch(language):
        raise _bad("language", "a language tag such as en or zh-Hans")
    known = data.get("conversation")
    return Hello(
        token=_text(data, "token", longest=4096),
        language=language,
        conversation=None if known is None else _uuid(known, "conversation"),
        after=_number(data, "after", 0, SEQ_MAXIMUM, 0),
    )


def _message(data: Mapping[str, Any]) -> Message:
    client_id = data.get("client_id")
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise _bad("client_id", "1 to 64 letters, digits, - or _")
    attachments = data.get("attachments", [])
    if not isinstance(attachments, list) or len(attachments) > ATTACHMENTS:
        raise _bad("attachments", f"a list of at most {ATTACHMENTS} ids")
    message = Message(
        client_id=client_id,
        text=_text(data, "text"),
        choice=_text(data, "choice", longest=500),
        attachments=tuple(_uuid(each, "attachments") for each in attachments),
    )
    if not (message.text.strip() or message.choice or message.attachments):
        raise FrameError("empty", "A message needs text, a choice or a file.")
    return message


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], ClientFrame]]] = {
    "hello": _hello,
    "start": lambda data: Start(),
    "message": _message,
    "typing": lambda data: Typing(_flag(data, "on")),
    "read": lambda data: Read(_number(data, "through", 1, SEQ_MAXIMUM)),
    "rating": lambda data: Rating(_number(data, "value", 1, 5), _text(data, "comment", longest=2000)),
    "person": lambda data: Person(),
    "heard": lambda data: HeardFrame(
        _number(data, "seq", 1, SEQ_MAXIMUM), _text(data, "text"), _flag(data, "complete")
    ),
    "end": lambda data: End(),
    "ping": lambda data: Ping(),
}
