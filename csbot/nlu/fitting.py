"""Fitting a head from examples: scorers, their blend, the detector of the unknown; each judged on what it did not see.

The scorers are fitted again on folds of the examples, so that every example gets scores from scorers that never saw
it. Blend, temperature and detector are fitted on those scores, and the figures reported come from fitting those on the
other folds again. What "none of these" looks like is learned from the examples of `none` and from leaving whole
intents out. Needs scikit-learn; the result needs numpy alone.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from csbot.nlu import head as heads
from csbot.nlu.features import Vocabulary, Weighed, grams
from csbot.nlu.head import NONE, Calibration, Evidence, Head, Linear

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

FOLDS = 5
FOLDS_OF_MANY = 3
MANY = 4000
"""Examples from which fewer folds do and examples with left-out intents are a sample."""
DENSE_C, SPARSE_C, JOINT_C = 20.0, 10.0, 0.5
UNKNOWN_SHARE, UNKNOWN_SHARE_BESIDE_NONE = 0.25, 0.1
"""What left-out intents weigh against the known ones: a guess at how often a customer is off topic. Where `none` has
examples of its own, those say it better."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that expresses an intent."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """Examples of one language with their features; `vectors` has a row for each, or is None."""

    labels: tuple[str, ...]
    counted: tuple[Counter[str], ...]
    vectors: "Array | None"
    titles: tuple[str, ...]
    """Intents whose title joins the fitting as one more example, never the judging."""
    title_counted: tuple[Counter[str], ...]
    title_vectors: "Array | None"


@dataclass(frozen=True, slots=True)
class Judged:
    """One example's evidence from scorers that did not see it; `label` is None where its intent was left out."""

    evidence: Evidence
    classes: tuple[str, ...]
    label: str | None
    fold: int


def prepare(
    examples: Sequence[Example], titles: Mapping[str, str], embed: "Callable[[Sequence[str]], Array] | None"
) -> Prepared:
    """Features of the examples and titles, and their sentence vectors where `embed` is given."""
    texts = [example.text for example in examples]
    labels = tuple(example.intent for example in examples)
    titled = tuple(key for key in sorted(set(labels)) if key != NONE and titles.get(key))
    vectors = embed([*texts, *(titles[key] for key in titled)]) if embed else None
    return Prepared(
        labels,
        tuple(map(grams, texts)),
        vectors[: len(texts)] if vectors is not None else None,
        titled,
        tuple(grams(titles[key]) for key in titled),
        vectors[len(texts) :] if vectors is not None else None,
    )


def fit(data: Prepared, progress: Progress) -> tuple[Head, dict[str, Any]]:
    """A calibrated head and its held-out figures. Needs two intents or more."""
    import scipy.optimize  # noqa: F401  # the limit holds for libraries that are loaded when it is set
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits

    # The matrices are small: on a busy machine threads of linear algebra wait for each other far longer than they work.
    with threadpool_limits(1, user_api="blas"):
        return _fit(data, progress)


def _fit(data: Prepared, progress: Progress) -> tuple[Head, dict[str, Any]]:
    everything = range(len(data.labels))
    folds = deal(data.labels, FOLDS if len(data.labels) < MANY else FOLDS_OF_MANY)
    judged: list[Judged] = []
    for number, fold in enumerate(folds):
        progress(f"fold {number + 1} of {len(folds)}")
        kept = sorted(set(everything) - set(fold))
        part = fit_scorers(data, kept)
        judged += [_judge(part, data, place, data.labels[place], number) for place in fold]
    judged += _leave_intents_out(data, progress)
    modes = ("sparse", "full") if data.vectors is not None else ("sparse",)
    progress("calibrating")
    figures: dict[str, Any] = {}
    calibrations: dict[str, Calibration] = {}
    for mode in modes:
        evidence = judged if mode == "full" else [_without_vector(item) for item in judged]
        calibrations[mode] = calibrate(evidence)
        figures[mode] = _cross_fitted_figures(evidence, len(folds))
    progress("fitting on all examples")
    whole = fit_scorers(data, list(everything))
    return replace(whole, calibrations=calibrations), figures


def deal(labels: Sequence[str], folds: int) -> list[list[int]]:
    """Places dealt out so that every fold has its share of every label; always the same for the same labels."""
    by_label: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        by_label.setdefault(label, []).append(place)
    dealt: list[list[int]] = [[] for _ in range(folds)]
    generator = random.Random(20_240_117)  # noqa: S311  # a reproducible deal, no secret
    offset = 0
    for label in sorted(by_label):
        places = by_label[label]
        generator.shuffle(places)
        for number, place in enumerate(places):
            dealt[(number + offset) % folds].append(place)
        offset += len(places)
    return [sorted(fold) for fold in dealt if fold]


