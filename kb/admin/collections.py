"""Collections in the admin."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kb.models import Collection


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    list_display = ("name", "key", "articles")
    search_fields = ("name", "key")
    readonly_fields = ("fitted",)
    fields = ("name", "key", "fitted")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        collections: QuerySet[Collection] = super().get_queryset(request)
        return collections.annotate(article_count=Count("articles"))

    def get_readonly_fields(self, request: HttpRequest, obj: Collection | None = None) -> tuple[str, ...]:
        return ("key", "fitted") if obj else ("fitted",)  # bots name it by its key

    @admin.display(description=_("articles"), ordering="article_count")
    def articles(self, collection: Collection) -> int:
        return int(getattr(collection, "article_count", 0))

    @admin.display(description=_("fitted weights"))
    def fitted(self, collection: Collection) -> SafeString | str:
        rows = []
        for weights in collection.weights.order_by("language", "engine"):
            figures = weights.report.get("fitted", {})
            rows.append(
                (
                    weights.language,
                    weights.engine,
                    gettext("first hit right %(first)s %%, among five %(five)s %%, of %(number)d questions kept apart")
                    % {
                        "first": round(100 * figures.get("recall_at_1", 0)),
                        "five": round(100 * figures.get("recall_at_5", 0)),
                        "number": figures.get("questions", 0),
                    },
                )
            )
        return format_html_join("", "<div>{} · {}: {}</div>", rows) or gettext(
            "None yet: the shipped weights are used. `manage.py csbot_kb_fit` fits them."
        )
