"""The outbox: what must reach somebody outside this site, in order per conversation."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from csbot.models.conversations import Conversation


class Delivery(models.Model):
    """One thing to deliver. A conversation's deliveries of a kind go out in order: the first unsent stops the rest."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        CHANNEL = "channel", _("channel")

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="deliveries", verbose_name=_("conversation")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    recipient = models.CharField(_("recipient"), max_length=255)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt"))
    error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["status", "next_at"], name="csbot_deliveries_due")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient} ({self.status})"
