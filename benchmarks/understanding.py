"""How well and how fast csbot understands: intents, unknown intents, sentiment, language, against named peers.

    python -m benchmarks.understanding [--sets BANKING77,HWU64] [--shots 5,10,all] [--vectors FILE]

Prints one JSON object. Test splits are judged once and never fitted or tuned on. The peer of intents is MiniLM with
scikit-learn's logistic regression, on the same vectors in the same run; of sentiment, VADER as published. `--vectors`
keeps sentence vectors between runs (a .npz file); embedding time is measured apart either way.
"""

import csv
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csbot.project.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.machine import options_of, report  # noqa: E402
from csbot.nlu import sentiment  # noqa: E402
from csbot.nlu.features import grams  # noqa: E402
from csbot.nlu.figures import auroc  # noqa: E402
from csbot.nlu.fitting import Example  # noqa: E402
from csbot.nlu.language import detect  # noqa: E402
from csbot.nlu.learning import Material, fit_model  # noqa: E402
from csbot.nlu.model import IntentModel  # noqa: E402
from kb.embedders.minilm import MiniLM  # noqa: E402

Texts = tuple[list[str], list[str]]


class Vectors:
    """Sentence vectors by text, each embedded once."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.embedder = MiniLM()
        self.by_text: dict[str, NDArray[np.float32]] = {}
        if path and path.exists():
            with np.load(path) as stored:
                texts = stored["texts"].tobytes().decode().split("\x00")
                self.by_text = dict(zip(texts, stored["vectors"].astype(np.float32), strict=True))

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        missing = sorted({text for text in texts if text not in self.by_text})
        if missing:
            self.by_text.update(zip(missing, self.embedder.embed(missing), strict=True))
            if self.path:
                vectors = np.stack(list(self.by_text.values())).astype(np.float16)
                joined = np.frombuffer("\x00".join(self.by_text).encode(), np.uint8)
                np.savez(self.path, allow_pickle=False, texts=joined, vectors=vectors)
        return np.stack([self.by_text[text] for text in texts])


def split(name: str, part: str) -> Texts:
    if name == "BANKING77" and part in ("all", "test"):
        with (DATA / "banking77" / f"{'train' if part == 'all' else 'test'}.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return [row["text"] for row in rows], [row["category"] for row in rows]
    folder = DATA / "fewshot" / name / {"5": "train_5", "10": "train_10", "all": "train"}.get(part, part)
    texts = (folder / "seq.in").read_text(encoding="utf-8").splitlines()
    return texts, (folder / "label").read_text(encoding="utf-8").split("\n")[: len(texts)]


def fitted(train: Texts, vectors: Vectors) -> tuple[IntentModel, dict[str, Any], float]:
    examples = tuple(Example(text, label, "en") for text, label in zip(*train, strict=True))
    keys = tuple(sorted(set(train[1])))
    titles = tuple((key, "en", key.replace("_", " ").replace("?", "")) for key in keys)
    vectors([*train[0], *(title for _, _, title in titles)])
    started = time.perf_counter()
    material = Material(keys, titles, examples, "benchmark")
    model, figures = fit_model(material, vectors, "MiniLM", frozenset({"en"}), lambda _words: None)
    return IntentModel.from_bytes(model.to_bytes()), figures["en"], time.perf_counter() - started


def intents(name: str, shots: str, vectors: Vectors) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    train, test = split(name, shots), split(name, "test")
    model, held_out, seconds = fitted(train, vectors)
    embedded = vectors(test[0])
    right = {"full": 0, "sparse": 0}
    confidences = []
    for text, label, vector in zip(*test, embedded, strict=True):
        for way, given in (("full", vector), ("sparse", None)):
            found, _, _ = model.heads["en"].probabilities(grams(text), given)
            best = max(found, key=lambda key: found[key])
            right[way] += best == label
            if way == "full":
                confidences.append((found[best], best == label))
    peer = LogisticRegression(C=10, max_iter=300).fit(vectors(train[0]), train[1])
    return {
        "set": name,
        "shots": shots,
        "examples": len(train[0]),
        "accuracy": round(100 * right["full"] / len(test[0]), 2),
        "accuracy_without_vectors": round(100 * right["sparse"] / len(test[0]), 2),
        "peer_minilm_logistic_regression": round(100 * float(peer.score(embedded, test[1])), 2),
        "held_out_accuracy": held_out["full"]["accuracy"],
        "calibration_error": calibration_error(confidences),
        "training_seconds_after_embedding": round(seconds, 1),
        "artefact_mb": round(len(model.to_bytes()) / 1e6, 2),
    }


def calibration_error(confidences: list[tuple[float, bool]]) -> float:
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for confidence, right in confidences:
        bins[min(int(confidence * 10), 9)].append((confidence, right))
    gaps = (abs(sum(c for c, _ in part) - sum(r for _, r in part)) for part in bins)
    return round(sum(gaps) / len(confidences), 4)


def unknown(vectors: Vectors) -> dict[str, Any]:
    """Unknown intents, near and far, told from known ones by a model that saw no example of the unknown."""
    name = "BANKING77-OOS"
    train, test = split(name, "train"), split(name, "test")
    model, _, _ = fitted(train, vectors)
    near = (DATA / "fewshot" / name / "id-oos" / "test" / "seq.in").read_text(encoding="utf-8").splitlines()
    far = (DATA / "fewshot" / name / "ood-oos" / "test" / "seq.in").read_text(encoding="utf-8").splitlines()
    examples = vectors(train[0])

    def known(texts: list[str]) -> list[float]:
        return [1 - model.heads["en"].probabilities(grams(t), v)[1] for t, v in zip(texts, vectors(texts), strict=True)]

    def nearest(texts: list[str]) -> list[float]:
        return [float((examples @ vector).max()) for vector in vectors(texts)]

    inside, inside_nearest = known(test[0]), nearest(test[0])
    return {
        "auroc_near": auroc(inside, known(near)),
        "auroc_far": auroc(inside, known(far)),
        "peer_nearest_neighbour_near": auroc(inside_nearest, nearest(near)),
        "peer_nearest_neighbour_far": auroc(inside_nearest, nearest(far)),
    }


def tweets() -> dict[str, Any]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    lines = (DATA / "tweets" / "tweets_GroundTruth.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t", 2) for line in lines]
    people = [float(row[1]) for row in rows]
    vader = SentimentIntensityAnalyzer()
    own, own_us = timed(lambda text: sentiment.score(text, "en"), [row[2] for row in rows])
    peer, peer_us = timed(lambda text: float(vader.polarity_scores(text)["compound"]), [row[2] for row in rows])
    return {
        "r": round(float(np.corrcoef(people, own)[0, 1]), 4),
        "peer_vader_r": round(float(np.corrcoef(people, peer)[0, 1]), 4),
        "microseconds": own_us,
        "peer_vader_microseconds": peer_us,
    }


def timed(work: Callable[[str], Any], texts: Sequence[str]) -> tuple[list[Any], float]:
    """Results, and the median microseconds of one."""
    results, times = [], []
    for text in texts:
        started = time.perf_counter()
        results.append(work(text))
        times.append(time.perf_counter() - started)
    return results, round(statistics.median(times) * 1e6, 1)


def languages() -> dict[str, Any]:
    """XQuAD's questions, English and Chinese, whole and cut to their first letters."""
    found: dict[str, Any] = {}
    for language in ("en", "zh"):
        path = DATA / "xquad" / f"xquad.{language}.json"
        stored = json.loads(path.read_text(encoding="utf-8"))
        questions = [
            item["question"] for part in stored["data"] for block in part["paragraphs"] for item in block["qas"]
        ]
        for name, length in (("whole", 10_000), ("first_12_characters", 12)):
            texts = [question[:length] for question in questions]
            results, microseconds = timed(lambda text: detect(text, expected=("en", "zh")).language, texts)
            found[f"{language}_{name}"] = {
                "accuracy": round(100 * sum(result == language for result in results) / len(results), 2),
                "microseconds": microseconds,
            }
    return found


