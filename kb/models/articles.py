"""Articles: one subject each, with a text per language."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kb import text as markup
from kb.content import TextData
from kb.models.collections import Collection, raise_revision
from kb.models.fields import TagsField

QUESTION_LENGTH = 300
QUESTIONS_AT_MOST = 100
TEXT_LENGTH = 20_000
SPOKEN_LENGTH = 5_000


class Article(models.Model):
    """One subject. Its id is random and may leave the site; its key is stable within its collection."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everyone")
        VERIFIED = "verified", _("verified customers")

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, related_name="articles", verbose_name=_("collection")
    )
    key = models.SlugField(
        _("key"), max_length=100, blank=True, allow_unicode=True, help_text=_("Stable name. Left empty, it is made.")
    )
    tags = TagsField(_("tags"), max_length=500, blank=True, default=(), help_text=_("Words with commas between them."))
    audience = models.CharField(
        _("audience"),
        max_length=10,
        choices=Audience,
        default=Audience.PUBLIC,
        help_text=_("Verified: only told to a customer who has proved who they are."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    url = models.CharField(
        _("page"), max_length=500, blank=True, help_text=_("Address of the public page about this, if there is one.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    review_on = models.DateField(_("review on"), null=True, blank=True)
    effective_from = models.DateTimeField(_("in force from"), null=True, blank=True)
    effective_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    revision = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ("collection", "key")
        indexes = (models.Index(fields=("collection", "status")),)
        constraints = (
            models.UniqueConstraint(fields=("collection", "key"), name="kb_article_key_once"),
            models.CheckConstraint(condition=models.Q(audience__in=("public", "verified")), name="kb_article_audience"),
            models.CheckConstraint(condition=models.Q(status__in=("draft", "published")), name="kb_article_status"),
        )

    def __str__(self) -> str:
        return self.title or self.key

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves and raises the collection's revision, in one transaction."""
        if not self.key:
            self.key = f"article-{self.id.hex[:12]}"
        with transaction.atomic():
            before = Article.objects.filter(pk=self.pk).values_list("collection_id", flat=True).first()
            self.revision = raise_revision(self.collection_id)
            if before and before != self.collection_id:
                raise_revision(before)
            if (fields := kwargs.get("update_fields")) is not None:
                kwargs["update_fields"] = {*fields, "revision", "updated_at"}
            super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        """The title in the first language that has one."""
        titles = [text.title for text in sorted(self.texts.all(), key=lambda text: text.language)]
        return titles[0] if titles else ""

    def clean(self) -> None:
        if self.effective_from and self.effective_until and self.effective_until <= self.effective_from:
            raise ValidationError({"effective_until": _("This must be later than “in force from”.")})
        if self.url and not markup.safe_link(self.url):
            raise ValidationError({"url": _("Write an address that begins with https://, http:// or /.")})


class ArticleText(models.Model):
    """An article in one language. Saving it makes it current and marks the other languages out of date if its title,
    text or spoken form changed; alternative wordings are a language's own and mark nothing."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="texts", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=10, help_text=_("BCP 47 primary tag, such as en or zh."))
    title = models.CharField(_("title"), max_length=200)
    questions = models.JSONField(
        _("alternative wordings"), default=list, blank=True, help_text=_("How customers ask for this, one a line.")
    )
    text = models.TextField(
        _("chat form"),
        max_length=TEXT_LENGTH,
        help_text=_("Paragraphs, “- ” lists, **bold** and [links](https://…). Shown in chat."),
    )
    spoken = models.TextField(
        _("spoken form"),
        max_length=SPOKEN_LENGTH,
        blank=True,
        help_text=_("Said on the phone. Left empty: the chat form without markup and links."),
    )
    out_of_date = models.BooleanField(_("out of date"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ("language",)
        constraints = (models.UniqueConstraint(fields=("article", "language"), name="kb_text_language_once"),)

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def save(self, *args: Any, mark_others: bool = True, **kwargs: Any) -> None:
        with transaction.atomic():
            # The collection's row first: every writer takes the locks in this order.
            raise_article_revision(self.article)
            before = ArticleText.objects.filter(pk=self.pk).first() if self.pk else None
            self.take(self.data)
            self.out_of_date = False
            super().save(*args, **kwargs)
            if mark_others and said_otherwise(before.data if before else None, self.data):
                ArticleText.objects.filter(article=self.article_id).exclude(pk=self.pk).update(out_of_date=True)

    @property
    def data(self) -> TextData:
        return TextData(self.title, self.text, tuple(self.questions), self.spoken)

    def take(self, data: TextData) -> None:
        """Fills this row from `data`, cleaned of markup that is not ours; does not save."""
        clean = clean_text(data)
        self.title, self.text, self.questions, self.spoken = (
            clean.title,
            clean.text,
            list(clean.questions),
            clean.spoken,
        )

    def clean(self) -> None:
        if not isinstance(self.questions, list) or not all(isinstance(line, str) for line in self.questions):
            raise ValidationError({"questions": _("Write one wording a line.")})
        if len(self.questions) > QUESTIONS_AT_MOST:
            raise ValidationError({"questions": _("At most %d wordings.") % QUESTIONS_AT_MOST})
        if any(len(line) > QUESTION_LENGTH for line in self.questions):
            raise ValidationError({"questions": _("A wording has at most %d characters.") % QUESTION_LENGTH})
        clean = clean_text(self.data)
        if not clean.title:
            raise ValidationError({"title": _("A title is needed.")})
        if not clean.text:
            raise ValidationError({"text": _("A text is needed.")})
        # Django checks the length of long texts in forms alone.
        for name, longest in (("text", TEXT_LENGTH), ("spoken", SPOKEN_LENGTH)):
            if len(getattr(clean, name)) > longest:
                raise ValidationError({name: _("At most %d characters.") % longest})


def clean_text(data: TextData) -> TextData:
    """`data` without HTML, control characters and blank or repeated wordings."""
    questions = dict.fromkeys(markup.one_line(question) for question in data.questions)
    return TextData(
        title=markup.one_line(data.title),
        text=markup.sanitise(data.text),
        questions=tuple(question for question in questions if question),
        spoken=markup.sanitise(data.spoken),
    )


def said_otherwise(before: TextData | None, after: TextData) -> bool:
    """Whether a reader of another language's text is now told something else."""
    return before is None or (before.title, before.text, before.spoken) != (after.title, after.text, after.spoken)


def raise_article_revision(article: Article) -> None:
    article.revision = raise_revision(article.collection_id)
    Article.objects.filter(pk=article.pk).update(revision=article.revision)


def fresh_key(collection: Collection, title: str) -> str:
    """A readable key that no article of `collection` has yet."""
    stem = slugify(title, allow_unicode=True)[:80] or "article"
    taken = set(Article.objects.filter(collection=collection, key__startswith=stem).values_list("key", flat=True))
    candidates: Iterable[str] = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in candidates if key not in taken)


@receiver(post_delete, sender=Article)
def article_was_deleted(instance: Article, **_: object) -> None:
    raise_revision(instance.collection_id)


@receiver(post_delete, sender=ArticleText)
def text_was_deleted(instance: ArticleText, origin: object = None, **_: object) -> None:
    # When the article itself goes, its own receiver raises the revision once for all its texts.
    article = Article.objects.filter(pk=instance.article_id).first()
    if article is not None:
        raise_article_revision(article)
