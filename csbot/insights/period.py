"""What the numbers are about: brands, an inbox, a language, and a stretch of days."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from csbot.handoff import rights
from csbot.models import Brand, Conversation, Entry, Inbox

DAYS = 28
DAYS_AT_MOST = 366


@dataclass(frozen=True, slots=True)
class Period:
    """A choice of conversations: those opened from `since` through `until`, whole days in the current time zone.

    `brands` are those the reader manages, or the one they chose among them; `inbox` and `language` narrow it.
    """

    brands: tuple[int, ...]
    since: date
    until: date
    brand: str = ""
    inbox: str = ""
    language: str = ""

    def conversations(self) -> QuerySet[Conversation]:
        """The conversations of the period in which the customer said something: a greeting alone is no conversation."""
        begins = timezone.make_aware(datetime.combine(self.since, time.min))
        ends = timezone.make_aware(datetime.combine(self.until + timedelta(days=1), time.min))
        said = Entry.objects.filter(
            conversation=OuterRef("pk"),
            sender=Entry.Sender.CUSTOMER,
            kind__in=[Entry.Kind.MESSAGE, Entry.Kind.TRANSCRIPT],
        )
        found = Conversation.objects.filter(
            Exists(said), brand__in=self.brands, opened_at__gte=begins, opened_at__lt=ends
        )
        if self.inbox:
            found = found.filter(inbox__key=self.inbox)
        if self.language:
            found = found.filter(language=self.language)
        return found

    @property
    def days(self) -> list[date]:
        return [self.since + timedelta(days=number) for number in range((self.until - self.since).days + 1)]

    def on(self, day: date) -> "Period":
        """The same choice, of one day."""
        return replace(self, since=day, until=day)

    def query(self, **more: str) -> str:
        """The choice as a query string."""
        chosen = {
            "brand": self.brand,
            "inbox": self.inbox,
            "language": self.language,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            **more,
        }
        return urlencode({name: value for name, value in chosen.items() if value})


class PeriodForm(forms.Form):
    """The choice as the page offers it: only brands that the reader manages, and what those have."""

    brand = forms.ChoiceField(label=_("Brand"), required=False)
    inbox = forms.ChoiceField(label=_("Inbox"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, user: AbstractBaseUser | AnonymousUser, data: Any) -> None:
        today = timezone.localdate()
        given = {name: data.get(name, "") for name in ("brand", "inbox", "language", "since", "until")}
        given["until"] = given["until"] or today.isoformat()
        given["since"] = given["since"] or (today - timedelta(days=DAYS - 1)).isoformat()
        super().__init__(given)
        self.brands = {brand.key: brand for brand in rights.brands_of(user, rights.MANAGER).order_by("name")}
        inboxes = Inbox.objects.filter(brand__in=[brand.pk for brand in self.brands.values()]).order_by("name")
        spoken = {language for inbox in inboxes.select_related("bot") for language in inbox.bot.languages}
        self._offer("brand", [(key, brand.name) for key, brand in self.brands.items()])
        self._offer("inbox", [(inbox.key, inbox.name) for inbox in inboxes])
        self._offer("language", [(language, language) for language in sorted(spoken)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("All")), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            raise forms.ValidationError(_("The first day is after the last one."))
        if since and until and (until - since).days >= DAYS_AT_MOST:
            raise forms.ValidationError(_("At most %(days)s days at once."), params={"days": DAYS_AT_MOST})
        return cleaned

    def period(self) -> Period:
        """The choice made; call it on a valid form."""
        brand: Brand | None = self.brands.get(self.cleaned_data["brand"])
        return Period(
            brands=(brand.pk,) if brand else tuple(each.pk for each in self.brands.values()),
            brand=brand.key if brand else "",
            inbox=self.cleaned_data["inbox"],
            language=self.cleaned_data["language"],
            since=self.cleaned_data["since"],
            until=self.cleaned_data["until"],
        )
