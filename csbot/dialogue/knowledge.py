"""What a bot knows apart from the knowledge base, loaded once per process and revision: intents, flows, thresholds."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.db.models.signals import m2m_changed, post_delete, post_save

from csbot.dialogue import cues
from csbot.dialogue.turn import TurnRequest
from csbot.flows.definition import FlowDefinition, Surroundings, parse
from csbot.flows.slots import registry as slot_types
from csbot.located import LocatedError
from csbot.models import Bot, Brand, Flow, Intent, IntentExample

logger = logging.getLogger(__name__)

THRESHOLDS: Mapping[str, float] = {
    "answer": 0.55,  # a hit at or above is said
    "offer": 0.25,  # a hit or intent at or above may be guessed or offered
    "intent": 0.55,  # an intent at or above is taken at its word
    "flow": 0.5,  # an intent at or above starts its flow
    "wish": 0.35,  # … when the message is no question, or names an order, and no article answers it well
    "switch": 0.75,  # … while another flow is under way and something was understood for it
}


@dataclass(frozen=True, slots=True)
class IntentInfo:
    """An intent without its examples."""

    key: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    topic: str
    flow: str
    article: str
    wording: str
    asked: Mapping[str, float] = field(default_factory=dict)
    """By language, the share of its examples that want to be told something ("where is …?")."""

    def title(self, language: str) -> str:
        return str(self.titles.get(language) or next(iter(self.titles.values()), self.key))

    def description(self, language: str) -> str:
        return str(self.descriptions.get(language) or "") or self.title(language).lower()


@dataclass(frozen=True, slots=True)
class BotKnowledge:
    """One bot at one revision."""

    pk: int
    revision: int
    name: str
    brand_name: str
    languages: tuple[str, ...]
    collections: tuple[str, ...]
    thresholds: Mapping[str, float]
    intents: Mapping[str, IntentInfo]
    flows: Mapping[str, FlowDefinition]
    tasks: tuple[IntentInfo, ...] = field(default=())  # intents that start a flow, in the pack's order

    def threshold(self, name: str) -> float:
        return float(self.thresholds.get(name, THRESHOLDS[name]))

    def flow_of(self, intent: str) -> FlowDefinition | None:
        """The flow that `intent` starts; None when it starts none, or one that is switched off."""
        info = self.intents.get(intent)
        return self.flows.get(info.flow) if info and info.flow else None


_cache: dict[int, BotKnowledge] = {}
_lock = threading.Lock()


def knowledge(request: TurnRequest) -> BotKnowledge:
    """The bot's knowledge at the revision the turn was claimed with, or a newer one."""
    return _at(request.bot, request.bot_revision)


def of(bot: Bot) -> BotKnowledge:
    """What a bot knows, at the revision of the row at hand or a newer one."""
    return _at(bot.pk, bot.revision)


def _at(pk: int, revision: int) -> BotKnowledge:
    with _lock:
        cached = _cache.get(pk)
    if cached is not None and cached.revision == revision:
        return cached
    fresh = load(pk)
    with _lock:
        _cache[pk] = fresh
    return fresh


def load(pk: int) -> BotKnowledge:
    """Reads a bot. A stored flow that no longer validates is left out and logged: the others go on."""
    bot = Bot.objects.select_related("brand").get(pk=pk)
    surroundings = Surroundings(slot_types=slot_types.names())
    flows: dict[str, FlowDefinition] = {}
    for row in Flow.objects.filter(bot=bot, enabled=True):
        try:
            flows[row.key] = parse(row.definition, f"flow {row.key}", surroundings)
        except LocatedError as error:
            logger.error("Bot %s: the flow %s is left out. %s", bot.key, row.key, error)
    asked = _asked(pk)
    intents = {
        row.key: IntentInfo(
            row.key,
            row.titles,
            row.descriptions,
            row.topic,
            row.flow,
            row.article,
            row.wording,
            asked.get(row.key, {}),
        )
        for row in Intent.objects.filter(bot=bot).order_by("pk")
    }
    return BotKnowledge(
        pk=pk,
        revision=bot.revision,
        name=bot.name,
        brand_name=bot.brand.name,
        languages=tuple(bot.languages),
        collections=tuple(bot.collections.order_by("key").values_list("key", flat=True)),
        thresholds={**THRESHOLDS, **bot.thresholds},
        intents=intents,
        flows=flows,
        tasks=tuple(info for info in intents.values() if info.flow in flows),
    )


def _asked(pk: int) -> dict[str, dict[str, float]]:
    """Of each intent that starts a flow, by language: the share of examples that want to be told something."""
    rows = IntentExample.objects.filter(intent__bot=pk).exclude(intent__flow="")
    counted: dict[str, dict[str, list[bool]]] = {}
    for key, language, text in rows.values_list("intent__key", "language", "text"):
        counted.setdefault(key, {}).setdefault(language, []).append(cues.has("informs", text, language))
    return {
        key: {language: sum(found) / len(found) for language, found in by_language.items()}
        for key, by_language in counted.items()
    }


def changed(pk: int) -> None:
    """Makes every process load the bot anew at its next turn."""
    # Never lower than the clock: a bot made anew is not mistaken for one that had its key before.
    now = time.time_ns() // 1000
    Bot.objects.filter(pk=pk).update(revision=Greatest(F("revision") + 1, Value(now)))


def _flow_changed(instance: Flow, **_: Any) -> None:
    changed(instance.bot_id)


def _bot_changed(instance: Bot, raw: bool = False, **_: Any) -> None:
    if not raw:
        changed(instance.pk)


def _collections_changed(instance: Any, action: str, **_: Any) -> None:
    if action.startswith("post_") and isinstance(instance, Bot):
        changed(instance.pk)


def _brand_changed(instance: Brand, **_: Any) -> None:
    Bot.objects.filter(brand=instance).update(revision=F("revision") + 1)


def connect() -> None:
    """Called once when the app is ready: what is edited in the admin raises the bot's revision in its transaction."""
    for signal in (post_save, post_delete):
        signal.connect(_flow_changed, sender=Flow, dispatch_uid=f"csbot.flow.{id(signal)}")
    post_save.connect(_bot_changed, sender=Bot, dispatch_uid="csbot.bot")
    post_save.connect(_brand_changed, sender=Brand, dispatch_uid="csbot.brand")
    m2m_changed.connect(_collections_changed, sender=Bot.collections.through, dispatch_uid="csbot.collections")
