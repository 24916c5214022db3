"""What an agent reads before the first word: what the customer wants, what the bot knows, what it tried, the last
lines verbatim. Put together from the handoff's own summary, the dialogue state and the traces; nothing is invented."""

from collections.abc import Mapping
from typing import Any

from csbot.dialogue import knowledge
from csbot.flows.definition import FlowDefinition
from csbot.handoff.sentences import in_language
from csbot.models import Conversation, Entry, Intent, Trace
from csbot.values import localised, shown

LINES = 6
TRIED = 4


def summarise(conversation: Conversation, language: str = "en") -> dict[str, Any]:
    """The bot's summary card, as JSON for the staff page.

    `intent` {key, title} or None; `flow` its title or ""; `slots` [{name, value}]; `tried` [{turn, what}], newest last;
    `reason`, `detail` and `queue` of the newest handoff; `lines` [{sender, who, text, at}], oldest first.
    """
    handoff = conversation.handoffs.select_related("queue").order_by("-entered_at").first()
    told: Mapping[str, Any] = handoff.summary if handoff is not None else {}
    known: Mapping[str, Any] = {**conversation.state, **{key: value for key, value in told.items() if value}}
    intent = _intent_key(known)
    return {
        "intent": {"key": intent, "title": title_of_intent(conversation, known, language)} if intent else None,
        "flow": _flow_title(conversation, known, language),
        "slots": _slots(conversation, known, language),
        "tried": _tried(conversation, told, language),
        "reason": str(handoff.get_reason_display()) if handoff is not None else "",
        "detail": handoff.detail if handoff is not None else "",
        "queue": handoff.queue.name(language) if handoff is not None else "",
        "lines": last_lines(conversation),
    }


def title_of_intent(conversation: Conversation, known: Mapping[str, Any], language: str) -> str:
    """What the customer wants, in words; "" when the bot does not know."""
    key = _intent_key(known)
    if not key:
        return ""
    intent = Intent.objects.filter(bot_id=conversation.bot_id, key=key).first()
    return intent.title(language) if intent is not None else key.replace("_", " ")


def last_lines(conversation: Conversation, limit: int = LINES) -> list[dict[str, Any]]:
    """The newest messages as they were said, oldest first."""
    rows = (
        conversation.entries.filter(kind__in=[Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT], staff_only=False)
        .exclude(text="")
        .order_by("-seq")[:limit]
    )
    return [
        {
            "sender": entry.sender,
            "who": entry.author_name or str(conversation.contact if entry.sender == "customer" else entry.sender),
            "text": entry.text,
            "at": entry.at.isoformat(timespec="seconds"),
        }
        for entry in reversed(rows)
    ]


def _tried(conversation: Conversation, told: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    names = names_in(conversation, language)
    given = told.get("tried") or conversation.state.get("failures")
    if isinstance(given, list | tuple) and given:
        return [{"turn": None, "what": in_language(_plain(item), language, names=names)} for item in given]
    traces = Trace.objects.filter(turn__conversation=conversation).exclude(summary="").order_by("-turn__number")[:TRIED]
    return [
        {"turn": trace.turn.number, "what": in_language(trace.summary, language, names=names)}
        for trace in reversed(traces.select_related("turn"))
    ]


def _plain(item: Any) -> str:
    return item if isinstance(item, str) else shown(item, "en")


def names_in(conversation: Conversation, language: str) -> dict[str, str]:
    """What flows, their slots and the queues are called in `language`, by what the engine calls them."""
    if language == "en":
        return {}
    bot = knowledge.of(conversation.bot)
    names = {key: flow.called(language) for key, flow in bot.flows.items()}
    for flow in bot.flows.values():
        names |= {name: slot.label[language] for name, slot in flow.slots.items() if slot.label.get(language)}
    return {**names, **{queue.name("en"): queue.name(language) for queue in conversation.brand.queues.all()}}


def _intent_key(known: Mapping[str, Any]) -> str:
    intent = known.get("intent")
    return str(intent.get("key", "")) if isinstance(intent, Mapping) else str(intent or "")


def _flow_key(known: Mapping[str, Any]) -> str:
    return str(known.get("flow") or _frame(known).get("flow") or "")


def _frame(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flow that has the floor, as `csbot.dialogue.state` stores it."""
    stack = known.get("stack")
    top = stack[-1] if isinstance(stack, list) and stack else {}
    return top if isinstance(top, Mapping) else {}


def _flow(conversation: Conversation, known: Mapping[str, Any]) -> FlowDefinition | None:
    return knowledge.of(conversation.bot).flows.get(_flow_key(known))


def _flow_title(conversation: Conversation, known: Mapping[str, Any], language: str) -> str:
    flow = _flow(conversation, known)
    return flow.called(language) if flow else _flow_key(known)


def _slots(conversation: Conversation, known: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    flow = _flow(conversation, known)
    slots = known.get("slots")
    if not slots:  # a conversation that nobody handed over: as the dialogue state has it
        slots = _frame(known).get("slots") or known.get("known")
    if not isinstance(slots, Mapping):
        return []
    lines = []
    for name, value in slots.items():
        value = localised(value, language)
        if value in (None, "", [], {}) or str(name).startswith("_"):
            continue
        if isinstance(value, Mapping) and "sealed" in value:
            value = "••••"
        slot = flow.slots.get(str(name)) if flow else None
        label = (slot.label.get(language) if slot else "") or str(name)
        lines.append({"name": label, "value": shown(value, language)})
    return lines
