"""Where imported content came from, so that a re-import knows a person's edit when it meets one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models.articles import Article
from kb.models.collections import Collection


class Imported(models.Model):
    """The fingerprint of what `source` last gave for one text of one article, or (language empty) for its tags,
    audience and page. It outlives the article: what a person deleted is not brought back."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="imported")
    source = models.CharField(max_length=200)
    key = models.CharField(max_length=100)
    language = models.CharField(max_length=10, blank=True)
    digest = models.CharField(max_length=64)
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, related_name="imported")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("collection", "source", "key", "language"), name="kb_imported_once"),
        )

    def __str__(self) -> str:
        return f"{self.source}: {self.key} {self.language}".strip()


class Proposal(models.Model):
    """A newer imported text waiting beside one that a person has edited: they use it or dismiss it.
    Language empty: new tags, audience and page."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    source = models.CharField(_("source"), max_length=200)
    content = models.JSONField(_("content"))
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("imported draft")
        verbose_name_plural = _("imported drafts")
        constraints = (models.UniqueConstraint(fields=("article", "language", "source"), name="kb_proposal_once"),)

    def __str__(self) -> str:
        return f"{self.source} → {self.article_id} {self.language}".strip()
