"""The form of an article: its facts, and its texts of all languages side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from kb import conf
from kb.admin.languages import language_name
from kb.content import TextData
from kb.models import Article, ArticleText, Proposal

PARTS = ("title", "questions", "text", "spoken")


@dataclass(frozen=True, slots=True)
class Panel:
    """One language's column."""

    language: str
    name: str
    fields: list[BoundField]
    out_of_date: bool
    current: BoundField | None
    row: ArticleText | None
    proposals: list[Proposal]


class ArticleForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """`texts` and `removed` say, after validation, what the columns hold."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Article
        fields = (
            "collection", "key", "tags", "audience", "status", "url", "owner", "review_on", "effective_from",
            "effective_until",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = not self.instance._state.adding
        self.rows = {row.language: row for row in self.instance.texts.all()} if known else {}
        self.languages = list(dict.fromkeys([*conf.languages(), *sorted(self.rows)]))
        self.fields["seen"].initial = self.instance.revision if known else None
        for language in self.languages:
            self._add_column(language)

    def _add_column(self, language: str) -> None:
        row = self.rows.get(language)
        name = language_name(language)
        for part in PARTS:
            column = ArticleText._meta.get_field(part)
            assert isinstance(column, Field)  # noqa: S101  # and no relation from elsewhere
            stored = getattr(row, part) if row else ""
            self.fields[f"{language}_{part}"] = forms.CharField(
                label=column.verbose_name.capitalize(),
                help_text=str(column.help_text),
                required=False,
                initial="\n".join(stored) if part == "questions" else stored,
                widget=forms.TextInput if part == "title" else forms.Textarea(attrs={"rows": ROWS[part]}),
            )
            self.fields[f"{language}_{part}"].widget.attrs |= {"lang": language, "aria-label": f"{name}: {part}"}
        if row is not None and row.out_of_date:
            self.fields[f"{language}_current"] = forms.BooleanField(
                label=_("I have checked it: this text is still right"), required=False
            )

    def panels(self) -> Iterator[Panel]:
        """The columns, in the order of the languages."""
        waiting = list(self.instance.proposals.all()) if self.rows else []
        for language in self.languages:
            row = self.rows.get(language)
            current = f"{language}_current"
            yield Panel(
                language=language,
                name=language_name(language),
                fields=[self[f"{language}_{part}"] for part in PARTS],
                out_of_date=row is not None and row.out_of_date,
                current=self[current] if current in self.fields else None,
                row=row,
                proposals=[proposal for proposal in waiting if proposal.language == language],
            )

    def facts_proposals(self) -> list[Proposal]:
        return list(self.instance.proposals.filter(language="")) if self.rows else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.texts: dict[str, TextData] = {}
        for language in self.languages:
            parts = {part: str(cleaned.get(f"{language}_{part}") or "") for part in PARTS}
            if not any(value.strip() for value in parts.values()):
                continue
            data = TextData(parts["title"], parts["text"], tuple(parts["questions"].splitlines()), parts["spoken"])
            self.texts[language] = data
            self._refuse_bad_text(language, data)
        if cleaned.get("status") == Article.Status.PUBLISHED and not self.texts:
            self.add_error("status", _("Write a text in at least one language before you publish."))
        seen = cleaned.get("seen")
        if self.rows and seen is not None and not self.errors:
            newest = Article.objects.filter(pk=self.instance.pk).values_list("revision", flat=True).first()
            if newest != seen:
                raise ValidationError(
                    _("Somebody changed this article while you had it open. Copy what you wrote, reload and try again.")
                )
        return cleaned

    def _refuse_bad_text(self, language: str, data: TextData) -> None:
        row = ArticleText(language=language)
        row.take(data)
        try:
            row.clean_fields(exclude=("article",))
            row.clean()
        except ValidationError as error:
            for part, messages in error.message_dict.items():
                self.add_error(f"{language}_{part}", messages)

    @property
    def removed(self) -> list[str]:
        """Languages whose text was emptied."""
        return [language for language in self.rows if language not in self.texts]

    @property
    def declared_current(self) -> list[str]:
        return [language for language in self.languages if self.cleaned_data.get(f"{language}_current")]


ROWS = {"questions": 5, "text": 10, "spoken": 4}


class TryForm(forms.Form):
    """What somebody might ask the bot."""

    q = forms.CharField(label=_("Question"), max_length=1000, widget=forms.TextInput(attrs={"autofocus": True}))
    language = forms.ChoiceField(label=_("Language"))
    collection = forms.MultipleChoiceField(
        label=_("Collections"),
        required=False,
        help_text=_("None chosen: all of them."),
        widget=forms.SelectMultiple(attrs={"size": 3}),
    )
    audience = forms.ChoiceField(label=_("Asked by"), choices=Article.Audience.choices, required=False)

    def __init__(self, *args: Any, collections: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, str]]] = {
            "language": [(tag, language_name(tag)) for tag in conf.languages()],
            "collection": collections,
        }
        for name, values in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # both are, above
            field.choices = values
