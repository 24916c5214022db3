"""What customers asked and the knowledge base could not answer, and what they thought of what it did answer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models.articles import Article


class Gap(models.Model):
    """A question without an answer, counted each time it is asked. Personal data was masked before it came here."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        DRAFTED = "drafted", _("article drafted")
        ANSWERED = "answered", _("answered")
        DISMISSED = "dismissed", _("dismissed")

    question = models.CharField(_("question"), max_length=500)
    language = models.CharField(_("language"), max_length=10)
    collections = models.JSONField(_("collections"), default=list)
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    reason = models.CharField(_("reason"), max_length=60)
    count = models.PositiveIntegerField(_("asked"), default=1)
    first_seen = models.DateTimeField(_("first asked"), auto_now_add=True)
    last_seen = models.DateTimeField(_("last asked"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    references = models.JSONField(_("conversations"), default=list, blank=True)
    near = models.JSONField(_("nearest articles"), default=list, blank=True)
    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="gaps", verbose_name=_("article")
    )

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        ordering = ("-last_seen",)
        indexes = (models.Index(fields=("status", "-count")),)

    def __str__(self) -> str:
        return self.question


class Vote(models.Model):
    """One customer's word on whether an article helped."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="votes", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=10)
    helpful = models.BooleanField(_("helpful"))
    reference = models.CharField(_("conversation"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = (
            models.UniqueConstraint(
                fields=("article", "language", "reference"),
                condition=~models.Q(reference=""),
                name="kb_vote_once_per_conversation",
            ),
        )

    def __str__(self) -> str:
        return f"{'+' if self.helpful else '−'} {self.article_id}"
