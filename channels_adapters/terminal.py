"""A conversation in a terminal: what `csbot_chat` prints, as colours for people and as JSON lines for programs."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from csbot.models import Conversation, Handoff, Trace
from csbot.testing import Reply

FACTS = ("sentiment", "intent", "confidence", "slots", "decision", "flow")


def json_lines(said: str, reply: Reply, conversation: Conversation) -> Iterator[str]:
    """One JSON object for the customer's line ("" for none: a greeting) and one for each message that answered it.

    Keys: sender, text, seq, language, sentiment (−1…1), intent, confidence (0…1), slots, decision, flow, sources,
    buttons, handoff, ms. The understanding is the whole turn's, so it is the same on its lines; `ms` is how long the
    whole exchange took. `flow` and `handoff` are null, or the name of the flow and of the queue.
    """
    first = reply.messages[0]["seq"] if reply.messages else conversation.last_seq + 1
    shared = _shared(reply, conversation)
    if said:
        asked = conversation.entries.filter(sender="customer", seq__lt=first).order_by("-seq").first()
        line = {"sender": "customer", "text": asked.text if asked else said, "seq": asked.seq if asked else None}
        yield _dump({**line, **shared, "sources": [], "buttons": []})
    for message in reply.messages:
        data = message["data"]
        yield _dump(
            {
                "sender": message["sender"],
                "text": message["text"],
                "seq": message["seq"],
                **shared,
                "language": data.get("language") or shared["language"],
                "sources": data.get("sources", []),
                "buttons": data.get("buttons", []),
            }
        )


def _shared(reply: Reply, conversation: Conversation) -> dict[str, Any]:
    facts = reply.facts
    return {
        "language": conversation.language,
        **{name: facts.get(name) for name in FACTS},
        "sentiment": facts["sentiment"] if facts.get("sentiment") is not None else 0.0,
        "confidence": facts.get("confidence") or 0.0,
        "slots": facts.get("slots") or {},
        "flow": facts.get("flow") or None,
        "handoff": queue_of(conversation),
        "ms": round(reply.milliseconds, 1),
    }


def queue_of(conversation: Conversation) -> str | None:
    """The name of the queue the conversation waits in or was taken from; None when no person is asked for."""
    handoff = Handoff.objects.filter(conversation=conversation, ended_at=None).select_related("queue").first()
    return handoff.queue.name(conversation.language) if handoff else None


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, default=str)


class Transcript:
    """Prints a conversation for reading."""

    def __init__(self, console: Console, *, trace: bool = False) -> None:
        self.console = console
        self.trace = trace

    def customer(self, text: str) -> None:
        """A line that was not typed here (`--say`, a pipe), so that the transcript is whole."""
        self.console.print(Text("you  ", style="bold cyan") + Text(text))

    def reply(self, reply: Reply, conversation: Conversation) -> None:
        """The messages, their buttons and sources, where the conversation stands, and the trace when it is wanted."""
        for message in reply.messages:
            who, style = ("bot", "bold green") if message["sender"] == "bot" else (message["name"], "bold magenta")
            for number, line in enumerate(message["text"].splitlines()):
                head = Text(f"{who:<5}" if not number else " " * 5, style=style)
                self.console.print(head + Text(line, style="default"), soft_wrap=True)
            self._below(message["data"])
        for status in reply.statuses:
            queue = queue_of(conversation)
            self.console.print(f"     [dim]· {escape(status)}{f' in {escape(queue)}' if queue else ''}[/dim]")
        if self.trace and reply.trace is not None:
            self.explain(reply.trace, reply.milliseconds)

    def _below(self, data: Mapping[str, Any]) -> None:
        if data.get("buttons"):
            titles = "  ".join(
                f"[{number}] {button['title']}" for number, button in enumerate(data["buttons"], start=1)
            )
            self.console.print(Text(f"     {titles}", style="cyan"))
        for source in data.get("sources", ()):
            self.console.print(Text(f"     source: {source['title']} ({source['score']:.2f})", style="dim"))

    def explain(self, trace: Trace, milliseconds: float) -> None:
        """The trace: its sentence, then each stage with its duration and finding."""
        self.console.print(Text(f"     {trace.summary} ({milliseconds:.0f} ms in all)", style="yellow"))
        for stage in trace.stages:
            name = str(stage.get("stage", ""))
            if name == "facts":
                continue
            finding = json.dumps(
                {key: value for key, value in stage.items() if key not in ("stage", "ms")},
                ensure_ascii=False,
                default=str,
            )
            self.console.print(
                Text(f"     {name:<11}{stage.get('ms', 0):>7.1f} ms  {finding}", style="dim"), soft_wrap=True
            )
