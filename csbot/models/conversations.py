"""The conversation, and everything in it that a listener must not miss."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from csbot.messages import Assurance
from csbot.models.brands import Bot, Brand, Inbox
from csbot.models.contacts import Contact


class Conversation(models.Model):
    """One thread with one contact on one inbox.

    The row is the lock: whoever writes an entry holds it first. `last_seq` numbers entries without a gap;
    `pending_seq > turned_seq` means that the bot owes a turn; `fence` is raised by every claim, taking, handing
    back and closing, and a turn commits only under the fence it was claimed with.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    class Holder(models.TextChoices):
        BOT = "bot", _("bot")
        AGENT = "agent", _("agent")

    class Outcome(models.TextChoices):
        CONTAINED = "contained", _("contained")
        HANDED_OFF = "handed_off", _("handed off")
        TICKET = "ticket", _("ticket")
        ABANDONED = "abandoned", _("abandoned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="conversations", verbose_name=_("brand"))
    inbox = models.ForeignKey(Inbox, models.PROTECT, related_name="conversations", verbose_name=_("inbox"))
    bot = models.ForeignKey(Bot, models.PROTECT, related_name="+", verbose_name=_("bot"))
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="conversations", verbose_name=_("contact"))
    thread_key = models.CharField(max_length=255)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    holder = models.CharField(_("held by"), max_length=10, choices=Holder, default=Holder.BOT)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("agent")
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    form = models.CharField(max_length=10, default="chat")
    assurance = models.CharField(
        _("assurance"), max_length=10, choices=[(level.value, level.value) for level in Assurance], default="anonymous"
    )
    subject = models.CharField(_("verified as"), max_length=255, blank=True)
    topic = models.CharField(_("topic"), max_length=80, blank=True)
    sentiment = models.FloatField(_("sentiment"), default=0.0)
    sentiments = models.JSONField(default=list, blank=True)  # of the customer's last lines, newest last
    state = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    # The bot's last question asks for a secret: the answer is sealed before it is first written.
    secret_expected = models.BooleanField(default=False)
    # How far ahead of now the customer's messages have come; see `csbot.pacing`.
    paced_until = models.DateTimeField(null=True, editable=False)
    last_seq = models.PositiveIntegerField(default=0)
    pending_seq = models.PositiveIntegerField(default=0)
    turned_seq = models.PositiveIntegerField(default=0)
    turn_count = models.PositiveIntegerField(default=0)
    fence = models.PositiveBigIntegerField(default=0)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    rating = models.PositiveSmallIntegerField(
        _("rating"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    rating_comment = models.TextField(_("comment"), blank=True)
    opened_at = models.DateTimeField(_("opened"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last activity"), auto_now=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering: ClassVar = ["-updated_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["inbox", "thread_key"],
                condition=Q(status="open"),
                name="csbot_one_open_conversation_per_thread",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["pending_seq"],
                condition=Q(status="open", holder="bot", pending_seq__gt=F("turned_seq")),
                name="csbot_owes_a_turn",
            ),
            models.Index(fields=["brand", "-updated_at"], name="csbot_brand_recent"),
            models.Index(fields=["contact", "-updated_at"], name="csbot_contact_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} · {self.inbox}"


class Entry(models.Model):
    """An append-only fact of a conversation. (conversation, seq) is unique and has no gaps."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        TRANSCRIPT = "transcript"
        STATUS = "status"
        NOTE = "note"
        HEARD = "heard"
        EDIT = "edit"
        READ = "read"
        RATING = "rating"
        HAPPENING = "happening"

    class Sender(models.TextChoices):
        CUSTOMER = "customer"
        BOT = "bot"
        AGENT = "agent"
        SYSTEM = "system"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    sender = models.CharField(max_length=10, choices=Sender)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=150, blank=True)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    staff_only = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        ordering: ClassVar = ["seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["conversation", "seq"], name="csbot_seq_unique")]

    def __str__(self) -> str:
        return f"{self.seq} {self.sender} {self.kind}"


class Receipt(models.Model):
    """What makes receiving idempotent: the first acceptance of (inbox, sender, external id), kept 30 days or more."""

    inbox = models.ForeignKey(Inbox, models.CASCADE, related_name="+")
    sender = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["inbox", "sender", "external_id"], name="csbot_received_once")
        ]

    def __str__(self) -> str:
        return f"{self.sender}/{self.external_id} → {self.seq}"


class Attachment(models.Model):
    """A file of a conversation. `content_type` is what the bytes are, never what the sender called them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="csbot/attachments/%Y/%m/")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")

    def __str__(self) -> str:
        return self.name
