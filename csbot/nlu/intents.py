"""What a customer wants: the bot's intents with calibrated confidence, and the chance that it is none of them.

The bot's trained model is loaded once per process and looked at again when the bot's revision rises. What its examples
say word for word holds at once; new intents are found by their nearest example until the next training, which begins
in the background.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csbot.nlu.features import grams, normalised
from csbot.nlu.fitting import Example
from csbot.nlu.head import NONE
from csbot.nlu.model import IntentModel, UnreadableArtefactError
from csbot.nlu.nearest import NearestExamples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from csbot.models import Bot
    from csbot.nlu.fitting import Progress
    from csbot.nlu.learning import TrainingReport

__all__ = ["NONE", "IntentScore", "Understanding", "classify", "forget", "train"]

logger = logging.getLogger(__name__)
WORD_FOR_WORD = 0.99
"""The confidence of a text that is one of the examples, or an intent's title."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """An intent's key and the probability that the text expresses it."""

    key: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The bot's intents, best first, and the probability of none of them; together they are 1.

    `engine` says who judged: `example` (word for word), `linear/full` (sentence vectors, words and characters),
    `linear/sparse` (words and characters), `nearest` (the nearest example).
    """

    intents: tuple[IntentScore, ...]
    none: float
    engine: str


@dataclass(slots=True)
class Known:
    """What this process knows of one bot's intents, as of one revision."""

    revision: int
    keys: frozenset[str]
    said: Mapping[tuple[str, str], str]
    examples: tuple[Example, ...]
    model: IntentModel | None
    model_id: int | None
    unlearned: frozenset[str]
    """Intents that the model was not fitted on."""
    nearest: dict[str, NearestExamples] = field(default_factory=dict)

    def nearest_in(self, language: str) -> NearestExamples:
        """The search over the examples of `language`, or over all where it has none."""
        found = self.nearest.get(language)
        if found is None:
            own = [example for example in self.examples if example.language == language]
            found = self.nearest[language] = NearestExamples(own or self.examples)
        return found


_known: dict[int, Known] = {}
_lock = threading.Lock()


def classify(bot_id: int, text: str, language: str) -> Understanding:
    """The intents of bot `bot_id` that `text` expresses, as probabilities. An unknown bot has none."""
    known = _current(bot_id)
    plain = normalised(text).strip()
    if known is None or not known.examples or not any(character.isalnum() for character in plain):
        return Understanding((), 1.0, "")
    if key := known.said.get((language, _spoken(plain))):
        if key == NONE:
            return Understanding((), WORD_FOR_WORD, "example")
        return Understanding((IntentScore(key, WORD_FOR_WORD),), 1.0 - WORD_FOR_WORD, "example")
    head = known.model.heads.get(language) if known.model else None
    if known.model is None or head is None:
        found, none = known.nearest_in(language).probabilities(text)
        return _understanding(found, none, "nearest")
    found, none, mode = head.probabilities(grams(text), _vector(text, language, known.model))
    gone = found.keys() - known.keys
    none += sum(found.pop(key) for key in gone)
    if known.unlearned:
        newer, _ = known.nearest_in(language).probabilities(text)
        best = max(newer, key=lambda key: newer[key], default="")
        if best in known.unlearned and newer[best] > max(found.values(), default=0.0):
            return _understanding(newer, 1.0 - sum(newer.values()), "nearest")
    return _understanding(found, none, f"linear/{mode}")


def train(bot: "Bot", *, progress: "Progress | None" = None) -> "TrainingReport":
    """Fits the bot's model on its examples and stores it; raises `learning.TrainingBusyError` while another one runs.

    `progress` is told each step in words. The report's figures are of examples that were not used to fit.
    """
    from csbot.nlu import learning

    return learning.train(bot, progress=progress)


def forget(bot_id: int | None = None) -> None:
    """Drops what this process knows of one bot, or of all: the next text reads it anew."""
    with _lock:
        if bot_id is None:
            _known.clear()
        else:
            _known.pop(bot_id, None)


def _understanding(found: Mapping[str, float], none: float, engine: str) -> Understanding:
    ranked = sorted(found.items(), key=lambda item: -item[1])
    scores = tuple(IntentScore(key, round(confidence, 4)) for key, confidence in ranked if confidence >= 0.0005)
    return Understanding(scores, round(max(0.0, min(1.0, none)), 4), engine)


def _spoken(plain: str) -> str:
    """The words of a normalised text without its punctuation: "Return an item!" is said as "return an item"."""
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def _vector(text: str, language: str, model: IntentModel) -> "NDArray[np.float32] | None":
    """The sentence vector, where the embedder is ready, speaks the language and is the one of the fitting."""
    if not model.space:
        return None
    from kb import embedders

    embedder = embedders.current()
    if embedder is None or embedder.name != model.space or language not in embedder.languages:
        return None
    return embedders.embed_query(text)


def _current(bot_id: int) -> Known | None:
    from csbot.models import Bot

    revision = Bot.objects.filter(pk=bot_id).values_list("revision", flat=True).first()
    if revision is None:
        return None
    known = _known.get(bot_id)
    if known is None or known.revision != revision:
        with _lock:
            known = _known.get(bot_id)
            if known is None or known.revision != revision:
                known = _known[bot_id] = _read(bot_id, revision, known)
    return known


def _read(bot_id: int, revision: int, before: Known | None) -> Known:
    from csbot.models import TrainedModel
    from csbot.nlu import learning

    material = learning.material(bot_id)
    said = {(language, _spoken(normalised(title))): key for key, language, title in material.titles if key != NONE}
    said.update({(item.language, _spoken(normalised(item.text))): item.intent for item in material.examples})
    stored = TrainedModel.objects.filter(bot=bot_id, kind=learning.KIND).order_by("-revision")
    newest = stored.values_list("pk", flat=True).first()
    model = None
    if newest is not None:
        if before is not None and before.model_id == newest:
            model = before.model
        else:
            model = _load(bot_id, bytes(stored.values_list("artefact", flat=True)[0]))
    if model is None or model.fingerprint != material.fingerprint:
        learning.train_soon(bot_id)
    keys = frozenset(material.keys)
    learned = {key for head in model.heads.values() for key in head.classes} if model else set()
    unlearned = keys - learned - {NONE} if model else frozenset[str]()
    return Known(revision, keys, said, material.examples, model, newest, unlearned)


def _load(bot_id: int, artefact: bytes) -> IntentModel | None:
    try:
        return IntentModel.from_bytes(artefact)
    except UnreadableArtefactError as error:
        logger.warning("Bot %s is understood by nearest examples: %s. Run `manage.py csbot_train`.", bot_id, error)
        return None
