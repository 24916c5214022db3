"""Changing articles: every change of a person or an import goes through here and leaves a version."""

from collections.abc import Collection as Container
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import transaction
from django.db.models import Max

from kb.content import TextData
from kb.models import Article, ArticleText, Version
from kb.models.articles import clean_text, raise_article_revision, said_otherwise
from kb.models.collections import raise_revision

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Editor: TypeAlias = "User | None"  # whatever AUTH_USER_MODEL is in the host project


def write(
    article: Article,
    texts: Mapping[str, TextData],
    *,
    by: Editor = None,
    note: str = "",
    current: Container[str] = (),
) -> Version | None:
    """Saves `article` and its `texts` (by language) in one transaction and records a version.

    Texts changed together are current together; languages not changed with them become out of date. Languages in
    `current` are declared still right. Nothing changed: no version, None. Raises ValidationError, changing nothing.
    """
    article.full_clean(exclude=("key",), validate_unique=bool(article.key))
    with transaction.atomic():
        raise_revision(article.collection_id)  # locks the collection, so that what is read below stays true
        before = snapshot(article) if not article._state.adding else None
        article.save()
        _save_texts(article, texts, by=by, current=current)
        return None if snapshot(article) == before else record_version(article, by=by, note=note)


def _save_texts(article: Article, texts: Mapping[str, TextData], *, by: Editor, current: Container[str]) -> None:
    stored = {row.language: row for row in ArticleText.objects.filter(article=article.pk)}
    changed: set[str] = set()
    otherwise = False
    for language, data in texts.items():
        data = clean_text(data)
        row = stored.get(language)
        if row is not None and row.data == data:
            continue
        otherwise = otherwise or said_otherwise(row.data if row else None, data)
        row = row or ArticleText(article=article, language=language)
        row.article = article
        row.take(data)
        row.updated_by = by
        row.full_clean(exclude=("article",))
        row.save(mark_others=False)
        changed.add(language)
    rows = ArticleText.objects.filter(article=article)
    if otherwise:
        rows.exclude(language__in=changed | set(current)).update(out_of_date=True)
    rows.filter(language__in=current).update(out_of_date=False)


def remove_text(article: Article, language: str, *, by: Editor = None, note: str = "") -> Version | None:
    """Takes one language out of `article` and records a version; None when it had none."""
    with transaction.atomic():
        raise_revision(article.collection_id)
        removed, _ = ArticleText.objects.filter(article=article, language=language).delete()
        return record_version(article, by=by, note=note) if removed else None


def set_status(article: Article, status: str, *, by: Editor = None, note: str = "") -> bool:
    """Publishes or unpublishes; True when that changed something. An article without a text is not published."""
    with transaction.atomic():
        raise_revision(article.collection_id)
        current = Article.objects.get(pk=article.pk)
        if current.status == status or (status == Article.Status.PUBLISHED and not current.texts.exists()):
            return False
        article.status = current.status = status
        current.save()
        record_version(current, by=by, note=note)
        return True


def restore(version: Version, *, by: Editor = None, note: str = "") -> Version | None:
    """Makes `version` the article's content again, as a new version; the status stays as it is now.
    Languages that the version did not have are removed. None when nothing differs."""
    with transaction.atomic():
        article = Article.objects.get(pk=version.article_id)
        raise_revision(article.collection_id)
        content = version.snapshot
        before = snapshot(article)
        article.tags = tuple(content["tags"])
        article.audience = content["audience"]
        article.url = content["url"]
        article.save()
        for row in article.texts.all():
            if row.language not in content["texts"]:
                row.delete()
        texts = texts_of(content)
        _save_texts(article, texts, by=by, current=texts)
        return None if snapshot(article) == before else record_version(article, by=by, note=note)


def texts_of(content: Mapping[str, Any]) -> dict[str, TextData]:
    """The texts of a version's snapshot, by language."""
    return {
        language: TextData(text["title"], text["text"], tuple(text["questions"]), text["spoken"])
        for language, text in content["texts"].items()
    }


def snapshot(article: Article) -> dict[str, Any]:
    """`article` as the database has it, as JSON."""
    row = Article.objects.get(pk=article.pk)
    return {
        "tags": list(row.tags),
        "audience": row.audience,
        "status": row.status,
        "url": row.url,
        "effective_from": row.effective_from.isoformat() if row.effective_from else None,
        "effective_until": row.effective_until.isoformat() if row.effective_until else None,
        "texts": {text.language: text.data.as_json() for text in row.texts.all()},
    }


def record_version(article: Article, *, by: Editor = None, note: str = "") -> Version:
    """The next version of `article`, as it stands; call it inside the change's transaction."""
    raise_article_revision(article)
    newest = article.versions.aggregate(newest=Max("number"))["newest"] or 0
    return Version.objects.create(
        article=article, number=newest + 1, by=by, note=note[:200], snapshot=snapshot(article)
    )
