"""Ways to narrow the list of articles."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kb import conf
from kb.admin.languages import language_name
from kb.models import Article, ArticleText


class LanguageFilter(admin.SimpleListFilter):
    """Articles that lack a language, or whose text in it is out of date."""

    title = _("languages")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        choices = [("out_of_date", gettext("out of date in any language"))]
        for tag in conf.languages():
            name = language_name(tag)
            choices.append((f"missing-{tag}", gettext("%s missing") % name))
            choices.append((f"old-{tag}", gettext("%s out of date") % name))
        return choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        what, _dash, tag = (self.value() or "").partition("-")
        if what == "missing":
            return queryset.exclude(pk__in=ArticleText.objects.filter(language=tag).values("article"))
        if what in ("old", "out_of_date"):
            old = ArticleText.objects.filter(out_of_date=True)
            return queryset.filter(pk__in=(old.filter(language=tag) if tag else old).values("article"))
        return queryset


class TagFilter(admin.SimpleListFilter):
    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        used = Article.objects.exclude(tags="").values_list("tags", flat=True).distinct()
        return [(tag, tag) for tag in sorted({tag for tags in used for tag in tags})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        tag = self.value()
        return queryset.filter(tags__contains=tag) if tag else queryset


class ReviewFilter(admin.SimpleListFilter):
    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", gettext("due")), ("none", gettext("no date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() == "due":
            return queryset.filter(review_on__lte=timezone.localdate())
        return queryset.filter(review_on=None) if self.value() == "none" else queryset


class ImportedDraftFilter(admin.SimpleListFilter):
    title = _("imported draft")
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", gettext("waiting"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        return queryset.filter(proposals__isnull=False).distinct() if self.value() else queryset
