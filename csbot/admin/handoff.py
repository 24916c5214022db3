"""Queues, who waits in them and since when, and tickets."""

from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from csbot import conversations
from csbot.admin.fields import Languages, Lines, TextsByLanguage
from csbot.admin.look import READ_ONLY, Styled, age, badge
from csbot.admin.scoping import BrandFilter, OfBrand, OfBrandInline
from csbot.entries import lock
from csbot.handoff import presence, queues, rights
from csbot.models import Handoff, Holiday, OpeningHours, Queue, Ticket


class HoursInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    model = OpeningHours
    extra = 0
    verbose_name_plural = _("opening hours: a day may have several; without any, always open")


class HolidayInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    model = Holiday
    extra = 0


class QueueForm(forms.ModelForm):  # type: ignore[type-arg]
    names = TextsByLanguage(label=_("Names"), help_text=_("As customers read them."))
    topics = Lines(
        label=_("Topics"),
        required=False,
        help_text=_("One per line, as intents and flows name them. None means every topic."),
    )
    languages = Languages(label=_("Languages"), required=False, help_text=_("None means every language."))

    class Meta:
        model = Queue
        fields = (
            "brand", "key", "names", "members", "inboxes", "topics", "languages", "time_zone", "ticket_email",
            "untaken_after", "enabled",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        brand = data.get("brand")
        if brand is not None and any(inbox.brand_id != brand.pk for inbox in data.get("inboxes") or ()):
            self.add_error("inboxes", _("An inbox here belongs to another brand."))
        return data


@admin.register(Queue)
class QueueAdmin(Styled, OfBrand):
    """The lines customers wait in."""

    form = QueueForm
    list_display = ("title", "brand", "now", "who_waits", "here", "topics_shown", "ticket_email", "enabled")
    list_filter = (BrandFilter, "enabled")
    list_select_related = ("brand",)
    filter_horizontal = ("members",)
    inlines = (HoursInline, HolidayInline)
    fieldsets = (
        (None, {"fields": (("brand", "key", "enabled"), "names", "members")}),
        (_("What it serves"), {"fields": ("inboxes", "topics", "languages")}),
        (_("When nobody is there"), {"fields": ("time_zone", ("ticket_email", "untaken_after"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        waiting = Count("handoffs", filter=Q(handoffs__ended_at=None, handoffs__taken_at=None))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(waiting=waiting)
        return rows

    @admin.display(description=_("queue"), ordering="key")
    def title(self, queue: Queue) -> str:
        return queue.name(_language())

    @admin.display(description=_("now"))
    def now(self, queue: Queue) -> SafeString:
        schedule = queues.schedule_of(queue)
        opens = schedule.next_opening(timezone.now())
        if schedule.is_open(timezone.now()):
            return badge(pgettext("queue", "open"), "good")
        return badge(gettext("closed until %s") % date_format(opens, "D H:i") if opens else gettext("closed"), "warn")

    @admin.display(description=pgettext_lazy("queue", "waiting"), ordering="waiting")
    def who_waits(self, queue: Any) -> SafeString | str:
        if not queue.waiting:
            return "0"
        address = reverse("admin:csbot_handoff_changelist") + f"?queue__id__exact={queue.pk}"
        return format_html('<a href="{}">{}</a>', address, queue.waiting)

    @admin.display(description=_("people here"))
    def here(self, queue: Queue) -> int:
        return presence.present(queue).count()

    @admin.display(description=_("topics"))
    def topics_shown(self, queue: Queue) -> str:
        return ", ".join(queue.topics) or "—"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "members" and not rights.is_superuser(request.user):
            # A manager staffs queues with the people of their brands, and does not learn who else is here.
            brands = rights.brands_of(request.user, *self.roles)
            people = get_user_model()._default_manager.filter(csbot_memberships__brand__in=brands)
            kwargs["queryset"] = people.distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class StateFilter(admin.SimpleListFilter):
    """Who waits now, unless something else is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("held", _("with an agent")), ("ended", _("ended")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": pgettext_lazy("queue", "waiting"), "selected": self.value() is None}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Handoff]) -> QuerySet[Handoff]:
        match self.value():
            case "held":
                return queryset.filter(ended_at=None, taken_at__isnull=False)
            case "ended":
                return queryset.filter(ended_at__isnull=False)
            case "all":
                return queryset
        return queryset.filter(ended_at=None, taken_at=None)


# Who asks: the admin makes the form of its actions without saying for which request.
_asker: ContextVar[Any] = ContextVar("csbot_asker", default=None)


class AssignForm(ActionForm):
    """What an action needs beside its rows: to whom, or where to. Offers only what the asker may choose."""

    to_agent = forms.ModelChoiceField(get_user_model()._default_manager.none(), label=_("Agent"), required=False)
    to_queue = forms.ModelChoiceField(Queue.objects.none(), label=_("Queue"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asker = _asker.get()
        if asker is None:
            return
        brands = rights.brands_of(asker, rights.MANAGER)
        staff = Q(csbot_memberships__brand__in=brands, csbot_memberships__role__in=[rights.AGENT, rights.MANAGER])
        if rights.is_superuser(asker):
            staff |= Q(is_superuser=True)
        people: Any = self.fields["to_agent"]
        people.queryset = get_user_model()._default_manager.filter(staff, is_active=True).distinct()
        lines: Any = self.fields["to_queue"]
        lines.queryset = Queue.objects.filter(enabled=True, brand__in=brands)


@admin.register(Handoff)
class HandoffAdmin(Styled, OfBrand):
    """Who waits, why and since when, and who was served. Nothing is edited here but assigned, requeued and closed."""

    brand_path = "queue__brand"
    list_display = ("customer", "queue", "why", "waits", "sentiment", "topic", "language", "agent")
    list_filter = (StateFilter, "queue", "reason", "outcome")
    list_select_related = ("conversation__contact", "conversation__inbox", "queue", "agent")
    ordering = ("rank",)
    search_fields = ("conversation__contact__name", "detail")
    fields = (
        "conversation", "queue", "reason", "detail", ("entered_at", "agent"), ("taken_at", "ended_at"), "outcome",
    )  # fmt: skip
    actions = ("assign", "requeue", "close")
    action_form = AssignForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in Handoff._meta.fields]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {**READ_ONLY, **(extra_context or {})})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        token = _asker.set(request.user)
        try:
            response = super().changelist_view(request, extra_context)
            return response.render() if hasattr(response, "render") else response
        finally:
            _asker.reset(token)

    @admin.display(description=_("customer"), ordering="conversation__contact__name")
    def customer(self, handoff: Handoff) -> SafeString:
        address = reverse("admin:csbot_conversation_change", args=[handoff.conversation_id])
        return format_html('<a href="{}">{}</a>', address, str(handoff.conversation.contact))

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, handoff: Handoff) -> SafeString:
        tone = {"anger": "bad", "failure": "bad", "safety": "bad", "agent_gone": "warn"}.get(handoff.reason, "")
        return format_html("{} {}", badge(handoff.get_reason_display(), tone), handoff.detail[:80])

    @admin.display(description=_("waiting for"), ordering="rank")
    def waits(self, handoff: Handoff) -> SafeString | str:
        if handoff.ended_at is None and handoff.taken_at is None:
            return age(handoff.entered_at, timedelta(seconds=handoff.queue.untaken_after))
        return age(handoff.entered_at)

    @admin.display(description=_("sentiment"))
    def sentiment(self, handoff: Handoff) -> str:
        return f"{handoff.conversation.sentiment:+.2f}"

    @admin.display(description=_("topic"))
    def topic(self, handoff: Handoff) -> str:
        return handoff.conversation.topic or "—"

    @admin.display(description=_("language"))
    def language(self, handoff: Handoff) -> str:
        return handoff.conversation.language

    @admin.action(description=_("Assign to the chosen agent"), permissions=["change"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Handoff]) -> None:
        agent = self._chosen(request, "to_agent", gettext("Choose an agent beside the action."))
        if agent is None:
            return
        done = 0
        for handoff in queryset.filter(ended_at=None, taken_at=None):
            served = rights.serving(handoff.queue).filter(pk=agent.pk).exists()
            if not served:
                self.message_user(
                    request,
                    gettext("%(agent)s does not serve the queue %(queue)s.") % {"agent": agent, "queue": handoff.queue},
                    messages.ERROR,
                )
                continue
            done += self._try(request, lambda each=handoff: conversations.take(each.conversation_id, agent))
        self._tell(request, ngettext("%d conversation was assigned.", "%d conversations were assigned.", done), done)

    @admin.action(description=_("Requeue (to the chosen queue, if any)"), permissions=["change"])
    def requeue(self, request: HttpRequest, queryset: QuerySet[Handoff]) -> None:
        choice = request.POST.get("to_queue")
        target = self._chosen(request, "to_queue", "") if choice else None
        done = 0
        for handoff in queryset.filter(ended_at=None).select_related("queue"):
            if target is not None and target.brand_id != handoff.queue.brand_id:
                self.message_user(request, gettext("A conversation stays with its brand."), messages.ERROR)
                continue
            with transaction.atomic():
                conversation = lock(handoff.conversation_id)
                current = queues.open_handoff(conversation)
                if current is None:
                    continue
                if current.taken_at is not None:
                    done += queues.requeue(conversation, queue=target) is not None
                elif target is not None and target.pk != current.queue_id:
                    current.conversation = conversation
                    queues.move(current, target)
                    done += 1
        self._tell(request, ngettext("%d conversation was requeued.", "%d conversations were requeued.", done), done)

    @admin.action(description=_("Close the conversation"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Handoff]) -> None:
        done = 0
        for handoff in queryset.filter(ended_at=None):
            conversations.close(handoff.conversation_id, by="agent", agent=request.user)  # type: ignore[arg-type]
            done += 1
        self._tell(request, ngettext("%d conversation was closed.", "%d conversations were closed.", done), done)

    def _chosen(self, request: HttpRequest, name: str, otherwise: str) -> Any:
        form = self.action_form(request.POST)
        form.fields["action"].choices = self.get_action_choices(request)  # type: ignore[attr-defined]
        chosen = form.cleaned_data.get(name) if form.is_valid() else None
        if chosen is None and otherwise:
            self.message_user(request, otherwise, messages.ERROR)
        return chosen

    def _try(self, request: HttpRequest, does: Any) -> bool:
        try:
            return bool(does())
        except conversations.Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return False

    def _tell(self, request: HttpRequest, words: str, done: int) -> None:
        if done:
            self.message_user(request, words % done, messages.SUCCESS)


@admin.register(Ticket)
class TicketAdmin(Styled, OfBrand):
    """Requests that are answered by e-mail. The answer is written on the staff page."""

    brand_path = "queue__brand"
    list_display = ("email", "queue", "status", "since", "answered_at", "on_desk")
    list_filter = ("status", "queue")
    list_select_related = ("queue", "conversation")
    search_fields = ("email",)
    readonly_fields = ("conversation", "queue", "email", "created_at", "answered_at")
    fields = ("conversation", "queue", "email", "status", "created_at", "answered_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("age"), ordering="created_at")
    def since(self, ticket: Ticket) -> SafeString | str:
        return age(ticket.created_at, timedelta(days=1) if ticket.status == Ticket.Status.OPEN else None)

    @admin.display(description=_("staff page"))
    def on_desk(self, ticket: Ticket) -> SafeString:
        return format_html('<a href="{}#{}">{}</a>', reverse("csbot:desk"), ticket.conversation_id, gettext("answer"))


def _language() -> str:
    return (get_language() or "en").partition("-")[0]