def fit_scorers(data: Prepared, kept: Sequence[int], without: frozenset[str] = frozenset()) -> Head:
    """A head without calibration from the examples at `kept`, with none of the intents `without`."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    kept = [place for place in kept if data.labels[place] not in without]
    titles = [number for number, key in enumerate(data.titles) if key not in without]
    counted = [data.counted[place] for place in kept] + [data.title_counted[number] for number in titles]
    labels = np.array([data.labels[place] for place in kept] + [data.titles[number] for number in titles])
    vocabulary = Vocabulary.of(counted)
    words = _matrix([vocabulary.weigh(counts) for counts in counted], len(vocabulary.places))
    classes = tuple(str(key) for key in np.unique(labels))
    # On many examples the second is as good, in a third of the time.
    sparse = _logistic(words, labels) if len(kept) < MANY else _linear(LinearSVC(C=JOINT_C).fit(words, labels))
    membership = csr_matrix(
        (np.ones(len(labels), np.float32), (np.searchsorted(classes, labels), np.arange(len(labels))))
    )
    centres = np.asarray((membership @ words).todense(), np.float32).T
    centres /= np.maximum(np.linalg.norm(centres, axis=0, keepdims=True), 1e-9)
    plain = Head(classes, vocabulary, sparse, centres, None, None, None, {})
    if data.vectors is None or data.title_vectors is None:
        return plain
    vectors = np.concatenate([data.vectors[kept], data.title_vectors[titles]])
    dense = LogisticRegression(C=DENSE_C, max_iter=150, tol=1e-3).fit(vectors, labels)
    joint = LinearSVC(C=JOINT_C).fit(hstack([csr_matrix(vectors), words * heads.JOINT_SPARSE]).tocsr(), labels)
    return replace(plain, dense=_linear(dense), joint=_linear(joint), examples=vectors.astype(np.float32))


def _logistic(words: Any, labels: "NDArray[np.str_]") -> Linear:
    """Logistic regression on sparse rows, fitted in the span of the examples: by the representer theorem the weights
    lie there, so rows of the Cholesky factor of their inner products give the very same fit with one number for each
    example instead of one for each feature, which is twenty times as many."""
    import numpy as np
    from scipy.linalg import cholesky, solve_triangular
    from sklearn.linear_model import LogisticRegression

    inner = (words @ words.T).toarray().astype(np.float64)
    inner[np.diag_indices_from(inner)] += 1e-6  # examples may repeat each other
    factor = cholesky(inner, lower=True)
    fitted = LogisticRegression(C=SPARSE_C, max_iter=200, tol=1e-3).fit(factor, labels)
    shares = solve_triangular(factor, fitted.coef_.T, lower=True, trans="T")
    fitted.coef_ = np.asarray(words.T @ shares).T
    return _linear(fitted)


def _linear(fitted: Any) -> Linear:
    import numpy as np

    weights, bias = fitted.coef_.T.astype(np.float32), fitted.intercept_.astype(np.float32)
    if len(fitted.classes_) == 2:  # one score stands for two
        weights, bias = np.hstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return Linear(np.ascontiguousarray(weights), bias)


def _matrix(rows: Sequence[Weighed], width: int) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0] + [len(row.places) for row in rows])
    return csr_matrix(
        (np.concatenate([row.weights for row in rows]), np.concatenate([row.places for row in rows]), ends),
        shape=(len(rows), width),
    )


def _judge(part: Head, data: Prepared, place: int, label: str | None, fold: int) -> Judged:
    vector = data.vectors[place] if data.vectors is not None else None
    return Judged(part.evidence(data.counted[place], vector), part.classes, label, fold)


def _without_vector(item: Judged) -> Judged:
    return replace(item, evidence=replace(item.evidence, dense=None, joint=None, nearest=0.0))


def _leave_intents_out(data: Prepared, progress: Progress) -> list[Judged]:
    """What intents that nobody fitted look like: a quarter of them left out at a time, with examples of each judged."""
    intents = sorted(set(data.labels) - {NONE})
    if len(intents) < 4:
        return []
    places = list(range(len(data.labels)))
    generator = random.Random(20_240_118)  # noqa: S311
    generator.shuffle(intents)
    if len(places) > MANY:
        places = sorted(generator.sample(places, MANY))
    found: list[Judged] = []
    parts = 4
    for number in range(parts):
        progress(f"intents left out, part {number + 1} of {parts}")
        without = frozenset(intents[number::parts])
        part = fit_scorers(data, places, without)
        unknown = [place for place in places if data.labels[place] in without]
        found += [_judge(part, data, place, None, place % FOLDS_OF_MANY) for place in unknown]
    return found


def calibrate(judged: Sequence[Judged]) -> Calibration:
    """Blend and detector fitted on evidence from scorers that did not see these examples."""
    blend = _fit_blend([item for item in judged if item.label is not None])
    return Calibration(blend, _fit_known(judged, blend))


def _fit_blend(judged: Sequence[Judged]) -> tuple[float, ...]:
    """Weights of the scorers, none negative, that make the true intents likeliest."""
    import numpy as np
    from scipy.optimize import minimize

    judged = [item for item in judged if item.label in item.classes]
    size = 1 if not judged or judged[0].evidence.dense is None else 3
    groups: dict[tuple[str, ...], list[Judged]] = {}
    for item in judged:
        groups.setdefault(item.classes, []).append(item)
    blocks = []
    for classes, items in groups.items():
        scorers = np.stack([_scorers(item.evidence) for item in items])  # examples, scorers, classes
        blocks.append((scorers, np.array([classes.index(str(item.label)) for item in items])))
    start = np.array([1.0] if size == 1 else [0.3, 0.7, 1.0])

    def loss(weights: "NDArray[np.float64]") -> tuple[float, "NDArray[np.float64]"]:
        total, gradient = 1e-3 * float(((weights - start) ** 2).sum()), 2e-3 * (weights - start)
        for scorers, truth in blocks:
            scores = np.einsum("w,ewc->ec", weights, scorers)
            scores -= scores.max(axis=1, keepdims=True)
            shares = np.exp(scores)
            shares /= shares.sum(axis=1, keepdims=True)
            rows = np.arange(len(truth))
            total -= float(np.log(shares[rows, truth] + 1e-12).sum()) / len(judged)
            shares[rows, truth] -= 1
            gradient += np.einsum("ec,ewc->w", shares, scorers) / len(judged)
        return total, gradient

    if not judged:
        return tuple(start)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, 30.0)] * size, options={"maxiter": 60})
    return tuple(round(float(weight), 5) for weight in found.x)


def _scorers(evidence: Evidence) -> "Array":
    import numpy as np

    if evidence.dense is None or evidence.joint is None:
        return heads.log_softmax(evidence.sparse)[None]
    return np.stack([heads.log_softmax(evidence.sparse), heads.log_softmax(evidence.dense), evidence.joint])


def _fit_known(judged: Sequence[Judged], blend: tuple[float, ...]) -> tuple[float, ...]:
    """Logistic regression of "any of the intents" over the signals. With nothing unknown to learn from it says 0.97."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = np.stack([_signals(item, blend) for item in judged])
    known = np.array([item.label not in (None, NONE) for item in judged])
    if known.all() or not known.any():
        return (*[0.0] * (rows.shape[1] - 1), 3.5 if known.all() else -3.5)
    weights = np.ones(len(judged))
    left_out = np.array([item.label is None for item in judged])
    if left_out.any():
        share = UNKNOWN_SHARE_BESIDE_NONE if any(item.label == NONE for item in judged) else UNKNOWN_SHARE
        weights[left_out] = share * known.sum() / left_out.sum()
    fitted = LogisticRegression(C=1.0, max_iter=500, fit_intercept=False).fit(rows, known, sample_weight=weights)
    return tuple(round(float(weight), 5) for weight in fitted.coef_[0])


def _signals(item: Judged, blend: tuple[float, ...]) -> "Array":
    return heads.signals(item.evidence, heads.softmax(heads.blended(item.evidence, blend)), item.classes)


def _cross_fitted_figures(judged: Sequence[Judged], folds: int) -> dict[str, Any]:
    """How well examples are understood by scorers, blend and detector that saw none of them."""
    from csbot.nlu.figures import Outcome, figures

    outcomes: list[Outcome] = []
    for fold in range(folds):
        calibration = calibrate([item for item in judged if item.fold != fold])
        for item in judged:
            if item.fold == fold:
                outcomes.append(_outcome(item, calibration))
    return figures(outcomes)


def _outcome(item: Judged, calibration: Calibration) -> Any:
    from csbot.nlu.figures import Outcome

    shares = heads.softmax(heads.blended(item.evidence, calibration.blend))
    known = heads.sigmoid(float(heads.signals(item.evidence, shares, item.classes) @ heads.array(calibration.known)))
    intents = {key: float(share) for key, share in zip(item.classes, shares, strict=True) if key != NONE}
    best = max(intents, key=lambda key: intents[key])
    return Outcome(item.label, best, known * intents[best] / (sum(intents.values()) or 1.0), known)
