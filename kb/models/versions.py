"""What an article said before, who changed it and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models.articles import Article


class Version(models.Model):
    """An article as it stood after one change: tags, audience, status, page and every language's text."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions", verbose_name=_("article"))
    number = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    note = models.CharField(_("what"), max_length=200, blank=True)
    snapshot = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("article", "-number")
        constraints = (models.UniqueConstraint(fields=("article", "number"), name="kb_version_number_once"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.note}"
