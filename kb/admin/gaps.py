"""Questions without an answer in the admin, and the way from one to an article."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kb import editing
from kb.content import TextData
from kb.models import Article, Collection, Gap
from kb.models.articles import fresh_key


@admin.register(Gap)
class GapAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    change_form_template = "kb/admin/gap_form.html"
    list_display = ("question", "language", "count", "reason", "last_seen", "status", "nearest")
    list_filter = ("status", "language", "reason")
    search_fields = ("question",)
    ordering = ("-count", "-last_seen")
    date_hierarchy = "last_seen"
    actions = ("dismiss", "open_again")
    fields = (
        "question", ("language", "count"), ("reason", "status"), ("first_seen", "last_seen"), "collection_keys",
        "nearest", "conversations", "drafted",
    )  # fmt: skip

    class Media:
        css = {"all": ("kb/admin.css",)}  # noqa: RUF012  # Django reads it so

    def get_readonly_fields(self, request: HttpRequest, obj: Gap | None = None) -> list[str]:
        return ["question", "language", "count", "reason", "first_seen", "last_seen", "collection_keys", "nearest",
                "conversations", "drafted"]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # customers make them

    @admin.display(description=_("collections"))
    def collection_keys(self, gap: Gap) -> str:
        return ", ".join(gap.collections) or "—"

    @admin.display(description=_("conversations"))
    def conversations(self, gap: Gap) -> str:
        return ", ".join(gap.references) or "—"

    @admin.display(description=_("nearest articles"))
    def nearest(self, gap: Gap) -> SafeString | str:
        rows = (
            (reverse("admin:csbot_kb_article_change", args=(near["article"],)), near["title"], near["score"])
            for near in gap.near
        )
        return format_html_join("", '<div><a href="{}">{}</a> {}</div>', rows) or "—"

    @admin.display(description=_("article"))
    def drafted(self, gap: Gap) -> SafeString | str:
        if gap.article is None:
            return "—"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:csbot_kb_article_change", args=(gap.article.pk,)), gap.article
        )

    @admin.action(description=_("Dismiss"), permissions=["change"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Gap]) -> None:
        self._say(request, queryset.update(status=Gap.Status.DISMISSED))

    @admin.action(description=_("Open again"), permissions=["change"])
    def open_again(self, request: HttpRequest, queryset: QuerySet[Gap]) -> None:
        self._say(request, queryset.update(status=Gap.Status.OPEN))

    def _say(self, request: HttpRequest, done: int) -> None:
        self.message_user(request, ngettext("%d gap changed.", "%d gaps changed.", done) % done)

    def get_urls(self) -> list[URLPattern]:
        draft = self.admin_site.admin_view(require_POST(self.draft_view))
        return [path("<int:pk>/draft/", draft, name="csbot_kb_gap_draft"), *super().get_urls()]

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Makes a draft article that asks the gap's question, and opens it for writing."""
        gap = get_object_or_404(Gap, pk=pk)
        if not (self.has_change_permission(request, gap) and request.user.has_perm("csbot_kb.add_article")):
            raise PermissionDenied
        if gap.article is None:
            collection = Collection.objects.filter(key__in=gap.collections).first() or Collection.objects.first()
            if collection is None:
                self.message_user(request, gettext("Make a collection first: an article belongs to one."), "error")
                return HttpResponseRedirect(reverse("admin:csbot_kb_gap_change", args=(pk,)))
            with transaction.atomic():
                gap.article = draft(gap, collection, by=request.user)
                gap.status = Gap.Status.DRAFTED
                gap.save()
            self.message_user(request, gettext("A draft was made. Write the answer, then publish it."))
        return HttpResponseRedirect(reverse("admin:csbot_kb_article_change", args=(gap.article.pk,)))


def draft(gap: Gap, collection: Collection, *, by: Any) -> Article:
    """An unpublished article with the gap's question as its first wording; its text says what is still to do."""
    article = Article(collection=collection, key=fresh_key(collection, gap.question[:60]), owner=by)
    title = gap.question.rstrip("?？ ")[:200] or gettext("Unanswered question")
    data = TextData(title, gettext("(The answer is still to be written.)"), (gap.question[:300],))
    editing.write(article, {gap.language: data}, by=by, note=gettext("drafted from a gap"))
    return article
