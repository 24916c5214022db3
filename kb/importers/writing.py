"""Importing articles: idempotent, and never over a person's edit."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from kb import conf
from kb.content import ArticleData, TextData
from kb.editing import write
from kb.errors import ContentError, Problem
from kb.models import Article, ArticleText, Collection, Imported, Proposal
from kb.models.articles import clean_text
from kb.models.collections import raise_revision


@dataclass(slots=True)
class ImportReport:
    """What an import did, as article keys. `drafted`: a newer text now waits beside a person's edit. `kept_deleted`:
    a person had deleted it. `gone`: the source no longer has it; it stays until a person decides."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    drafted: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept_deleted: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ((name, len(getattr(self, name))) for name in self.__dataclass_fields__)
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts if count) or "nothing to import"


def import_articles(collection: str, articles: Iterable[ArticleData], *, source: str) -> ImportReport:
    """Brings `articles` into `collection` (made when missing), all or nothing, and says what became of each.

    `source` names where they come from (a pack, a file) and stays the same from import to import. A text that nobody
    touched since `source` last gave it follows the source; one that a person changed stays, and the newer text waits
    beside it as a proposal; an article that a person deleted stays deleted. New articles are published. The same
    import again changes nothing. Raises `ContentError` naming every mistake.
    """
    wanted = list(articles)
    refuse_mistakes(wanted, source)
    report = ImportReport()
    with transaction.atomic():
        row, _made = Collection.objects.get_or_create(key=collection, defaults={"name": collection.capitalize()})
        raise_revision(row.pk)
        known: dict[str, dict[str, Imported]] = {}
        for imported in Imported.objects.filter(collection=row, source=source):
            known.setdefault(imported.key, {})[imported.language] = imported
        present = {
            article.key: article
            for article in Article.objects.filter(collection=row, key__in=[data.key for data in wanted])
        }
        for data in wanted:
            article = present.get(data.key)
            if article is not None:
                _meet(article, data, known.get(data.key, {}), source, report)
            elif data.key in known and not _belongs(known[data.key]):
                report.kept_deleted.append(data.key)
            else:
                _create(row, data, source)
                report.created.append(data.key)
        keys = {data.key for data in wanted}
        report.gone = sorted(key for key, rows in known.items() if key not in keys and _belongs(rows))
    return report


def _belongs(rows: dict[str, Imported]) -> bool:
    """Whether the article that these fingerprints speak of is still there."""
    return any(row.article_id for row in rows.values())


def refuse_mistakes(articles: list[ArticleData], source: str) -> None:
    """Raises `ContentError` when any of `articles` could not be stored as it is."""
    problems: list[Problem] = []
    seen: set[str] = set()
    for data in articles:
        file, _colon, line = data.where.rpartition(":")
        file, number = (file, int(line)) if line.isdigit() else (data.where or source, 0)
        if data.key in seen:
            problems.append(Problem(file, number, f"key {data.key!r} is used twice"))
        seen.add(data.key)
        article = Article(key=data.key, tags=data.tags, audience=data.audience, url=data.url)
        rows: list[tuple[str, Article | ArticleText, tuple[str, ...]]] = [("", article, ("collection", "owner"))]
        rows += [(f"{language}: ", _row(language, text), ("article",)) for language, text in data.texts.items()]
        if not data.key:
            problems.append(Problem(file, number, "an article needs a key"))
        if not data.texts:
            problems.append(Problem(file, number, f"{data.key}: an article needs a text in at least one language"))
        for prefix, row, exclude in rows:
            try:
                row.clean_fields(exclude=exclude)
                row.clean()
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    said = " ".join(messages)
                    problems.append(Problem(file, number, f"{data.key}: {prefix}{name}: {said}"))
    if problems:
        raise ContentError(problems)


def _row(language: str, data: TextData) -> ArticleText:
    row = ArticleText(language=language)
    row.take(data)
    return row


