"""The bot's work on a conversation: turns under a lease, what they did in the business, how they decided."""

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from csbot.models.conversations import Conversation


class Turn(models.Model):
    """One batch of entries being answered. At most one runs per conversation; a re-run keeps number and batch."""

    class Status(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        SUPERSEDED = "superseded", _("superseded")
        FAILED = "failed", _("failed")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.RUNNING)
    attempt = models.PositiveSmallIntegerField(default=1)
    from_seq = models.PositiveIntegerField()
    through_seq = models.PositiveIntegerField()
    fence = models.PositiveBigIntegerField()
    lease_until = models.DateTimeField()
    acted = models.BooleanField(default=False)
    shown = models.BooleanField(default=False)
    worker = models.CharField(max_length=100, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering: ClassVar = ["conversation", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(status="running"), name="csbot_one_running_turn"
            ),
            models.UniqueConstraint(fields=["conversation", "number"], name="csbot_turn_number_unique"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="csbot_running_leases")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} #{self.number}"


class Trace(models.Model):
    """How a turn was decided, masked: the first line is one plain sentence, then a finding per stage."""

    turn = models.OneToOneField(Turn, models.CASCADE, related_name="trace")
    summary = models.TextField(_("summary"))
    stages = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    milliseconds = models.FloatField(_("duration in ms"), default=0.0)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("trace")
        verbose_name_plural = _("traces")

    def __str__(self) -> str:
        return self.summary


class ActionRun(models.Model):
    """The journal of business actions: `started` before, `done` with its result after.

    A re-run of the turn replays `done`, and reconciles `started` by the idempotency key.
    """

    class Status(models.TextChoices):
        STARTED = "started", _("started")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="action_runs")
    turn_number = models.PositiveIntegerField()
    step = models.CharField(max_length=120)
    action = models.CharField(max_length=120)
    arguments_hash = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=64, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.STARTED)
    result = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation", "turn_number", "step", "arguments_hash"], name="csbot_action_once_per_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.status})"


class Timer(models.Model):
    """Something that is due in a conversation at a moment; fired once by the sweeper as a happening."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=40)
    due_at = models.DateTimeField(db_index=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "kind"], name="csbot_one_timer_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.due_at:%F %T}"


class SealedValue(models.Model):
    """A secret slot's value, encrypted, living for minutes; entries and state carry only its random reference."""

    reference = models.CharField(max_length=43, primary_key=True)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    value = EncryptedTextField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("sealed value")
        verbose_name_plural = _("sealed values")

    def __str__(self) -> str:
        return self.reference


class VerificationCode(models.Model):
    """A one-time code sent to an address, stored hashed; three tries, ten minutes."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="+")
    address = models.CharField(max_length=255)
    code_hash = models.CharField(max_length=128)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("verification code")
        verbose_name_plural = _("verification codes")

    def __str__(self) -> str:
        return f"{self.address} ({self.tries})"
