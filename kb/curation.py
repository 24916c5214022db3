"""The door for those who feed the knowledge base: gaps, votes and imports."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from kb import conf
from kb.content import ArticleData, TextData, digest
from kb.errors import ContentError, Problem
from kb.importers.writing import ImportReport, import_articles
from kb.models import Article, Gap, Vote
from kb.retrieval.tokens import words
from kb.search import Hit
from kb.text import one_line

__all__ = [
    "ArticleData",
    "ContentError",
    "ImportReport",
    "Problem",
    "TextData",
    "import_articles",
    "record_gap",
    "vote",
]

REFERENCES_KEPT = 10
QUESTION_LENGTH = Gap._meta.get_field("question").max_length or 0


def record_gap(
    question: str,
    *,
    collections: Sequence[str],
    language: str,
    reason: str,
    reference: str = "",
    near: Sequence[Hit] = (),
) -> Gap:
    """Counts a question that was not answered, and returns its row. `question` arrives masked.

    The same question (by its words: case, punctuation and spacing aside) in the same language and collections is one
    gap, counted up; one that was answered or dismissed opens again when it is asked again. `reference` is an opaque
    id of the conversation; the newest ten are kept. `near` is what a search found, kept as a help for the author.
    """
    question = one_line(question)[:QUESTION_LENGTH]
    language = conf.primary_tag(language)
    keys = sorted(set(collections))
    fingerprint = digest([words(question, language) or question.lower(), language, keys])
    nearest = [{"article": hit.article, "title": hit.title, "score": round(hit.score, 3)} for hit in near[:3]]
    with transaction.atomic():
        gap, created = Gap.objects.select_for_update().get_or_create(
            fingerprint=fingerprint,
            defaults={
                "question": question,
                "language": language,
                "collections": keys,
                "reason": reason[:60],
                "last_seen": timezone.now(),
                "references": [reference] if reference else [],
                "near": nearest,
            },
        )
        if created:
            return gap
        references = [*(known for known in gap.references if known != reference), reference] if reference else None
        gap.count = F("count") + 1
        gap.reason = reason[:60]
        gap.last_seen = timezone.now()
        gap.references = (references or gap.references)[-REFERENCES_KEPT:]
        gap.near = nearest or gap.near
        if gap.status in (Gap.Status.ANSWERED, Gap.Status.DISMISSED):
            gap.status = Gap.Status.OPEN
        gap.save()
        gap.refresh_from_db()
        return gap


def vote(article: str, language: str, *, helpful: bool, reference: str = "") -> None:
    """Keeps what a customer thought of an article; a conversation's later vote replaces its earlier one.
    A vote on an article that is gone, or on what is no article's id, is dropped."""
    try:
        found = Article.objects.filter(pk=UUID(article)).first()
    except ValueError:
        return
    if found is None:
        return
    language = conf.primary_tag(language)
    if reference:
        Vote.objects.update_or_create(
            article=found, language=language, reference=reference[:200], defaults={"helpful": helpful}
        )
    else:
        Vote.objects.create(article=found, language=language, helpful=helpful)
