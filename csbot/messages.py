"""What crosses the line between a channel and the bot: frozen dataclasses, no ORM.

An adapter turns its vendor's payload into `Inbound`; the bot answers with `Outbound`; both are stored as
entries. Everything here survives `to_json`/`from_json` unchanged.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

PERSON = "person"
"""The value of the button that asks for a person."""


class Assurance(StrEnum):
    """How far a conversation knows who it talks to. Ordered: `rank` grows with certainty."""

    ANONYMOUS = "anonymous"
    CLAIMED = "claimed"
    VERIFIED = "verified"

    @property
    def rank(self) -> int:
        return list(Assurance).index(self)


class Happening(StrEnum):
    """What a turn may answer beside words: facts about the conversation itself."""

    OPENED = "opened"
    SILENCE = "silence"
    TIMER = "timer"
    HANDED_BACK = "handed_back"
    ACTION_FINISHED = "action_finished"


@dataclass(frozen=True, slots=True)
class Button:
    """A choice offered to the customer. `value` comes back as `Inbound.choice`; `title` is what is shown."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a claim came from: the article's public id, its title, and the score (0–1) it was found with."""

    id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored attachment, by its random id. `size` in bytes; `content_type` as sniffed, never as claimed."""

    id: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class DigitRule:
    """Keypad input: how many digits to collect, and the key that ends it early ("" for none)."""

    minimum: int = 1
    maximum: int = 20
    terminator: str = "#"


@dataclass(frozen=True, slots=True)
class Expects:
    """What may come next: buttons, grammar, endpointing and keypad all read it.

    `slot` is the slot asked for ("" when the question is not a flow's), `type` its slot type, `phrases` wordings
    that the answer may take, `secret` a value that must never be stored or shown.
    """

    type: str
    slot: str = ""
    choices: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    digits: DigitRule | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What the customer actually heard or saw of the bot's entry `seq`: `text` up to where it stopped."""

    seq: int
    text: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who the embedding site says the sender is: its own signed-in user. Sets the assurance to verified."""

    subject: str
    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer sent.

    `sender` is the address value they are known by on this channel, `external_id` the channel's own id for the
    message: (inbox, sender, external_id) is accepted once. `thread` separates conversations of one sender where
    the channel has threads.
    """

    inbox: str
    sender: str
    external_id: str
    text: str = ""
    choice: str = ""
    attachments: tuple[FileRef, ...] = ()
    language: str = ""
    thread: str = ""
    heard: Heard | None = None
    vouched: Vouched | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One thing the bot or an agent says: `text` for reading, `spoken` for hearing ("" means say `text`)."""

    text: str
    spoken: str = ""
    language: str = ""
    buttons: tuple[Button, ...] = ()
    sources: tuple[Source, ...] = ()
    attachments: tuple[FileRef, ...] = ()
    expects: Expects | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry's `data`: everything but the text, empty parts left out."""
        data = {key: value for key, value in asdict(self).items() if value}
        data.pop("text", None)
        return data

    @classmethod
    def from_json(cls, text: str, data: Mapping[str, Any]) -> "Outbound":
        """The inverse of `to_json`."""
        expects = data.get("expects")
        return cls(
            text=text,
            spoken=data.get("spoken", ""),
            language=data.get("language", ""),
            buttons=tuple(Button(**button) for button in data.get("buttons", ())),
            sources=tuple(Source(**source) for source in data.get("sources", ())),
            attachments=tuple(FileRef(**ref) for ref in data.get("attachments", ())),
            expects=expects_from_json(expects) if expects else None,
        )


def expects_from_json(data: Mapping[str, Any]) -> Expects:
    """The `Expects` that `dataclasses.asdict` (or JSON) flattened into `data`."""
    digits = data.get("digits")
    return Expects(
        type=data["type"],
        slot=data.get("slot", ""),
        choices=tuple(data.get("choices", ())),
        phrases=tuple(data.get("phrases", ())),
        digits=DigitRule(**digits) if digits else None,
        secret=data.get("secret", False),
    )
