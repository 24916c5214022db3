"""Who the company is to its customers: brands, the bots that answer for them, the inboxes they are reached at."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A colour is # and six hexadecimal digits, such as #0b6e4f."))


def english() -> list[str]:
    return ["en"]


class Brand(models.Model):
    """One company face. `migrate` makes one, and a site that wants no more never sees it."""

    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    retention_days = models.PositiveIntegerField(
        _("keep conversations for"),
        default=730,
        help_text=_("Days after which a closed conversation and its attachments are erased."),
    )
    trace_retention_days = models.PositiveIntegerField(
        _("keep traces for"),
        default=90,
        help_text=_("Days after which the record of how a turn was decided is erased."),
    )
    # Rises with every change of what the brand's bots say: processes compare it before they speak.
    wording_revision = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a member of staff may do for one brand. Superusers may do everything for all."""

    class Role(models.TextChoices):
        AGENT = "agent", _("agent")
        CONTENT = "content", _("content owner")
        MANAGER = "manager", _("manager")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="csbot_memberships", verbose_name=_("user")
    )
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="memberships", verbose_name=_("brand"))
    role = models.CharField(_("role"), max_length=10, choices=Role)

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "brand", "role"], name="csbot_one_membership_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.brand}"


class Bot(models.Model):
    """What answers: its languages, persona, thresholds and the collections it reads.

    `revision` rises with every change of the bot or of its intents, flows and models; understanding compares it
    before use, so that a change is in force in every process at the next turn.
    """

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="bots", verbose_name=_("brand"))
    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=60, help_text=_("How the bot introduces itself."))
    persona = models.TextField(
        _("persona"), blank=True, help_text=_("A sentence or two on who it is and how it talks.")
    )
    languages = models.JSONField(
        _("languages"), default=english, help_text=_('Such as ["en", "zh"]; the first is the default.')
    )
    collections = models.ManyToManyField(
        "csbot_kb.Collection", related_name="+", blank=True, verbose_name=_("collections")
    )
    thresholds = models.JSONField(
        _("thresholds"),
        default=dict,
        blank=True,
        help_text=_("What overrides the defaults, by name: answer, offer, intent, flow. Each from 0 to 1."),
    )
    revision = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("bot")
        verbose_name_plural = _("bots")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Inbox(models.Model):
    """A configured instance of a channel: this website, this phone number."""

    class Mode(models.TextChoices):
        BOT_FIRST = "bot_first", _("bot first")
        PEOPLE_FIRST = "people_first", _("people first")
        BOT_ONLY = "bot_only", _("bot only")
        CLOSED = "closed", _("closed")

    class Side(models.TextChoices):
        RIGHT = "right", _("right")
        LEFT = "left", _("left")

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="inboxes", verbose_name=_("brand"))
    bot = models.ForeignKey(Bot, models.PROTECT, related_name="inboxes", verbose_name=_("bot"))
    key = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    channel = models.CharField(_("channel"), max_length=30, default="webchat")
    mode = models.CharField(_("mode"), max_length=15, choices=Mode, default=Mode.BOT_FIRST)
    bot_share = models.PositiveSmallIntegerField(
        _("share of traffic for the bot"),
        default=100,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "Per cent of new conversations that the bot answers in the mode “bot first”; the others go to people."
        ),
    )
    queue = models.ForeignKey(
        "csbot.Queue", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("default queue")
    )
    origins = models.JSONField(
        _("allowed origins"),
        default=list,
        blank=True,
        help_text=_(
            'Websites that may embed the widget, such as ["https://shop.example"]; this site itself always may.'
        ),
    )
    colour = models.CharField(_("colour"), max_length=7, default="#0b6e4f", validators=[COLOUR])
    logo = models.FileField(_("logo"), upload_to="csbot/logos/", blank=True)
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.RIGHT)
    # An encrypted "" is stored as NULL.
    credentials = EncryptedTextField(_("credentials"), blank=True, default="", null=True)
    vouching_secret = EncryptedTextField(
        _("vouching secret"),
        blank=True,
        default="",
        null=True,
        help_text=_("Shared with the embedding site, which signs with it who its signed-in user is."),
    )

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Wording(models.Model):
    """An override of what the bot says on its own; the default stands in the templates.

    The most specific one wins: inbox, then brand, then site.
    """

    class Form(models.TextChoices):
        CHAT = "chat", _("chat")
        SPOKEN = "spoken", _("spoken")

    brand = models.ForeignKey(Brand, models.CASCADE, null=True, blank=True, related_name="wordings")
    inbox = models.ForeignKey(Inbox, models.CASCADE, null=True, blank=True, related_name="wordings")
    key = models.CharField(_("key"), max_length=80)
    language = models.CharField(_("language"), max_length=10)
    form = models.CharField(_("form"), max_length=10, choices=Form, default=Form.CHAT)
    text = models.TextField(_("text"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering: ClassVar = ["key", "language", "form"]
        constraints: ClassVar = [
            # Three plain ones: SQLite knows no "nulls not distinct".
            models.UniqueConstraint(
                fields=["inbox", "key", "language", "form"],
                condition=Q(inbox__isnull=False),
                name="csbot_wording_of_inbox",
            ),
            models.UniqueConstraint(
                fields=["brand", "key", "language", "form"],
                condition=Q(inbox=None, brand__isnull=False),
                name="csbot_wording_of_brand",
            ),
            models.UniqueConstraint(
                fields=["key", "language", "form"], condition=Q(inbox=None, brand=None), name="csbot_wording_of_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}, {self.form})"
