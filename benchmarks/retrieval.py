"""How well and how fast the knowledge base finds, beside bm25s in the same run. Prints JSON.

    python -m benchmarks.retrieval [--data ../shared/data] [--articles 10000] [--only quality|speed] [--skip-dense]

Quality: XQuAD (240 paragraphs, 1,190 questions, English and Chinese) and covidqa (FAQs asked in other words), with
the shipped weights, which were fitted on neither. Speed: `kb.search.search` over 10,000 articles after the query was
embedded. bm25s sees the same texts; in Chinese it gets the same characters and pairs.
"""

import csv
import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, options_of, report

SEED = 7


def main() -> None:
    parser = options_of(__doc__ or "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--only", choices=("quality", "speed"), help="one half of the figures")
    parser.add_argument("--skip-dense", action="store_true", help="lexical alone, though an embedder is installed")
    options = parser.parse_args()
    if options.short:
        options.articles = min(options.articles, 1000)
    if not (options.data / "xquad").is_dir():
        raise SystemExit(f"{options.data} has no xquad folder; give the folder of the data sets with --data.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csbot.project.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    if options.skip_dense:
        settings.CSBOT_EMBEDDER = ""
    with throwaway_database():
        from kb import embedders
        from kb.search import about

        embedders.wait()
        figures: dict[str, Any] = {"retrieval": about(), "database": connection.vendor, "articles": options.articles}
        if options.only != "speed":
            figures["xquad"] = {language: xquad(options.data, language) for language in ("en", "zh")}
            figures["covidqa"] = covidqa(options.data)
        if options.only != "quality":
            figures["speed"] = {language: speed(options.data, language, options.articles) for language in ("zh", "en")}
        figures["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report("retrieval", figures, options)


@contextmanager
def throwaway_database() -> Iterator[None]:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def fill(collection: str, language: str, articles: Sequence[tuple[str, Sequence[str], str]]) -> float:
    """Stores (title, wordings, text) articles under their place as key, indexes and embeds them; seconds taken."""
    from kb import embedders
    from kb.models import Article, ArticleText, Collection
    from kb.models.collections import raise_revision
    from kb.retrieval.index import index_of
    from kb.retrieval.vectors import fill as embed

    row = Collection.objects.create(key=collection, name=collection)
    revision = raise_revision(row.pk)
    rows = [
        Article(collection=row, key=str(at), status="published", revision=revision) for at, _ in enumerate(articles)
    ]
    Article.objects.bulk_create(rows, batch_size=500)
    ArticleText.objects.bulk_create(
        [
            ArticleText(article=article, language=language, title=title[:200], questions=list(wordings), text=text)
            for article, (title, wordings, text) in zip(rows, articles, strict=True)
        ],
        batch_size=500,
    )
    began = time.perf_counter()
    index = index_of(row.pk, row.key)
    index.bring_to(revision)
    taken = time.perf_counter() - began
    embedder = embedders.current()
    if embedder is not None and language in embedder.languages and not index.dense(language, embedder):
        embed(index, language, embedder)
    return taken


def ranks(collection: str, language: str, asked: Sequence[tuple[str, int]]) -> list[int]:
    """The rank of the right article for each question; 0 when it is not among the first ten."""
    from kb.search import search

    found = []
    for question, right in asked:
        keys = [hit.key for hit in search(question, [collection], language=language, limit=10)]
        found.append(keys.index(str(right)) + 1 if str(right) in keys else 0)
    return found


def figures(places: Sequence[int]) -> dict[str, float]:
    return {
        "recall_at_1": round(sum(place == 1 for place in places) / len(places), 4),
        "recall_at_5": round(sum(1 <= place <= 5 for place in places) / len(places), 4),
        "mrr": round(sum(1 / place for place in places if place) / len(places), 4),
    }


def peer(language: str, texts: Sequence[str]) -> Callable[[str], list[int]]:
    """bm25s over `texts`: gives the places of the best ten."""
    import bm25s  # type: ignore[import-untyped]

    from kb.retrieval.tokens import words

    retriever = bm25s.BM25()
    if language == "en":
        from snowballstemmer import stemmer as stemmer_of

        stemmer = stemmer_of("english")

        def tokens(some: Sequence[str]) -> Any:
            return bm25s.tokenize(list(some), stopwords="en", stemmer=stemmer, show_progress=False)
    else:

        def tokens(some: Sequence[str]) -> Any:
            return [words(text, language) for text in some]

    retriever.index(tokens(texts), show_progress=False)

    def best(question: str) -> list[int]:
        places, _scores = retriever.retrieve(tokens([question]), k=10, show_progress=False)
        return [int(place) for place in places[0]]

    return best


def beside_peer(
    name: str, language: str, articles: list[tuple[str, list[str], str]], asked: list[tuple[str, int]]
) -> dict[str, Any]:
    fill(name, language, articles)
    best = peer(language, [" ".join([title, *wordings, text]) for title, wordings, text in articles])
    theirs = []
    for question, right in asked:
        places = best(question)
        theirs.append(places.index(right) + 1 if right in places else 0)
    return {
        "articles": len(articles),
        "questions": len(asked),
        "csbot": figures(ranks(name, language, asked)),
        "bm25s": figures(theirs),
    }


def paragraphs(data: Path, language: str) -> tuple[list[str], list[tuple[str, int]]]:
    """XQuAD's paragraphs, and its questions with the place of the paragraph that answers."""
    contexts: list[str] = []
    asked: list[tuple[str, int]] = []
    for document in json.loads((data / "xquad" / f"xquad.{language}.json").read_text())["data"]:
        for paragraph in document["paragraphs"]:
            asked += [(question["question"], len(contexts)) for question in paragraph["qas"]]
            contexts.append(paragraph["context"])
    return contexts, asked


def xquad(data: Path, language: str) -> dict[str, Any]:
    contexts, asked = paragraphs(data, language)
    # An article needs a title: the paragraph's own first words, so that neither side knows more than the paragraph.
    articles = [(context[:40], list[str](), context) for context in contexts]
    return beside_peer(f"xquad-{language}", language, articles, asked)


def covidqa(data: Path) -> dict[str, Any]:
    with (data / "covidqa_similarity" / "faq_covidbert.csv").open() as file:
        faqs = list({row["question"].strip(): row for row in csv.DictReader(file)}.values())
    place = {row["question"].strip(): at for at, row in enumerate(faqs)}
    with (data / "covidqa_similarity" / "eval_question_similarity_en.csv").open() as file:
        pairs = [row for row in csv.DictReader(file) if row["similar"].strip() in ("1", "1.0")]
    asked = [
        (row["question_2"], place[row["question_1"].strip()]) for row in pairs if row["question_1"].strip() in place
    ]
    articles = [(row["question"], list[str](), row["answer"][:18_000] or row["question"]) for row in faqs]
    return beside_peer("covidqa", "en", articles, asked)


def speed(data: Path, language: str, count: int) -> dict[str, Any]:
    """Milliseconds for one search over `count` articles of five units each, the query's embedding at hand."""
    from kb import embedders
    from kb.content import TextData
    from kb.editing import write
    from kb.models import Article
    from kb.search import search

    chance = random.Random(SEED)
    contexts, asked = paragraphs(data, language)
    if language == "en":
        with (data / "banking77" / "train.csv").open() as file:
            wordings = [row["text"] for row in csv.DictReader(file)]
        with (data / "banking77" / "test.csv").open() as file:
            questions = [row["text"] for row in csv.DictReader(file)]
    else:
        wordings = [piece for context in contexts for piece in context.split("，") if 4 < len(piece) < 60]
        questions = [question for question, _ in asked]
    questions = chance.sample(questions, 500)
    articles = [
        (wordings[at % len(wordings)], chance.sample(wordings, 3), contexts[at % len(contexts)]) for at in range(count)
    ]
    name = f"speed-{language}"
    built = fill(name, language, articles)
    for question in questions:
        embedders.embed_query(question)
    times = []
    for question in questions:
        began = time.perf_counter()
        hits = search(question, [name], language=language)
        times.append((time.perf_counter() - began) * 1000)
    dense = bool(hits) and "dense" in hits[0].why
    best = peer(language, [" ".join([title, *some, text]) for title, some, text in articles])
    theirs = []
    for question in questions:
        began = time.perf_counter()
        best(question)
        theirs.append((time.perf_counter() - began) * 1000)
    article = Article.objects.get(collection__key=name, key="17")
    write(article, {language: TextData("Changed", "Changed just now.")})
    began = time.perf_counter()
    search(questions[0], [name], language=language)
    after_edit = (time.perf_counter() - began) * 1000
    return {
        "articles": count,
        "dense": dense,
        "index_seconds": round(built, 2),
        "csbot_ms": {"p50": _percentile(times, 50), "p95": _percentile(times, 95)},
        "bm25s_ms": {"p50": _percentile(theirs, 50), "p95": _percentile(theirs, 95)},
        "first_search_after_an_edit_ms": round(after_edit, 1),
    }


def _percentile(values: Sequence[float], percent: int) -> float:
    return round(sorted(values)[min(len(values) - 1, len(values) * percent // 100)], 2)


if __name__ == "__main__":
    main()
