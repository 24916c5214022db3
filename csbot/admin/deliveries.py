"""The outbox: what waits, what was sent, and dead letters to send again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from csbot import deliveries
from csbot.admin.look import READ_ONLY, Styled, badge
from csbot.admin.scoping import OfBrand
from csbot.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(Styled, OfBrand):
    """What left the site, or could not."""

    brand_path = "conversation__brand"
    list_display = ("recipient", "kind", "subject", "state", "attempts", "created_at", "sent_at", "next_at", "error")
    list_filter = ("status", "kind")
    search_fields = ("recipient", "error")
    ordering = ("-pk",)
    list_select_related = ("conversation",)
    actions = ("send_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in Delivery._meta.fields]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(request, object_id, form_url, {**READ_ONLY, **(extra_context or {})})

    @admin.display(description=_("subject"))
    def subject(self, delivery: Delivery) -> str:
        return str(delivery.payload.get("subject", ""))[:80]

    @admin.display(description=_("status"), ordering="status")
    def state(self, delivery: Delivery) -> SafeString:
        return badge(delivery.get_status_display(), {"sent": "good", "dead": "bad"}.get(delivery.status, "warn"))

    @admin.action(description=_("Send again what was given up"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        done = deliveries.replay(Delivery.objects.filter(pk__in=queryset.values("pk")))
        words = ngettext("%d delivery will be sent again.", "%d deliveries will be sent again.", done) % done
        self.message_user(request, words, messages.SUCCESS if done else messages.WARNING)
