"""Queues, the people who serve them, who waits, and tickets."""

import uuid
import zoneinfo
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from csbot.models.brands import Brand, Inbox
from csbot.models.conversations import Conversation


def a_time_zone(name: str) -> None:
    """Refuses what is not an IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone; write it as in Europe/Amsterdam."), params={"name": name}
        )


class Queue(models.Model):
    """The line a conversation waits in for a person. Topic and language choose among a brand's queues."""

    brand = models.ForeignKey(Brand, models.CASCADE, related_name="queues", verbose_name=_("brand"))
    key = models.SlugField(_("key"))
    names = models.JSONField(_("names"), default=dict, help_text=_('By language: {"en": "Returns", "zh": "退货"}.'))
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="csbot_queues", blank=True, verbose_name=_("members")
    )
    inboxes = models.ManyToManyField(
        Inbox,
        related_name="queues",
        blank=True,
        verbose_name=_("inboxes"),
        help_text=_("None means every inbox of the brand."),
    )
    topics = models.JSONField(_("topics"), default=list, blank=True, help_text=_("None means every topic."))
    languages = models.JSONField(_("languages"), default=list, blank=True, help_text=_("None means every language."))
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[a_time_zone])
    ticket_email = models.EmailField(_("e-mail for tickets"), blank=True)
    untaken_after = models.PositiveIntegerField(
        _("offer a ticket after (seconds)"),
        default=180,
        help_text=_("How long a conversation waits before a ticket is offered."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["brand", "key"], name="csbot_queue_key")]

    def __str__(self) -> str:
        return self.name((get_language() or "en").partition("-")[0])

    def name(self, language: str) -> str:
        """The name in `language`, else in any language there is, else the key."""
        return str(self.names.get(language) or next(iter(self.names.values()), self.key))


class OpeningHours(models.Model):
    """One slot of a weekday in the queue's time zone; a day may have several. A queue without any is always open."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"), help_text=_("Until midnight is 00:00."))

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering: ClassVar = ["weekday", "opens"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class Holiday(models.Model):
    """A date on which the queue is closed, or open at other hours."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="holidays")
    date = models.DateField(_("date"))
    name = models.CharField(_("name"), max_length=100, blank=True)
    opens = models.TimeField(_("opens"), null=True, blank=True, help_text=_("Leave both empty for closed all day."))
    closes = models.TimeField(_("closes"), null=True, blank=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["queue", "date"], name="csbot_one_holiday_per_date")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class Handoff(models.Model):
    """One passing of a conversation to people, from entering the queue to its end."""

    class Reason(models.TextChoices):
        REQUEST = "request", _("asked for a person")
        ANGER = "anger", _("upset")
        LADDER = "ladder", _("the bot could not help")
        FLOW = "flow", _("a flow asks for a person")
        FAILURE = "failure", _("something went wrong")
        PEOPLE_FIRST = "people_first", _("people first")
        AGENT_GONE = "agent_gone", _("the agent went away")
        SAFETY = "safety", _("safety")
        TAKEOVER = "takeover", _("an agent stepped in")

    class Outcome(models.TextChoices):
        RESOLVED = "resolved", _("resolved")
        HANDED_BACK = "handed_back", _("handed back")
        LEFT = "left", _("the customer left")
        TICKET = "ticket", _("ticket")
        REQUEUED = "requeued", _("requeued")
        UNRESOLVED = "unresolved", _("not resolved")
        SPAM = "spam", _("not a customer")

    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="handoffs", verbose_name=_("conversation")
    )
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="handoffs", verbose_name=_("queue"))
    reason = models.CharField(_("reason"), max_length=15, choices=Reason)
    detail = models.TextField(_("detail"), blank=True)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    entered_at = models.DateTimeField(_("waiting since"))
    # Queue order. Equal to `entered_at`, except for a customer whose agent went away: they return to the head.
    rank = models.DateTimeField()
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("agent")
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)

    class Meta:
        verbose_name = _("handoff")
        verbose_name_plural = _("handoffs")
        ordering: ClassVar = ["rank"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(ended_at=None), name="csbot_one_open_handoff")
        ]
        indexes: ClassVar = [
            models.Index(fields=["queue", "rank"], condition=Q(ended_at=None, taken_at=None), name="csbot_who_waits")
        ]

    def __str__(self) -> str:
        return f"{self.conversation} → {self.queue}"


class AgentPresence(models.Model):
    """When an agent's staff page was last seen, and whether they take chats."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="csbot_presence")
    seen_at = models.DateTimeField()
    available = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("agent presence")
        verbose_name_plural = _("agent presences")

    def __str__(self) -> str:
        return f"{self.user} {self.seen_at:%F %T}"


class Ticket(models.Model):
    """A request answered by e-mail, because nobody could take the conversation in time."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="tickets", verbose_name=_("conversation")
    )
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="tickets", verbose_name=_("queue"))
    email = models.EmailField(_("e-mail"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return f"{self.email} ({self.get_status_display()})"
