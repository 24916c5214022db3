"""Bots, what they understand (intents with examples) and the tasks they carry out (flows)."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from csbot.admin.fields import Languages, TextsByLanguage, Thresholds, language_label, languages
from csbot.admin.look import Styled, badge
from csbot.admin.scoping import CONTENT, MANAGER, BrandFilter, OfBrand, OfBrandInline
from csbot.admin.training import state_of
from csbot.flows.definition import Surroundings, parse
from csbot.flows.slots import registry as slot_types
from csbot.located import LocatedError
from csbot.models import Bot, Flow, Intent, IntentExample, TrainedModel
from csbot.nlu import learning
from csbot.wordings import variables_of


def raise_revision(bot_id: int) -> None:
    """Puts a change into force: every process compares the bot's revision before it uses what it knows."""
    Bot.objects.filter(pk=bot_id).update(revision=F("revision") + 1)


class BotForm(forms.ModelForm):  # type: ignore[type-arg]
    languages = Languages(label=_("Languages"), help_text=_("The first is what the bot speaks until it knows better."))
    thresholds = Thresholds(
        label=_("Thresholds"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "csbot-code"}),
        help_text=_('How sure the bot must be, from 0 to 1, by name: {"answer": 0.6}. Empty keeps the defaults.'),
    )

    class Meta:
        model = Bot
        fields = ("brand", "key", "name", "persona", "languages", "collections", "thresholds")


