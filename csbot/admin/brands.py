"""Brands, who works for them, and the inboxes they are reached at."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from csbot.admin.fields import Lines
from csbot.admin.look import Styled
from csbot.admin.scoping import CONTENT, BrandFilter, OfBrand, OfBrandInline
from csbot.handoff import rights
from csbot.models import Brand, Inbox, Membership


class MembershipInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Brand)
class BrandAdmin(Styled, OfBrand):
    """A brand, with everybody who has a role at it."""

    brand_path = "pk"
    readers = (CONTENT,)
    list_display = ("name", "key", "people")
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("name", "key")}),
        (_("How long things are kept"), {"fields": ("retention_days", "trace_retention_days")}),
    )

    @admin.display(description=_("staff"))
    def people(self, brand: Brand) -> str:
        return ", ".join(
            str(row.user) for row in brand.memberships.select_related("user").order_by("user__username").distinct()
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return rights.is_superuser(request.user)  # a brand's first manager is named by somebody above all brands

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rights.is_superuser(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj is not None else ()


class InboxForm(forms.ModelForm):  # type: ignore[type-arg]
    origins = Lines(
        label=_("Allowed origins"),
        required=False,
        help_text=_(
            "Websites that may embed the chat, one per line, such as https://shop.example; this site itself always may."
        ),
    )
    vouching_secret = forms.CharField(
        label=_("Vouching secret"),
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=_(
            "Shared with the embedding site, which signs with it who its signed-in user is. Empty keeps what is stored."
        ),
    )

    class Meta:
        model = Inbox
        fields = (
            "brand",
            "name",
            "key",
            "channel",
            "bot",
            "mode",
            "bot_share",
            "queue",
            "origins",
            "colour",
            "logo",
            "side",
        )
        widgets: ClassVar = {"colour": forms.TextInput(attrs={"type": "color"})}

    def clean_origins(self) -> list[str]:
        origins: list[str] = self.cleaned_data["origins"]
        for origin in origins:
            try:
                parts = urlsplit(origin)
                good = (
                    parts.scheme in ("http", "https")
                    and bool(parts.hostname)
                    and parts.path in ("", "/")
                    and not parts.query
                )
            except ValueError:
                good = False
            if not good:
                raise forms.ValidationError(
                    _("“%(origin)s” is not an origin: write scheme and host, such as https://shop.example."),
                    params={"origin": origin},
                )
        return [origin.rstrip("/").lower() for origin in origins]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        brand = data.get("brand")
        for name in ("bot", "queue"):
            chosen = data.get(name)
            if brand is not None and chosen is not None and chosen.brand_id != brand.pk:
                self.add_error(name, _("This belongs to another brand."))
        return data

    def save(self, commit: bool = True) -> Inbox:
        secret = self.cleaned_data.get("vouching_secret")
        if secret:
            self.instance.vouching_secret = secret
        inbox: Inbox = super().save(commit)
        return inbox


@admin.register(Inbox)
class InboxAdmin(Styled, OfBrand):
    """Where customers come in: which bot answers there, who meets them first, how the chat looks."""

    form = InboxForm
    readers = (CONTENT,)
    list_display = ("name", "key", "brand", "channel", "bot", "mode", "bot_share", "queue")
    list_filter = (BrandFilter, "channel", "mode")
    list_select_related = ("brand", "bot", "queue")
    search_fields = ("name", "key")
    fieldsets = (
        (None, {"fields": (("brand", "channel"), ("name", "key"))}),
        (_("Who answers"), {"fields": ("bot", ("mode", "bot_share"), "queue")}),
        (_("The chat on websites"), {"fields": ("origins", ("colour", "side"), "logo", "vouching_secret")}),
    )
