"""The customers, and the addresses they are known by. Identity is per brand."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from csbot.models.brands import Brand


class Contact(models.Model):
    """One customer of one brand. A merged contact stays as a signpost to the one that goes on."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="contacts", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="merged_from", verbose_name=_("merged into")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.name or str(_("Visitor %s") % self.pk)


class Address(models.Model):
    """A way to reach or recognise a contact. Only a verified one proves anything."""

    class Kind(models.TextChoices):
        VISITOR = "visitor", _("website visitor")
        USER = "user", _("signed-in user")
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")
        CHAT = "chat", _("messaging service")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="addresses")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(_("value"), max_length=255)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    consent_at = models.DateTimeField(_("consent given"), null=True, blank=True)
    opted_out_at = models.DateTimeField(_("opted out"), null=True, blank=True)
    reply_until = models.DateTimeField(_("may be written to until"), null=True, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brand", "kind", "value"], name="csbot_one_address_per_brand")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"