@admin.register(Bot)
class BotAdmin(Styled, OfBrand):
    """What answers, and how well it has learned."""

    form = BotForm
    readers = (CONTENT,)
    list_display = ("name", "key", "brand", "intents_shown", "training")
    list_filter = (BrandFilter,)
    list_select_related = ("brand",)
    filter_horizontal = ("collections",)
    readonly_fields = ("training", "figures")
    change_form_template = "csbot/admin/bot_form.html"
    fieldsets = (
        (None, {"fields": (("brand", "key"), "name", "persona", "languages", "collections")}),
        (_("Understanding"), {"fields": ("training", "figures", "thresholds")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).annotate(intent_count=Count("intents"))
        return rows

    def get_urls(self) -> list[URLPattern]:
        train = self.admin_site.admin_view(require_POST(self.train))
        return [path("<int:pk>/train/", train, name="csbot_bot_train"), *super().get_urls()]

    def train(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begins a training in the background, unless one runs."""
        bot = get_object_or_404(self.get_queryset(request), pk=pk)
        if learning.is_current(bot.pk):
            self.message_user(request, gettext("There is nothing new to learn."))
        else:
            learning.train_soon(bot.pk)
            self.message_user(
                request, gettext("Training has begun; reload this page in a few seconds."), messages.SUCCESS
            )
        return HttpResponseRedirect(reverse("admin:csbot_bot_change", args=[pk]))

    @admin.display(description=_("intents"))
    def intents_shown(self, bot: Any) -> SafeString:
        address = reverse("admin:csbot_intent_changelist") + f"?bot__id__exact={bot.pk}"
        return format_html('<a href="{}">{}</a>', address, bot.intent_count)

    @admin.display(description=_("training"))
    def training(self, bot: Bot) -> SafeString | str:
        if bot.pk is None:
            return "—"
        state = state_of(bot.pk)
        return format_html("{} {}", badge(state.words, state.tone), state.detail)

    @admin.display(description=_("held-out figures"))
    def figures(self, bot: Bot) -> SafeString | str:
        """Shares measured on examples that were not used to fit, by language."""
        newest = TrainedModel.objects.filter(bot_id=bot.pk, kind="intents").order_by("-revision").first()
        rows = []
        for code, ways in (newest.metrics.get("languages", newest.metrics) if newest is not None else {}).items():
            for way, numbers in ways.items() if isinstance(ways, dict) else ():
                if isinstance(numbers, dict):
                    shown = ", ".join(
                        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
                        for name, value in numbers.items()
                        if isinstance(value, int | float)
                    )
                    rows.append((language_label(code), way, shown))
        return format_html_join("", "<div><b>{}</b> · {} · {}</div>", rows) if rows else "—"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        raise_revision(form.instance.pk)


class ExampleForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(
        label=_("Language"), choices=lambda: [(code, language_label(code)) for code in languages()]
    )

    class Meta:
        model = IntentExample
        fields = ("language", "text")
        widgets: ClassVar = {"text": forms.TextInput(attrs={"class": "vLargeTextField", "size": 80})}


class ExampleInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    model = IntentExample
    form = ExampleForm
    extra = 3
    ordering = ("language", "pk")


class IntentForm(forms.ModelForm):  # type: ignore[type-arg]
    titles = TextsByLanguage(label=_("Titles"), help_text=_("Offered to customers as a choice: a few words."))
    descriptions = TextsByLanguage(
        label=_("Descriptions"), required=False, help_text=_("Shown when the bot says what it can do.")
    )

    class Meta:
        model = Intent
        fields = ("bot", "key", "titles", "descriptions", "topic", "flow", "article", "wording")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        bot, flow, wording = data.get("bot"), data.get("flow"), data.get("wording")
        if bot is not None and flow and not Flow.objects.filter(bot=bot, key=flow).exists():
            self.add_error("flow", _("This bot has no flow with that key."))
        if bot is not None and wording and variables_of(bot.brand, wording) is None:
            self.add_error("wording", _("There is no wording with that key."))
        if sum(bool(data.get(name)) for name in ("flow", "article", "wording")) > 1:
            self.add_error(
                None, _("An intent starts a flow, or is answered by an article, or by a wording: choose one.")
            )
        return data


class ThinFilter(admin.SimpleListFilter):
    """Intents that have too few examples to be understood well."""

    title = _("examples")
    parameter_name = "thin"
    FEW = 15

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (code, _("under %(n)d in %(language)s") % {"n": self.FEW, "language": language_label(code)})
            for code in languages()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Intent]) -> QuerySet[Intent]:
        code = self.value()
        if not code:
            return queryset
        enough = (
            IntentExample.objects.filter(language=code).values("intent").annotate(n=Count("pk")).filter(n__gte=self.FEW)
        )
        return queryset.exclude(pk__in=enough.values("intent"))


@admin.register(Intent)
class IntentAdmin(Styled, OfBrand):
    """What customers want, taught by examples. A change is learned in the background within seconds."""

    form = IntentForm
    brand_path = "bot__brand"
    roles = (MANAGER, CONTENT)
    list_display = ("key", "title_shown", "bot", "topic", "leads_to", "examples_shown")
    list_filter = ("bot", ThinFilter, "topic")
    list_select_related = ("bot",)
    search_fields = ("key", "topic", "examples__text")
    search_help_text = _("Looks in keys, topics and examples.")
    list_per_page = 50
    inlines = (ExampleInline,)
    fieldsets = (
        (None, {"fields": (("bot", "key"), "titles", "descriptions", "topic")}),
        (_("What answers it"), {"fields": (("flow", "article", "wording"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("examples")

    @admin.display(description=_("title"))
    def title_shown(self, intent: Intent) -> str:
        return intent.title((get_language() or "en").partition("-")[0])

    @admin.display(description=_("leads to"))
    def leads_to(self, intent: Intent) -> str:
        if intent.flow:
            return gettext("flow %s") % intent.flow
        if intent.article:
            return gettext("article %s") % intent.article
        return gettext("wording %s") % intent.wording if intent.wording else "—"

    @admin.display(description=_("examples"))
    def examples_shown(self, intent: Intent) -> SafeString:
        counts = dict.fromkeys(languages(), 0)
        for example in intent.examples.all():
            counts[example.language] = counts.get(example.language, 0) + 1
        return format_html_join(
            " ",
            "{}",
            (
                (badge(f"{language_label(code)} {count}", "" if count >= ThinFilter.FEW else "warn"),)
                for code, count in counts.items()
            ),
        )


class FlowForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Flow
        fields = ("bot", "key", "enabled", "definition")
        widgets: ClassVar = {
            "definition": forms.Textarea(attrs={"rows": 32, "class": "csbot-code", "spellcheck": "false"})
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        text = data.get("definition")
        if text:
            try:
                flow = parse(text, gettext("definition"), Surroundings(slot_types=slot_types.names()))
            except LocatedError as error:
                self.add_error("definition", [str(problem) for problem in error.problems])
            else:
                if data.get("key") and flow.key != data["key"]:
                    self.add_error("key", _("The definition calls itself “%(key)s”.") % {"key": flow.key})
        return data


@admin.register(Flow)
class FlowAdmin(Styled, OfBrand):
    """Tasks as steps. A definition that would not run is refused, with the line and what is wrong there."""

    form = FlowForm
    brand_path = "bot__brand"
    roles = (MANAGER, CONTENT)
    list_display = ("key", "bot", "enabled", "pack_state", "updated_at")
    list_filter = ("bot", "enabled")
    list_select_related = ("bot",)
    search_fields = ("key", "definition")
    actions = ("enable", "disable")
    change_form_template = "csbot/admin/flow_form.html"
    fieldsets = ((None, {"fields": (("bot", "key", "enabled"), "definition")}),)

    def get_urls(self) -> list[URLPattern]:
        draft = self.admin_site.admin_view(require_POST(self.decide_draft))
        return [path("<int:pk>/draft/", draft, name="csbot_flow_draft"), *super().get_urls()]

    @admin.display(description=_("pack"))
    def pack_state(self, flow: Flow) -> SafeString | str:
        return badge(gettext("a newer version waits"), "warn") if flow.draft else (flow.source or "—")

    def decide_draft(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes the pack's newer version, or lays it aside."""
        flow = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, flow):
            return HttpResponseRedirect(reverse("admin:csbot_flow_changelist"))
        if flow.draft and "accept" in request.POST:
            try:
                parse(flow.draft, flow.key, Surroundings(slot_types=slot_types.names()))
            except LocatedError as error:
                self.message_user(request, str(error), messages.ERROR)
                return HttpResponseRedirect(reverse("admin:csbot_flow_change", args=[pk]))
            flow.definition = flow.draft
            self.message_user(request, gettext("The pack's version is in force."), messages.SUCCESS)
        flow.draft = ""
        with transaction.atomic():
            flow.save(update_fields=["definition", "draft", "updated_at"])
            raise_revision(flow.bot_id)
        return HttpResponseRedirect(reverse("admin:csbot_flow_change", args=[pk]))

    @admin.action(description=_("Switch on"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Flow]) -> None:
        self._switch(request, queryset, True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Flow]) -> None:
        self._switch(request, queryset, False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Flow], on: bool) -> None:
        with transaction.atomic():
            bots = set(queryset.values_list("bot_id", flat=True))
            done = queryset.update(enabled=on)
            for bot in bots:
                raise_revision(bot)
        self.message_user(request, ngettext("%d flow was switched.", "%d flows were switched.", done) % done)

    def save_model(self, request: HttpRequest, obj: Flow, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        raise_revision(obj.bot_id)

    def delete_model(self, request: HttpRequest, obj: Flow) -> None:
        super().delete_model(request, obj)
        raise_revision(obj.bot_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Flow]) -> None:
        bots = set(queryset.values_list("bot_id", flat=True))
        super().delete_queryset(request, queryset)
        for bot in bots:
            raise_revision(bot)