def latency(vectors: Vectors) -> dict[str, Any]:
    """Milliseconds of one prediction never made before, English with its sentence vector and Chinese without."""
    import yaml

    pack = yaml.safe_load((ROOT / "csbot" / "packs" / "shop" / "intents.yaml").read_text(encoding="utf-8"))
    examples = tuple(
        Example(str(text), intent["key"], language)
        for intent in pack
        for language, texts in intent["examples"].items()
        for text in texts
    )
    titles = tuple((intent["key"], language, title) for intent in pack for language, title in intent["title"].items())
    started = time.perf_counter()
    vectors.embedder.embed([item.text for item in examples if item.language == "en"])
    embedding = time.perf_counter() - started
    vectors([item.text for item in examples if item.language == "en"])
    started = time.perf_counter()
    model, figures = fit_model(
        Material(tuple(intent["key"] for intent in pack), titles, examples, "shop"),
        vectors,
        "MiniLM",
        frozenset({"en"}),
        lambda _words: None,
    )
    fitting = time.perf_counter() - started
    english = split("HWU64", "test")[0][:150]
    chinese = [item.text + "呢" for item in examples if item.language == "zh"][:300]
    heads = model.heads
    _, with_vector = timed(
        lambda text: heads["en"].probabilities(grams(text), vectors.embedder.embed([text])[0]), english
    )
    _, vector_alone = timed(lambda text: vectors.embedder.embed([text]), english)
    _, without = timed(lambda text: heads["zh"].probabilities(grams(text), None), chinese)
    return {
        "english_cold_ms": round(with_vector / 1000, 2),
        "of_that_minilm_ms": round(vector_alone / 1000, 2),
        "chinese_cold_ms": round(without / 1000, 2),
        "shop_examples": len(examples),
        "shop_embedding_seconds": round(embedding, 1),
        "shop_fitting_seconds": round(fitting, 1),
        "shop_held_out": {
            language: {way: {k: v for k, v in part.items() if k != "mistakes"} for way, part in ways.items()}
            for language, ways in figures.items()
        },
    }


def main() -> None:
    parser = options_of(__doc__ or "")
    parser.add_argument("--sets", default="BANKING77,HWU64", help="sets of intents; empty for none")
    parser.add_argument("--shots", default="5,10,all", help="examples an intent")
    parser.add_argument("--vectors", type=Path, help="where sentence vectors are kept between runs")
    options = parser.parse_args()
    if options.short:
        options.shots = "5"
    if not DATA.is_dir():
        raise SystemExit(f"The public sets are not at {DATA}: nothing to measure with.")
    vectors = Vectors(options.vectors)
    figures = {
        "intents": [
            intents(name, shots, vectors)
            for name in options.sets.split(",")
            if name
            for shots in options.shots.split(",")
        ],
        "unknown_intents": unknown(vectors) if "all" in options.shots else None,
        "sentiment_tweets": tweets(),
        "language": languages(),
        "latency": latency(vectors),
    }
    report("understanding", figures, options)


if __name__ == "__main__":
    main()
