"""What the bot says on its own: every wording on one page, changed with a preview, and brought back by a reset."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from csbot import wordings
from csbot.admin.fields import language_label, languages
from csbot.admin.look import Styled
from csbot.admin.scoping import CONTENT, MANAGER, OfBrand
from csbot.handoff import rights
from csbot.models import Brand, Inbox, Wording
from csbot.wordings import CatalogueLine


class ChooseForm(forms.Form):
    """Whose words, and which of them."""

    brand = forms.ModelChoiceField(Brand.objects.none(), label=_("Brand"), empty_label=None, required=False)
    inbox = forms.ModelChoiceField(Inbox.objects.none(), label=_("Inbox"), empty_label=_("all inboxes"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    q = forms.CharField(label=_("Search"), required=False, widget=forms.TextInput(attrs={"type": "search"}))
    changed = forms.BooleanField(label=_("Only what was changed"), required=False)

    def __init__(self, data: Any, brands: Any) -> None:
        super().__init__(data)
        choose_brand: Any = self.fields["brand"]
        choose_brand.queryset = brands
        choose_inbox: Any = self.fields["inbox"]
        choose_inbox.queryset = Inbox.objects.filter(brand__in=brands).select_related("brand")
        choose_language: Any = self.fields["language"]
        choose_language.choices = [(code, language_label(code)) for code in languages()]


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("Text"), strip=True, widget=forms.Textarea(attrs={"rows": 7, "class": "vLargeTextField"})
    )

    def __init__(self, *args: Any, variables: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variables = variables

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        faults = wordings.problems(text, self.variables)
        if faults:
            raise forms.ValidationError(faults)
        return text


@admin.register(Wording)
class WordingAdmin(Styled, OfBrand):
    """The list is the bot's whole vocabulary, whether overridden or not; a row is an override."""

    roles = (MANAGER, CONTENT)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("say/", view(self.edit), name="csbot_wording_edit"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an override begins at the wording it overrides

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Everything the bot says, for one brand or inbox, in one language."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        brands = rights.brands_of(request.user, *self.roles)
        form = ChooseForm(request.GET or None, brands)
        data = form.cleaned_data if form.is_bound and form.is_valid() else {}
        brand, inbox = self._whose(brands, data.get("brand"), data.get("inbox"))
        language = data.get("language") or languages()[0]
        lines = wordings.catalogue(brand, inbox.key if inbox else "", [language]) if brand is not None else []
        wanted = (data.get("q") or "").casefold()
        lines = [
            line
            for line in lines
            if (not wanted or wanted in f"{line.key} {line.about} {line.text}".casefold())
            and (line.overridden or not data.get("changed"))
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Wordings"),
            "opts": self.opts,
            "media": self.media,
            "form": ChooseForm(
                {**request.GET.dict(), "brand": brand.pk if brand else "", "language": language}, brands
            ),
            "several_brands": brands.count() > 1,
            "rows": [(line, self._address(line, brand, inbox)) for line in lines],
            **(extra_context or {}),
        }
        return render(request, "csbot/admin/wordings.html", context)

    def edit(self, request: HttpRequest) -> HttpResponse:
        """One wording: the default, what is said now, a preview; saved, or reset to the default."""
        brands = rights.brands_of(request.user, *self.roles)
        brand = brands.filter(pk=_number(request.GET.get("brand"))).first()
        inbox = Inbox.objects.filter(pk=_number(request.GET.get("inbox")), brand=brand).first()
        if brand is None or not self.has_view_or_change_permission(request):
            raise Http404
        if request.GET.get("inbox") and inbox is None:
            raise Http404
        line = _line(brand, inbox, request.GET)
        may = self.has_change_permission(request)
        form = TextForm(request.POST or None, initial={"text": line.text}, variables=line.variables)
        shown = line.text
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            if "reset" in request.POST:
                wordings.reset(
                    line.key, brand=brand, inbox=inbox.key if inbox else "", language=line.language, form=line.form
                )
                self.message_user(request, gettext("The default is said again."), messages.SUCCESS)
                return HttpResponseRedirect(self._back(brand, inbox, line.language))
            shown = request.POST.get("text", "")
            if form.is_valid() and "save" in request.POST:
                self._save(request, line, brand, inbox, form.cleaned_data["text"])
                self.message_user(request, gettext("Saved. It is said from the next sentence on."), messages.SUCCESS)
                return HttpResponseRedirect(self._back(brand, inbox, line.language))
        context = {
            **self.admin_site.each_context(request),
            "title": line.key,
            "opts": self.opts,
            "media": self.media,
            "line": line,
            "form": form,
            "may": may,
            "brand": brand,
            "inbox": inbox,
            "back": self._back(brand, inbox, line.language),
            "language": language_label(line.language),
            "form_name": Wording.Form(line.form).label,
            "preview": marked(wordings.preview(shown, line.key, brand=brand, language=line.language)),
            "default": marked(wordings.preview(line.default, line.key, brand=brand, language=line.language)),
        }
        return render(request, "csbot/admin/wording.html", context)

    def _save(self, request: HttpRequest, line: CatalogueLine, brand: Brand, inbox: Inbox | None, text: str) -> None:
        where: dict[str, Any] = {
            "key": line.key,
            "language": line.language,
            "form": line.form,
            "inbox": inbox,
            "brand": brand,
        }
        row = Wording.objects.filter(**where).first() or Wording(**where)
        row.text, row.updated_by_id = text, request.user.pk
        row.full_clean(exclude=["updated_by"])
        row.save()
        self.log_change(request, row, f"{line.key} ({line.language}, {line.form})")

    def _whose(self, brands: Any, brand: Brand | None, inbox: Inbox | None) -> tuple[Brand | None, Inbox | None]:
        if inbox is not None and (brand is None or inbox.brand_id == brand.pk):
            return inbox.brand, inbox
        return brand or brands.first(), None

    def _address(self, line: CatalogueLine, brand: Brand | None, inbox: Inbox | None) -> str:
        query = {"key": line.key, "language": line.language, "form": line.form, "brand": brand.pk if brand else ""}
        if inbox is not None:
            query["inbox"] = inbox.pk
        return f"{reverse('admin:csbot_wording_edit')}?{urlencode(query)}"

    def _back(self, brand: Brand, inbox: Inbox | None, language: str) -> str:
        place = f"?brand={brand.pk}&language={language}" + (f"&inbox={inbox.pk}" if inbox else "")
        return reverse("admin:csbot_wording_changelist") + place


def marked(text: str) -> SafeString:
    """A preview with its ‹variables› set off."""
    parts = text.replace("›", "‹").split("‹")
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if n % 2 else part,) for n, part in enumerate(parts))
    )


def _line(brand: Brand, inbox: Inbox | None, asked: Any) -> CatalogueLine:
    key, language, form = (asked.get(name, "") for name in ("key", "language", "form"))
    for line in wordings.catalogue(brand, inbox.key if inbox else "", [language] if language else []):
        if (line.key, line.language, line.form) == (key, language, form):
            return line
    raise Http404


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
