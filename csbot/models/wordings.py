"""What a brand's pack says by default, between the templates' defaults and a person's overrides (`Wording`)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from csbot.models.brands import Brand


class PackWording(models.Model):
    """A pack's default for one key, language and form. `texts` are its variants, `variables` what they may name.

    An admin never edits these rows: an override is a `Wording`, and resetting one shows this text again.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="pack_wordings")
    key = models.CharField(_("key"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    form = models.CharField(_("form"), max_length=10)
    about = models.CharField(_("about"), max_length=300, blank=True)
    texts = models.JSONField(_("texts"), default=list)
    variables = models.JSONField(_("variables"), default=list)
    source = models.CharField(_("source"), max_length=80)

    class Meta:
        verbose_name = _("pack wording")
        verbose_name_plural = _("pack wordings")
        ordering: ClassVar = ["key", "language", "form"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "key", "language", "form"], name="csbot_one_pack_wording")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}, {self.form})"
