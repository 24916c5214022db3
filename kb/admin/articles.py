"""Articles in the admin: edited side by side, published, compared, restored, tried."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kb import conf, editing
from kb import text as markup
from kb.admin.changes import history
from kb.admin.filters import ImportedDraftFilter, LanguageFilter, ReviewFilter, TagFilter
from kb.admin.forms import ArticleForm, TryForm
from kb.admin.languages import language_name
from kb.importers.writing import accept, dismiss
from kb.models import Article, Collection, Proposal, Version
from kb.models.articles import fresh_key
from kb.search import about, search


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    form = ArticleForm
    change_form_template = "kb/admin/article_form.html"
    change_list_template = "kb/admin/article_list.html"
    list_display = ("title_and_key", "state", "languages", "tag_list", "votes", "review_on")
    list_filter = (
        "status", "collection", LanguageFilter, TagFilter, "audience", ReviewFilter, ImportedDraftFilter, "owner",
    )  # fmt: skip
    search_fields = ("key", "tags", "texts__title", "texts__text", "texts__spoken")
    search_help_text = _("Looks in keys, tags, titles, wordings and texts of every language.")
    ordering = ("collection", "key")
    list_per_page = 50
    actions = ("publish", "unpublish")
    autocomplete_fields = ("owner",)
    fieldsets = (
        (None, {"fields": (("collection", "status"), ("audience", "tags"))}),
        (
            _("Page, owner and dates"),
            {
                "classes": ("collapse",),
                "fields": (("key", "url"), ("owner", "review_on"), ("effective_from", "effective_until")),
            },
        ),
        (None, {"classes": ("hidden",), "fields": ("seen",)}),
    )

    class Media:
        css = {"all": ("kb/admin.css",)}  # noqa: RUF012  # Django reads it so

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).select_related("collection").prefetch_related("texts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if term := search_term.strip():
            # SQLite keeps JSON with its Chinese escaped, PostgreSQL as written.
            written = json.dumps(term)[1:-1] if connection.vendor == "sqlite" else term
            wordings = queryset.annotate(wordings=Cast("texts__questions", TextField()))
            found = found | queryset.filter(pk__in=wordings.filter(wordings__icontains=written).values("pk"))
        return found, duplicates

    # The list.

    @admin.display(description=_("article"), ordering="key")
    def title_and_key(self, article: Article) -> SafeString:
        where = f"{article.collection.key} · {article.key}"
        return format_html('{}<br><span class="kb-key">{}</span>', article.title or "—", where)

    @admin.display(description=_("status"), ordering="status")
    def state(self, article: Article) -> SafeString:
        verified = article.audience == Article.Audience.VERIFIED
        return format_html(
            '<span class="kb-badge kb-{}">{}</span>{}',
            article.status,
            article.get_status_display(),
            format_html(' <span class="kb-badge">{}</span>', article.get_audience_display()) if verified else "",
        )

    @admin.display(description=_("languages"))
    def languages(self, article: Article) -> SafeString:
        rows = {row.language: row for row in article.texts.all()}
        badges = []
        for tag in dict.fromkeys([*conf.languages(), *sorted(rows)]):
            row = rows.get(tag)
            if row is None:
                badges.append(("missing", language_name(tag), gettext("missing")))
            elif row.out_of_date:
                badges.append(("old", language_name(tag), gettext("out of date")))
            else:
                badges.append(("fine", language_name(tag), ""))
        return format_html_join(" ", '<span class="kb-badge kb-{}">{} {}</span>', badges)

    @admin.display(description=_("tags"))
    def tag_list(self, article: Article) -> str:
        return ", ".join(article.tags)

    @admin.display(description=_("helped"))
    def votes(self, article: Article) -> str:
        counts = article.votes.aggregate(yes=Count("pk", filter=Q(helpful=True)), of=Count("pk"))
        return gettext("%(yes)d of %(of)d") % counts if counts["of"] else "—"

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_status(request, queryset, Article.Status.PUBLISHED, gettext("published"))

    @admin.action(description=_("Unpublish"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        self._set_status(request, queryset, Article.Status.DRAFT, gettext("unpublished"))

    def _set_status(self, request: HttpRequest, queryset: QuerySet[Article], status: str, note: str) -> None:
        chosen = list(queryset)
        changed = [editing.set_status(article, status, by=_person(request), note=note) for article in chosen]
        done = sum(changed)
        self.message_user(request, ngettext("%d article changed.", "%d articles changed.", done) % done)
        empty = [article.key for article in chosen if not article.texts.exists()]
        if status == Article.Status.PUBLISHED and empty:
            self.message_user(
                request, gettext("Without a text, not published: %s") % ", ".join(empty), messages.WARNING
            )

    # The form.

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        only = list(Collection.objects.all()[:2])
        if "collection" not in initial and len(only) == 1:
            initial["collection"] = only[0].pk
        return initial

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        person = _person(request)
        with transaction.atomic():
            if not obj.key:
                obj.key = fresh_key(obj.collection, next((text.title for text in form.texts.values()), ""))
            for language in form.removed:
                editing.remove_text(obj, language, by=person, note=gettext("%s removed") % language_name(language))
            note = gettext("edited") if change else gettext("written")
            editing.write(obj, form.texts, by=person, note=note, current=form.declared_current)
            if obj.status == Article.Status.PUBLISHED:
                obj.gaps.exclude(status="dismissed").update(status="answered")

    # The other pages.

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        mine = [
            path("try/", view(self.try_view), name="csbot_kb_article_try"),
            path(
                "<uuid:pk>/versions/<int:number>/restore/",
                view(require_POST(self.restore_view)),
                name="csbot_kb_article_restore",
            ),
            path("proposals/<int:pk>/", view(require_POST(self.proposal_view)), name="csbot_kb_article_proposal"),
        ]
        return mine + super().get_urls()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        article = self.get_object(request, object_id)
        if article is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if not self.has_view_or_change_permission(request, article):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Versions of “%s”") % article,
            "article": article,
            "opts": self.opts,
            "history": history(article),
            "may_restore": self.has_change_permission(request, article),
            "media": self.media,
            **(extra_context or {}),
        }
        return render(request, "kb/admin/versions.html", context)

    def restore_view(self, request: HttpRequest, pk: Any, number: int) -> HttpResponse:
        version = get_object_or_404(Version.objects.select_related("article"), article=pk, number=number)
        if not self.has_change_permission(request, version.article):
            raise PermissionDenied
        note = gettext("version %d restored") % number
        if editing.restore(version, by=_person(request), note=note):
            self.message_user(request, gettext("Version %d is the article's content again.") % number)
        else:
            self.message_user(request, gettext("The article already says what version %d said.") % number)
        return HttpResponseRedirect(reverse("admin:csbot_kb_article_change", args=(pk,)))

    def proposal_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        proposal = get_object_or_404(Proposal.objects.select_related("article"), pk=pk)
        article = proposal.article
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        if "use" in request.POST:
            accept(proposal, by=_person(request))
            self.message_user(request, gettext("The imported text is in use."))
        else:
            dismiss(proposal)
            self.message_user(request, gettext("The imported text was dismissed."))
        return HttpResponseRedirect(reverse("admin:csbot_kb_article_change", args=(article.pk,)))

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """What would the bot answer? Searches as the bot does and shows what made each score."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        collections = list(Collection.objects.values_list("key", "name"))
        initial = {"language": conf.languages()[0], "audience": Article.Audience.PUBLIC}
        form = TryForm(request.GET if "q" in request.GET else None, initial=initial, collections=collections)
        answers = None
        if form.is_valid():
            asked = form.cleaned_data
            hits = search(
                asked["q"],
                asked["collection"] or [key for key, _name in collections],
                language=asked["language"],
                audience=asked["audience"] or Article.Audience.PUBLIC,
            )
            answers = [
                {"hit": hit, "percent": round(hit.score * 100), "chat": markup.to_html(hit.text)} for hit in hits
            ]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("What would the bot answer?"),
            "opts": self.opts,
            "form": form,
            "answers": answers,
            "about": about(),
            "media": self.media,
        }
        return render(request, "kb/admin/try.html", context)


def _person(request: HttpRequest) -> Any:
    """Who changes it: every admin page has somebody signed in."""
    return request.user
