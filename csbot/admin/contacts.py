"""Customers, what they are known by, and joining two records of one person."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from csbot import contacts
from csbot.admin.look import Styled, badge
from csbot.admin.scoping import BrandFilter, OfBrand, OfBrandInline
from csbot.models import Address, Contact, Conversation


class AddressInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    """Shown, not edited: an address is proved by its owner, never by typing."""

    model = Address
    extra = 0
    can_delete = False
    fields = ("kind", "value", "verified_at", "consent_at", "opted_out_at")
    readonly_fields = ("kind", "value", "verified_at", "consent_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ConversationInline(OfBrandInline, admin.TabularInline):  # type: ignore[type-arg]
    model = Conversation
    extra = 0
    can_delete = False
    fields = readonly_fields = ("link", "inbox", "status", "outcome", "rating", "opened_at")
    verbose_name_plural = _("conversations")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("conversation"))
    def link(self, conversation: Conversation) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:csbot_conversation_change", args=[conversation.pk]), gettext("read")
        )


@admin.register(Contact)
class ContactAdmin(Styled, OfBrand):
    """The customers of a brand. Two records of one person are merged by choosing both."""

    list_display = ("name_shown", "brand", "known_by", "language", "conversations_shown", "last_seen")
    list_filter = (BrandFilter, "language")
    list_select_related = ("brand",)
    search_fields = ("name", "addresses__value", "notes")
    readonly_fields = ("brand", "merged_into", "created_at")
    fields = (("name", "language"), "notes", ("brand", "merged_into", "created_at"))
    inlines = (AddressInline, ConversationInline)
    actions = ("merge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).prefetch_related("addresses")
        rows = rows.annotate(talks=Count("conversations", distinct=True), seen=Max("conversations__updated_at"))
        return rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a contact begins with a conversation

    @admin.display(description=_("name"), ordering="name")
    def name_shown(self, contact: Contact) -> SafeString | str:
        if contact.merged_into_id is not None:
            return format_html("{} {}", str(contact), badge(gettext("merged")))
        return str(contact)

    @admin.display(description=_("known by"))
    def known_by(self, contact: Contact) -> str:
        shown = [address for address in contact.addresses.all() if address.kind != Address.Kind.VISITOR]
        return ", ".join(f"{address.value} ✓" if address.verified_at else address.value for address in shown) or "—"

    @admin.display(description=_("conversations"), ordering="talks")
    def conversations_shown(self, contact: Any) -> int:
        return int(contact.talks)

    @admin.display(description=_("last seen"), ordering="seen")
    def last_seen(self, contact: Any) -> Any:
        return contact.seen

    @admin.action(description=_("Merge into the oldest of them"), permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Contact]) -> None:
        chosen = list(queryset.filter(merged_into=None).order_by("created_at", "pk"))
        if len(chosen) < 2:
            self.message_user(request, gettext("Choose two contacts or more that are one person."), messages.WARNING)
            return
        target, *others = chosen
        if any(other.brand_id != target.brand_id for other in others):
            self.message_user(request, gettext("Contacts of different brands are different people."), messages.ERROR)
            return
        with transaction.atomic():
            for other in others:
                if not target.name and other.name:
                    target.name = other.name
                target.notes = "\n".join(note for note in (target.notes, other.notes) if note)
                contacts.merge(other, target)
            target.save(update_fields=["name", "notes"])
        for other in others:
            self.log_change(request, other, f"Merged into {target.pk}.")
        self.message_user(
            request,
            gettext("%(n)d contacts are now one: %(name)s.") % {"n": len(chosen), "name": target},
            messages.SUCCESS,
        )
