"""What retrieval keeps: vectors by text, and fitted weights."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from kb.models.collections import Collection, raise_revision


class Vector(models.Model):
    """The embedding of one text by one model: float16, little-endian, unit length. Keyed by the text's
    fingerprint, so the same words are embedded once, whichever articles say them."""

    model = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    vector = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("model", "digest"), name="kb_vector_once"),)

    def __str__(self) -> str:
        return f"{self.model} {self.digest[:8]}"


class Weights(models.Model):
    """Fitted fusion weights and calibration of one collection, language and engine (`lexical`, or an embedder's
    name), with the report of the fit on questions that it did not use."""

    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="weights", verbose_name=_("collection")
    )
    language = models.CharField(_("language"), max_length=10)
    engine = models.CharField(_("engine"), max_length=200)
    parameters = models.JSONField(_("parameters"))
    report = models.JSONField(_("report"), default=dict)
    at = models.DateTimeField(_("when"), auto_now=True)

    class Meta:
        verbose_name = _("fitted weights")
        verbose_name_plural = _("fitted weights")
        constraints = (models.UniqueConstraint(fields=("collection", "language", "engine"), name="kb_weights_once"),)

    def __str__(self) -> str:
        return f"{self.collection_id} {self.language} {self.engine}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves and raises the collection's revision: every process weighs anew from its next question on."""
        with transaction.atomic():
            raise_revision(self.collection_id)
            super().save(*args, **kwargs)