def _create(collection: Collection, data: ArticleData, source: str) -> None:
    article = Article(
        collection=collection,
        key=data.key,
        tags=data.tags,
        audience=data.audience,
        url=data.url,
        status=Article.Status.PUBLISHED,
    )
    write(article, {conf.primary_tag(language): text for language, text in data.texts.items()}, note=_note(source))
    _remember(article, "", data.facts_digest(), source)
    for language, text in data.texts.items():
        _remember(article, conf.primary_tag(language), clean_text(text).digest(), source)


def _meet(article: Article, data: ArticleData, known: dict[str, Imported], source: str, report: ImportReport) -> None:
    """Brings `data` to an article that is there: follow the source, or propose beside a person's edit."""
    stored = {row.language: row for row in article.texts.all()}
    take: dict[str, TextData] = {}
    proposed = False
    edited: set[str] = set()
    for language, text in ((conf.primary_tag(tag), clean_text(text)) for tag, text in data.texts.items()):
        row, last = stored.get(language), known.get(language)
        mine = row.data.digest() if row else None
        if last is not None and mine != last.digest:
            edited.add(language)
        if last is not None and last.digest == text.digest():
            continue  # the source says what it said before
        if mine == text.digest():
            pass  # a person already wrote the same
        elif (row is None and last is None) or (last is not None and mine == last.digest):
            take[language] = text
        else:
            proposed |= _propose(article, language, text.as_json(), text.digest(), source)
            continue
        _remember(article, language, text.digest(), source)
    facts = _facts(article)
    last = known.get("")
    followed = False
    if last is None or last.digest != data.facts_digest():
        mine = facts.facts_digest()
        if mine == data.facts_digest() or (last is not None and mine == last.digest):
            followed = mine != data.facts_digest()
            article.tags, article.audience, article.url = data.tags, data.audience, data.url
            _remember(article, "", data.facts_digest(), source)
        else:
            content = {"tags": list(data.tags), "audience": data.audience, "url": data.url}
            proposed |= _propose(article, "", content, data.facts_digest(), source)
    if take or followed:
        # Languages that came together are current together; one that a person edited now lags behind.
        together = {conf.primary_tag(tag) for tag in data.texts} - edited
        write(article, take, note=_note(source), current=together if take else ())
        report.updated.append(article.key)
    if proposed:
        report.drafted.append(article.key)
    if not (take or followed or proposed):
        report.unchanged.append(article.key)


def _facts(article: Article) -> ArticleData:
    return ArticleData(key=article.key, texts={}, tags=article.tags, audience=article.audience, url=article.url)


def _remember(article: Article, language: str, digest: str, source: str) -> None:
    Imported.objects.update_or_create(
        collection_id=article.collection_id,
        source=source,
        key=article.key,
        language=language,
        defaults={"digest": digest, "article": article},
    )
    Proposal.objects.filter(article=article, language=language, source=source).delete()


def _propose(article: Article, language: str, content: dict[str, Any], digest: str, source: str) -> bool:
    """Lets `content` wait beside the article; False when it already does."""
    waiting = Proposal.objects.filter(article=article, language=language, source=source).first()
    if waiting is not None and waiting.digest == digest:
        return False
    Proposal.objects.update_or_create(
        article=article, language=language, source=source, defaults={"content": content, "digest": digest}
    )
    return True


def accept(proposal: Proposal, *, by: Any = None) -> None:
    """Makes the imported draft the article's content; it waits no longer."""
    with transaction.atomic():
        article = Article.objects.get(pk=proposal.article_id)
        raise_revision(article.collection_id)
        content = proposal.content
        texts: dict[str, TextData] = {}
        if proposal.language:
            text = TextData(content["title"], content["text"], tuple(content["questions"]), content["spoken"])
            texts = {proposal.language: text}
        else:
            article.tags, article.audience, article.url = tuple(content["tags"]), content["audience"], content["url"]
        write(article, texts, by=by, note=_note(proposal.source))
        _settle(article, proposal)


def dismiss(proposal: Proposal) -> None:
    """Keeps the article as it is; the same imported draft is not offered again."""
    with transaction.atomic():
        _settle(proposal.article, proposal)


def _settle(article: Article, proposal: Proposal) -> None:
    _remember(article, proposal.language, proposal.digest, proposal.source)


def _note(source: str) -> str:
    return _("imported from %s") % source
