"""How often somebody has tried to prove who they are: counted across conversations, so that guessing ends."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from csbot.models.brands import Brand


class ProofCount(models.Model):
    """The tries about one thing, or of one contact, in the window that ends at `until`.

    `about` is a keyed hash: the table names neither orders nor people. What does not exist is counted like what does.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    about = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("count of proofs")
        verbose_name_plural = _("counts of proofs")
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "about"], name="csbot_one_proof_count")]

    def __str__(self) -> str:
        return f"{self.about[:8]} ({self.tries})"
