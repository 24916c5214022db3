"""Training a bot's understanding: what it is trained on, one training at a time, and the stored result.

One row per bot is the lock, held under a lease on the database's clock: of two processes one trains, and what a dead
one held is free again within minutes.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import close_old_connections, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_save

from csbot import conf
from csbot.nlu.features import normalised
from csbot.nlu.fitting import Example, Progress, fit, prepare
from csbot.nlu.head import NONE, Head
from csbot.nlu.model import IntentModel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from csbot.models import Bot, Intent, IntentExample

logger = logging.getLogger(__name__)
KIND = "intents"
LEASE = timedelta(minutes=5)
"""Renewed at every step of a training; a step is a small part of it."""
MODELS_KEPT = 3
SETTLE_SECONDS = 2.0
"""How long a change waits for the next one: an editor saves several examples in a row."""
EMBEDDER_SECONDS = 60.0
"""How long a training waits for the embedder. Without it the model goes by words and characters."""


class TrainingBusyError(RuntimeError):
    """Another process trains this bot; its result serves every process."""


class NothingToLearnError(ValueError):
    """The bot has no language in which two intents have examples."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a bot's understanding is made from."""

    keys: tuple[str, ...]
    titles: tuple[tuple[str, str, str], ...]
    """(intent, language, title)"""
    examples: tuple[Example, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training did. `languages` has, by language, the figures of `csbot.nlu.figures` for each way to serve:
    `full` (with sentence vectors) and `sparse` (without), all on examples that were not used to fit."""

    bot: str
    revision: int
    seconds: float
    artefact_bytes: int
    embedder: str
    languages: dict[str, dict[str, Any]]


def material(bot_id: int) -> Material:
    """The bot's intents, titles and examples as they are now."""
    from csbot.models import Intent, IntentExample

    rows = Intent.objects.filter(bot=bot_id).order_by("key").values_list("key", "titles")
    titles = tuple((key, language, str(title)) for key, by_language in rows for language, title in by_language.items())
    examples = tuple(
        Example(text, key, language)
        for key, language, text in IntentExample.objects.filter(intent__bot=bot_id)
        .order_by("intent__key", "language", "text")
        .values_list("intent__key", "language", "text")
    )
    parts = [list(titles), [[item.intent, item.language, item.text] for item in examples]]
    fingerprint = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
    return Material(tuple(key for key, _ in rows), titles, examples, fingerprint)


def train(bot: "Bot", *, progress: Progress | None = None) -> TrainingReport:
    """Trains now, in this thread. Raises `TrainingBusyError`, `NothingToLearnError`, or ImportError."""
    run = _take(bot.pk)
    try:
        report = _train(bot, run, progress or logger.debug)
    except BaseException as error:
        _release(run, f"{type(error).__name__}: {error}")
        raise
    _release(run, "")
    return report


def _train(bot: "Bot", run: int, progress: Progress) -> TrainingReport:
    from csbot.models import Bot, TrainedModel

    started = time.perf_counter()
    revision = Bot.objects.values_list("revision", flat=True).get(pk=bot.pk)
    learned = material(bot.pk)

    def step(words: str) -> None:
        _renew(run)
        progress(words)

    step("waiting for the embedder")
    embed, space, spoken = _embedder()
    model, figures = fit_model(learned, embed, space, spoken, step)
    artefact = model.to_bytes()
    seconds = round(time.perf_counter() - started, 2)
    report = TrainingReport(bot.key, revision, seconds, len(artefact), space, figures)
    with transaction.atomic():
        TrainedModel.objects.update_or_create(
            bot=bot,
            kind=KIND,
            revision=revision,
            defaults={
                "artefact": artefact,
                "metrics": {"seconds": seconds, "embedder": space, "languages": figures},
            },
        )
        kept = TrainedModel.objects.filter(bot=bot, kind=KIND).order_by("-revision").values_list("pk", flat=True)
        TrainedModel.objects.filter(bot=bot, kind=KIND).exclude(pk__in=list(kept[:MODELS_KEPT])).delete()
        # Every process compares the revision before it uses what it knows, and finds the new model.
        Bot.objects.filter(pk=bot.pk).update(revision=F("revision") + 1)
    return report


def fit_model(
    learned: Material,
    embed: "Callable[[Sequence[str]], NDArray[np.float32]] | None",
    space: str,
    spoken: frozenset[str],
    progress: Progress,
) -> tuple[IntentModel, dict[str, dict[str, Any]]]:
    """A head for every language with two intents or more, with sentence vectors in the languages `spoken`."""
    by_language: dict[str, list[Example]] = {}
    for example in learned.examples:
        by_language.setdefault(example.language, []).append(example)
    trained: dict[str, Head] = {}
    figures: dict[str, dict[str, Any]] = {}
    for language, examples in sorted(by_language.items()):
        if len({example.intent for example in examples} - {NONE}) < 2:
            continue
        examples = _without_doubles(examples)
        titles = {key: title for key, tag, title in learned.titles if tag == language}
        progress(f"{language}: {len(examples)} examples")
        data = prepare(examples, titles, embed if language in spoken else None)
        trained[language], figures[language] = fit(data, _saying(language, progress))
    if not trained:
        raise NothingToLearnError("no language has examples of two intents or more: add examples in the admin")
    return IntentModel(trained, space, learned.fingerprint), figures


def _saying(language: str, progress: Progress) -> Progress:
    return lambda words: progress(f"{language}: {words}")


def _without_doubles(examples: Sequence[Example]) -> list[Example]:
    """One of those that read the same: a twin in another fold would make the figures too good."""
    return list({(normalised(item.text), item.intent): item for item in examples}.values())


def _embedder() -> "tuple[Callable[[Sequence[str]], NDArray[np.float32]] | None, str, frozenset[str]]":
    from kb import embedders

    embedder = embedders.wait(EMBEDDER_SECONDS)
    if embedder is None:
        return None, "", frozenset()
    return embedder.embed, embedder.name, embedder.languages


def _lease_end() -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(Now() + Value(LEASE), output_field=DateTimeField())


def _take(bot_id: int) -> int:
    from csbot.models import TrainingRun

    run, _ = TrainingRun.objects.get_or_create(bot_id=bot_id, kind=KIND)
    free = TrainingRun.objects.filter(Q(running_until=None) | Q(running_until__lt=Now()), pk=run.pk)
    if not free.update(running_until=_lease_end(), error=""):
        raise TrainingBusyError("this bot is being trained by another process; its result will serve here too")
    return run.pk


def _renew(run: int) -> None:
    from csbot.models import TrainingRun

    TrainingRun.objects.filter(pk=run).update(running_until=_lease_end())


def _release(run: int, error: str) -> None:
    from csbot.models import TrainingRun

    TrainingRun.objects.filter(pk=run).update(running_until=None, error=error[:2000])


_pending: set[int] = set()
_pending_lock = threading.Lock()


def train_soon(bot_id: int) -> None:
    """Begins a training in a background thread, unless one waits here or `CSBOT_TRAIN_ON_CHANGE` is off."""
    if not conf.TRAIN_ON_CHANGE():
        return
    with _pending_lock:
        if bot_id in _pending:
            return
        _pending.add(bot_id)
    threading.Thread(target=_train_in_background, args=(bot_id,), name="csbot-training", daemon=True).start()


def _train_in_background(bot_id: int) -> None:
    from csbot.models import Bot

    try:
        while True:
            before = _settled(bot_id)
            with _pending_lock:
                _pending.discard(bot_id)  # a change from here on asks for a training of its own
            bot = Bot.objects.filter(pk=bot_id).first()
            if bot is None or _has_model(bot_id, before):
                return
            try:
                report = train(bot)
            except TrainingBusyError:
                return
            logger.info("Bot %s was trained in %s s: %s", report.bot, report.seconds, report.languages)
            if material(bot_id).fingerprint == before:
                return
    except NothingToLearnError as error:
        logger.info("Bot %s is not trained: %s", bot_id, error)
    except ImportError as missing:
        logger.warning("Bot %s is understood by nearest examples: training needs scikit-learn (%s).", bot_id, missing)
    except Exception:  # the outermost door of this thread: the lesser engine goes on serving
        logger.exception("Bot %s could not be trained.", bot_id)
    finally:
        with _pending_lock:
            _pending.discard(bot_id)
        connection.close()


def _settled(bot_id: int) -> str:
    """The fingerprint of the material once it stayed the same for a moment."""
    pause = threading.Event()  # never set
    before = ""
    while True:
        close_old_connections()
        now = material(bot_id).fingerprint
        if now == before:
            return now
        before = now
        pause.wait(SETTLE_SECONDS)


def _has_model(bot_id: int, fingerprint: str) -> bool:
    """Whether another process has stored a model of this very material meanwhile."""
    from csbot.models import TrainedModel

    stored = TrainedModel.objects.filter(bot=bot_id, kind=KIND).order_by("-revision")
    artefact = stored.values_list("artefact", flat=True).first()
    try:
        return artefact is not None and IntentModel.from_bytes(bytes(artefact)).fingerprint == fingerprint
    except ValueError:
        return False


def is_current(bot_id: int) -> bool:
    """Whether the newest stored model was made from the examples as they are now."""
    return _has_model(bot_id, material(bot_id).fingerprint)


def connect() -> None:
    """Called once when the app is ready: a saved or deleted intent or example raises its bot's revision."""
    from csbot.models import Intent, IntentExample

    for model in (Intent, IntentExample):
        for signal in (post_save, post_delete):
            signal.connect(_raise_revision, sender=model, dispatch_uid=f"csbot.learning.{model.__name__}.{id(signal)}")


def _raise_revision(sender: type, instance: "Intent | IntentExample", raw: bool = False, **_kwargs: object) -> None:
    from csbot.models import Bot, Intent

    if raw:
        return
    of_it = Q(pk=instance.bot_id) if isinstance(instance, Intent) else Q(intents=instance.intent_id)
    Bot.objects.filter(of_it).update(revision=F("revision") + 1)
