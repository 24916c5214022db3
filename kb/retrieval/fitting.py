"""Fits fusion weights and calibration to labelled questions, and reports on questions that it did not use.

Ranking weights minimise the softmax loss of the right article among the candidates (ListNet's top-one form, Cao et
al. 2007); then a logistic regression on strength and lead (Platt 1999) makes the score a probability. Seven
numbers in all, none of the weights negative, pulled gently towards the shipped ones: a few dozen questions are enough,
and fewer do no harm.

Whoever writes the questions to fit has the articles in mind, and the other way round: an article's own wordings may
owe something to them, and what was fitted would trust likeness in words too much. So words are calibrated on the right
article without the wording that is nearest to the question, as a customer finds it whose question nobody foresaw.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb import conf, embedders
from kb.importers.articles import Question
from kb.models import Collection, Weights
from kb.retrieval.fusion import Parameters, clipped, leads, shipped
from kb.retrieval.gathering import Weighed, candidates, query_terms
from kb.retrieval.index import CollectionIndex, index_of
from kb.retrieval.shard import K1, Candidate, document_terms, stretched
from kb.retrieval.vectors import fill

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OWN_AT_MOST = 300  # of an article's own wordings, asked as if they were not there
UNANSWERABLE = 0.2  # the share of questions that nothing answers, whatever their share among those at hand
LOOKED_AT = 5  # candidates of each question that calibration learns from
PULL = 0.0005  # of the ranking weights towards the shipped ones
FEWEST = 20  # questions to fit from; with fewer the shipped weights stay


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted for one language and engine. `report` holds the figures on the `check` questions, by the
    fitted weights (`fitted`) and by the shipped ones (`shipped`); `stored` is False where there were too few."""

    language: str
    engine: str
    parameters: Parameters
    report: dict[str, Any]
    stored: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what the index brought up for it, and the place of the right one among that (or None). `sober`
    is the same with the right one unaided, for calibration; None where it is as it was found."""

    question: Question
    found: Sequence[Candidate]
    right: int | None
    sober: Sequence[Candidate] | None = None


def fit(collection: str, questions: Iterable[Question], *, store: bool = True) -> list[Fit]:
    """Fits each language of `questions` in `collection` from those to `fit` and reports on those to `check`; stores
    the weights, in force at once. Fits lexical retrieval and, where the embedder knows the language, both together.

    Waits for the embedder and for the vectors of every article. Raises `UnknownCollectionError`.
    """
    row = Collection.by_key(collection)
    asked = list(questions)
    embedder = embedders.wait()
    fits = []
    for language in sorted({question.language for question in asked}):
        mine = [question for question in asked if question.language == language]
        index = index_of(row.pk, row.key)
        with index.lock:
            index.bring_to(row.revision)
        if embedder is not None and language in embedder.languages and language in index.shards:
            with index.lock:
                ready = index.dense(language, embedder)
            if not ready:
                fill(index, language, embedder)
        for engine, sides in _engines(collection, mine, embedder.name if embedder else ""):
            prior = shipped(language, dense=engine != "lexical")
            training = [side for side in sides if side.question.use == "fit"]
            if engine == "lexical" and training:
                training += own_wordings(index, language)
            labelled = sum(side.question.use == "fit" for side in sides)
            parameters = fitted(training, prior) if labelled >= FEWEST else prior
            report = {
                "fit_questions": labelled,
                "fitted": figures([side for side in sides if side.question.use == "check"], parameters),
                "shipped": figures([side for side in sides if side.question.use == "check"], prior),
            }
            keep = store and labelled >= FEWEST
            if keep:
                Weights.objects.update_or_create(
                    collection=row,
                    language=conf.primary_tag(language),
                    engine=engine,
                    defaults={"parameters": parameters.as_json(), "report": report},
                )
            fits.append(Fit(language, engine, parameters, report, keep))
    return fits


def _engines(collection: str, questions: Sequence[Question], dense: str) -> list[tuple[str, list[Asked]]]:
    lexical: list[Asked] = []
    fused: list[Asked] = []
    for question in questions:
        weighed = candidates(question.text, [collection], language=question.language, verified=True)
        found = [one.candidate for one in weighed]
        if any(candidate.dense is not None for candidate in found):
            fused.append(_asked(question, found))
        lexical.append(_by_words(question, weighed))
    return [("lexical", lexical)] + ([(dense, fused)] if fused else [])


def _by_words(question: Question, weighed: Sequence[Weighed]) -> Asked:
    by_words = [one for one in weighed if one.candidate.lexical > 0 or one.candidate.wording > 0]
    side = _asked(question, [_without_dense(one.candidate) for one in by_words])
    if side.right is None or question.use != "fit":
        return side
    sober = [*side.found]
    sober[side.right] = unaided(question, by_words[side.right].index, by_words[side.right].candidate)
    return replace(side, sober=sober)


def own_wordings(index: CollectionIndex, language: str) -> list[Asked]:
    """Alternative wordings of the collection's articles, each asked as if its article did not have it: plain questions
    that cost nobody the writing."""
    with index.lock:
        shard = index.shards.get(language)
        held = [
            (document, unit.text)
            for document in (shard.documents() if shard else ())
            for unit in document.units[1 : len(document.units) - document.passages]
        ]
    chosen = random.Random(20_240_119).sample(held, min(OWN_AT_MOST, len(held)))  # noqa: S311  # reproducible, no secret
    found = []
    for document, wording in chosen:
        question = Question(wording, document.key, language, "fit")
        side = _by_words(question, candidates(wording, [index.key], language=language, verified=True))
        found.append(replace(side, found=side.sober or side.found))
    return found


def unaided(question: Question, index: CollectionIndex, candidate: Candidate) -> Candidate:
    """`candidate` as it would score by words without the title or wording that is nearest to the question."""
    document, language = candidate.document, conf.primary_tag(question.language)
    own = len(document.units) - document.passages
    if own < 2:
        return candidate
    with index.lock:
        shard = index.shards[language]
        terms, idf = query_terms(question.text, [index], language)
        similar = shard.likeness(document, terms, idf)
        averages = [total / max(1, len(shard)) for total in (shard.total_length, shard.total_asked)]
    nearest = max(range(own), key=lambda at: similar[at])
    left = [at for at in range(len(document.units)) if at != nearest]
    scored = []
    for units, average in zip((left, [at for at in left if at < own]), averages, strict=True):
        counts, _written = document_terms([document.units[at].text for at in units], language)
        stretch = stretched(sum(counts.values()), average)
        matched = (
            share * idf[term] * (K1 + 1) * counts[term] / (counts[term] + stretch)
            for term, share in terms.items()
            if term in counts
        )
        scored.append(sum(matched) / (sum(idf.values()) or 1.0))
    lexical, asked = scored
    return Candidate(document, lexical, asked, max(similar[at] for at in left), None, 0.0, candidate.passage)


def _without_dense(candidate: Candidate) -> Candidate:
    return replace(candidate, dense=None, theme=0.0)


def _asked(question: Question, found: Sequence[Candidate]) -> Asked:
    places = (at for at, candidate in enumerate(found) if candidate.document.key == question.article)
    return Asked(question, found, next(places, None))


def fitted(asked: Sequence[Asked], prior: Parameters) -> Parameters:
    """The weights that serve `asked` best, near `prior`."""
    import numpy as np

    start = np.array([prior.lexical, prior.asked, prior.wording, prior.dense, prior.theme])
    lists = [(_features(side.found), side.right) for side in asked if side.right is not None and len(side.found) > 1]
    by_meaning = float(any(bool(rows[:, 3].any()) for rows, _ in lists))
    free = np.array([1.0, 1.0, 1.0, by_meaning, by_meaning])

    def ranking(weights: "NDArray[np.float64]") -> "NDArray[np.float64]":
        gradient = PULL * (weights - start)
        for rows, right in lists:
            strengths = rows @ weights
            shares = np.exp(strengths - strengths.max())
            gradient += (rows.T @ (shares / shares.sum()) - rows[right]) / len(lists)
        free_gradient: NDArray[np.float64] = gradient * free
        return free_gradient

    weights = _descend(ranking, start, at_least=np.zeros(5)) if lists else start
    rows, labels, counted = [], [], []
    unanswerable = sum(side.question.article is None for side in asked)
    share = UNANSWERABLE * (len(asked) - unanswerable) / ((1 - UNANSWERABLE) * unanswerable) if unanswerable else 0.0
    for side in asked:
        strengths = (_features(side.sober or side.found) @ weights).tolist()
        ahead = leads(strengths)
        for at in sorted(range(len(strengths)), key=lambda at: -strengths[at])[:LOOKED_AT]:
            rows.append([1.0, strengths[at], clipped(ahead[at])])
            labels.append(float(at == side.right))
            counted.append(1.0 if side.question.article is not None else share)
    made, wanted = np.array(rows or [[1.0, 0.0, 0.0]]), np.array(labels or [0.0])
    weight = np.array(counted or [1.0])
    before = np.array([prior.bias, prior.slope, prior.lead])

    def calibration(line: "NDArray[np.float64]") -> "NDArray[np.float64]":
        chance = 1 / (1 + np.exp(-np.clip(made @ line, -30, 30)))
        gradient: NDArray[np.float64] = made.T @ (weight * (chance - wanted)) / weight.sum() + 1e-4 * (line - before)
        return gradient

    line = _descend(calibration, before, at_least=np.array([-np.inf, 0.01, 0.0]))
    lexical, in_wordings, wording, dense, theme = (float(value) for value in weights)
    bias, slope, lead = (float(value) for value in line)
    return Parameters(lexical, in_wordings, wording, dense, theme, bias, slope, lead)


def _features(found: Sequence[Candidate]) -> "NDArray[np.float64]":
    import numpy as np

    rows = [[one.lexical, one.asked, one.wording, one.dense or 0.0, one.theme] for one in found]
    return np.array(rows, np.float64).reshape(len(rows), 5)


def _descend(gradient: Any, start: "NDArray[np.float64]", *, at_least: "NDArray[np.float64]") -> Any:
    """The minimum of a smooth convex function by Adam (Kingma and Ba 2015), kept within its bounds."""
    import numpy as np

    place, first, second = start.astype(float), np.zeros(len(start)), np.zeros(len(start))
    for step in range(1, 1501):
        slope = gradient(place)
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        rate = 0.1 / (1 + step / 300)
        place = place - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        place = np.maximum(place, at_least)
    return place


def figures(asked: Sequence[Asked], parameters: Parameters) -> dict[str, float]:
    """How `parameters` do on `asked`: R@1, R@5 and MRR over the questions that an article answers; over all,
    the Brier score and expected calibration error (10 bins) of the best hit, and at a score of one half the part of
    answers that are right and the part of unanswerable questions left unanswered."""
    ranks: list[int] = []
    tops: list[tuple[float, bool]] = []
    refused = unanswerable = 0
    for side in asked:
        strengths = [parameters.strength(candidate) for candidate in side.found]
        scores = [
            parameters.score(candidate, strength, lead)
            for candidate, strength, lead in zip(side.found, strengths, leads(strengths), strict=True)
        ]
        order = sorted(range(len(scores)), key=lambda at: -scores[at])
        best = scores[order[0]] if order else 0.0
        tops.append((best, bool(order) and order[0] == side.right))
        if side.question.article is None:
            unanswerable += 1
            refused += best < 0.5
        else:
            ranks.append(order.index(side.right) + 1 if side.right is not None else 0)
    answered = [right for score, right in tops if score >= 0.5]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, right in tops:
        bins.setdefault(min(9, int(score * 10)), []).append((score, right))
    gaps = (abs(sum(s for s, _ in some) - sum(r for _, r in some)) for some in bins.values())
    return {
        "questions": len(asked),
        "recall_at_1": _part(sum(rank == 1 for rank in ranks), len(ranks)),
        "recall_at_5": _part(sum(1 <= rank <= 5 for rank in ranks), len(ranks)),
        "mrr": _part(sum(1 / rank for rank in ranks if rank), len(ranks)),
        "answered": _part(len(answered), len(tops)),
        "right_when_answered": _part(sum(answered), len(answered)),
        "left_unanswered_rightly": _part(refused, unanswerable),
        "brier": _part(sum((score - right) ** 2 for score, right in tops), len(tops)),
        "calibration_error": _part(sum(gaps), len(tops)),
    }


def _part(some: float, of: int) -> float:
    return round(some / of, 4) if of else 0.0
