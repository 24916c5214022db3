"""Talking to the bot in-process: what specifications, `csbot_chat` and third parties' tests are written with."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from csbot import conversations
from csbot.dialogue.turn import TurnRequest, TurnResult
from csbot.entries import entry_json
from csbot.messages import Inbound, Outbound, Vouched
from csbot.models import Conversation, Entry, Trace
from csbot.turns import work

ADA = Vouched(subject="ada", email="ada@example.org", name="Ada Lovelace-Chen")
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one thing the customer did: the bot's messages, in order, and how they were decided."""

    messages: list[dict[str, Any]]
    statuses: list[str]
    trace: Trace | None
    milliseconds: float

    @property
    def text(self) -> str:
        return "\n\n".join(message["text"] for message in self.messages)

    @property
    def buttons(self) -> list[str]:
        """The titles of the newest message's buttons."""
        return [button["title"] for button in self.messages[-1]["data"].get("buttons", ())] if self.messages else []

    @property
    def sources(self) -> list[dict[str, Any]]:
        return [source for message in self.messages for source in message["data"].get("sources", ())]

    @property
    def facts(self) -> dict[str, Any]:
        """The turn's facts: intent, confidence, slots, decision, flow, sentiment …"""
        if self.trace is None:
            return {}
        return next((stage for stage in self.trace.stages if stage.get("stage") == "facts"), {})


@dataclass
class Chat:
    """One customer at one inbox. `say` returns once the bot owes nothing more.

    Works inside a test's transaction as well as against a database that other processes share.
    """

    inbox: str = "web"
    language: str = ""
    vouched: Vouched | None = None
    sender: str = field(default_factory=lambda: f"visitor-{uuid4().hex}")
    form: str = "chat"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _seen: int = 0
    _followed: UUID | None = None

    def open(self) -> Reply:
        """Arrives, and is greeted."""
        started = time.perf_counter()
        conversation = conversations.open(
            self.inbox, self.sender, language=self.language, vouched=self.vouched, form=self.form
        )
        return self._collect(conversation, started)

    def say(self, text: str, *, choice: str = "") -> Reply:
        """Sends a message, or presses a button whose value is `choice`."""
        started = time.perf_counter()
        received = conversations.receive(
            Inbound(
                inbox=self.inbox,
                sender=self.sender,
                external_id=f"line-{next(self._numbers)}",
                text=text,
                choice=choice,
                language=self.language,
                vouched=self.vouched,
            )
        )
        return self._collect(Conversation.objects.get(pk=received.conversation), started)

    def press(self, title: str) -> Reply:
        """Presses the button with this title under the bot's newest message. Raises ValueError when there is none."""
        buttons = self.newest_buttons()
        if title not in buttons:
            raise ValueError(f"No button {title!r}; there are {sorted(buttons)}.")
        return self.say(title, choice=buttons[title])

    def newest_buttons(self) -> dict[str, str]:
        """Title → value of the buttons under the bot's newest message."""
        newest = self.conversation.entries.filter(kind=Entry.Kind.MESSAGE, sender=Entry.Sender.BOT).last()
        return {button["title"]: button["value"] for button in newest.data.get("buttons", ())} if newest else {}

    @property
    def conversation(self) -> Conversation:
        """The newest conversation of this customer, fresh from the database."""
        return Conversation.objects.filter(inbox__key=self.inbox, thread_key=self.sender).latest("opened_at")

    def collect(self) -> Reply:
        """What has been said since the last look, after running what the bot owes (a timer's happening, say)."""
        return self._collect(self.conversation, time.perf_counter())

    def _collect(self, conversation: Conversation, started: float) -> Reply:
        deadline = time.monotonic() + PATIENCE_SECONDS
        if conversation.pk != self._followed:  # the last one was closed: this one's entries begin at 1
            self._followed, self._seen = conversation.pk, 0
        while True:
            work(conversation.pk)
            conversation.refresh_from_db()
            if (
                conversation.turned_seq >= conversation.pending_seq
                or conversation.holder != Conversation.Holder.BOT
                or conversation.status != Conversation.Status.OPEN
            ):
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"No answer within {PATIENCE_SECONDS:.0f} s; see the turns of {conversation.pk}.")
            time.sleep(0.005)
        entries = list(conversation.entries.filter(seq__gt=self._seen))
        if entries:
            self._seen = entries[-1].seq
        return Reply(
            messages=[
                entry_json(entry)
                for entry in entries
                if entry.kind == Entry.Kind.MESSAGE and entry.sender in (Entry.Sender.BOT, Entry.Sender.AGENT)
            ],
            statuses=[entry.data["status"] for entry in entries if entry.kind == Entry.Kind.STATUS],
            trace=Trace.objects.filter(turn__conversation=conversation).order_by("turn__number").last(),
            milliseconds=(time.perf_counter() - started) * 1000,
        )


def echo(request: TurnRequest) -> TurnResult:
    """An engine that repeats what it was given, for tests of the core: `CSBOT_ENGINE = "csbot.testing.echo"`.

    Each reply names the entries it answers, so that a ledger can be held against what every listener saw.
    """
    said = [f"{line.seq}:{line.text or line.choice or line.happening}" for line in request.batch]
    return TurnResult(
        replies=[Outbound(text="echo " + " | ".join(said), language=request.language)],
        state={"turns": int(request.state.get("turns", 0)) + 1},
        summary=f"Echoed {len(said)} line(s).",
        language=request.language,
    )
