"""Fits and judges the weights of questions that lean on the answer before. Prints JSON; stores nothing.

    python -m benchmarks.leaning [--dense] [--write]

The conversations of `benchmarks/data/leaning_*.yaml` are asked in the sample shop. The ranking weights minimise the
softmax loss of the articles that answer among all that were looked at, a logistic regression makes strength, lead,
the share of the question that the article speaks of and the share that nobody knows a probability. `cross_fitted` is
judged in six folds, each by weights that did not see it; `--write` puts the weights of all into
`kb/retrieval/weights.json`.
"""

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csbot.project.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
import yaml  # noqa: E402
from django.conf import settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.machine import options_of, report  # noqa: E402
from benchmarks.retrieval import throwaway_database  # noqa: E402
from csbot.dialogue.followups import lean  # noqa: E402
from csbot.packs.loading import load  # noqa: E402
from kb import embedders  # noqa: E402
from kb.models import Article  # noqa: E402
from kb.retrieval.context import SIGNALS, Context, leaning  # noqa: E402
from kb.retrieval.fusion import clipped, leads  # noqa: E402
from kb.search import prepare  # noqa: E402

Floats = NDArray[np.float64]
WEIGHTS = ROOT / "kb" / "retrieval" / "weights.json"
FOLDS, PULL, PULL_OF_CHANCE, LOOKED_AT = 6, 0.02, 0.001, 4
ANSWERED = 0.55


@dataclass(frozen=True)
class Asked:
    """One leaning question: rows of signals by article, which answer, what each speaks of, what nobody knows."""

    rows: Floats
    right: Floats
    spoken: Floats
    unknown: float
    answerable: bool


@dataclass(frozen=True)
class Fitted:
    signals: Floats
    chance: Floats  # bias, slope, lead, spoken, unknown

    def chances(self, asked: Asked) -> Floats:
        strengths = (asked.rows @ self.signals).tolist()
        ahead = [clipped(lead) for lead in leads(strengths)]
        made = [[1.0, s, a, p, -asked.unknown] for s, a, p in zip(strengths, ahead, asked.spoken, strict=True)]
        return np.asarray(1 / (1 + np.exp(-np.array(made) @ self.chance)))


def asked(language: str) -> list[Asked]:
    ids = {article.key: (str(article.pk), article.collection.key) for article in Article.objects.all()}
    found = []
    for case in yaml.safe_load((ROOT / "benchmarks" / "data" / f"leaning_{language}.yaml").read_text()):
        how_far = lean(case["then"], language)
        article, collection = ids[case["answered"]]
        context = Context(article, case["first"], how_far)
        looked_at, unknown = leaning(case["then"], context, [collection], language=language, verified=True)
        keys = [one.weighed.candidate.document.key for one in looked_at]
        found.append(
            Asked(
                np.array([one.row(how_far) for one in looked_at]),
                np.array([float(key in case["articles"]) for key in keys]),
                np.array([one.spoken for one in looked_at]),
                unknown,
                bool(case["articles"]),
            )
        )
    return found


def descended(gradient: Any, start: Floats, at_least: Floats) -> Floats:
    """The minimum by Adam (Kingma and Ba 2015), within its bounds."""
    place, first, second = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, 801):
        slope = gradient(place)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        rate = 0.1 / (1 + step / 200)
        place = place - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        place = np.maximum(place, at_least)
    return place


def fit(cases: Sequence[Asked]) -> Fitted:
    known = [case for case in cases if case.right.any()]

    def ranking(weights: Floats) -> Floats:
        gradient = PULL * weights
        for case in known:
            strengths = case.rows @ weights
            shares = np.exp(strengths - strengths.max())
            shares /= shares.sum()
            wanted = shares * case.right
            gradient = gradient + case.rows.T @ (shares - wanted / (wanted.sum() + 1e-12)) / len(known)
        return gradient

    signals = descended(ranking, np.full(len(SIGNALS), 0.5), np.zeros(len(SIGNALS)))
    rows, labels = [], []
    for case in cases:
        strengths = (case.rows @ signals).tolist()
        ahead = leads(strengths)
        for at in sorted(range(len(strengths)), key=lambda place: -strengths[place])[:LOOKED_AT]:
            rows.append([1.0, strengths[at], clipped(ahead[at]), case.spoken[at], -case.unknown])
            labels.append(case.right[at])
    made, wanted = np.array(rows), np.array(labels)
    before = np.array([-2.0, 0.3, 0.3, 0.0, 0.0])

    def chance(line: Floats) -> Floats:
        return np.asarray(made.T @ (1 / (1 + np.exp(-made @ line)) - wanted) / len(wanted)) + PULL_OF_CHANCE * (
            line - before
        )

    return Fitted(signals, descended(chance, before, np.array([-9.0, 0.01, 0.0, 0.0, 0.0])))


def judged(cases: Sequence[tuple[Asked, Fitted]]) -> dict[str, int]:
    """How many of the answerable are ranked first, answered and answered rightly; how many others are answered."""
    counted = dict.fromkeys(("answerable", "first", "answered", "answered_rightly", "others", "others_answered"), 0)
    for case, fitted in cases:
        chances = fitted.chances(case)
        best = int(chances.argmax())
        said = bool(chances[best] >= ANSWERED)
        if not case.answerable:
            counted["others"] += 1
            counted["others_answered"] += said
            continue
        counted["answerable"] += 1
        counted["first"] += bool(case.right[best])
        counted["answered"] += said
        counted["answered_rightly"] += said and bool(case.right[best])
    return counted


def cross_fitted(cases: Sequence[Asked]) -> list[tuple[Asked, Fitted]]:
    places = list(range(len(cases)))
    random.Random(3).shuffle(places)
    found = []
    for number in range(FOLDS):
        left_out = set(places[number::FOLDS])
        fitted = fit([case for at, case in enumerate(cases) if at not in left_out])
        found += [(cases[at], fitted) for at in sorted(left_out)]
    return found


def main() -> None:
    parser = options_of(__doc__ or "")
    parser.add_argument("--dense", action="store_true", help="with the embedder, in the languages it knows")
    parser.add_argument("--write", action="store_true", help="put the weights into kb/retrieval/weights.json")
    options = parser.parse_args()
    settings.CSBOT_TRAIN_ON_CHANGE = False
    if not options.dense:
        settings.CSBOT_EMBEDDER = ""
    figures: dict[str, Any] = {"embedder": options.dense}
    stored = json.loads(WEIGHTS.read_text())
    section = stored.setdefault("leaning_dense" if options.dense else "leaning", {})
    with throwaway_database():
        load("shop")
        if options.dense:
            prepare()
        embedder = embedders.current()
        for language in sorted(embedder.languages) if options.dense and embedder else ["en", "zh"]:
            cases = asked(language)
            fitted = fit(cases)
            names = (*SIGNALS, "bias", "slope", "lead", "spoken_chance", "unknown")
            values = [round(float(value), 3) for value in (*fitted.signals, *fitted.chance)]
            section["*" if language == "en" else language] = dict(zip(names, values, strict=True))
            figures[language] = {
                "cross_fitted": judged(cross_fitted(cases)),
                "seen": judged([(case, fitted) for case in cases]),
            }
    if options.write:
        lines = [
            f'  "{name}": {{\n'
            + ",\n".join(f'    "{language}": {json.dumps(weights)}' for language, weights in by_language.items())
            + "\n  }"
            for name, by_language in stored.items()
        ]
        WEIGHTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    report("leaning", figures, options)


if __name__ == "__main__":
    main()
