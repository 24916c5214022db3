"""Form fields for what models keep as JSON: a text per language, and plain lists. Nobody writes JSON by hand."""

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from kb import conf as kb_conf


def languages() -> tuple[str, ...]:
    """The content languages of this site."""
    return tuple(kb_conf.languages())


def language_label(code: str) -> str:
    """A language's own name."""
    try:
        return str(get_language_info({"zh": "zh-hans"}.get(code, code))["name_local"])
    except KeyError:
        return code


class ByLanguageWidget(forms.MultiWidget):
    """One line per language, each labelled with the language's own name."""

    def __init__(self, codes: Sequence[str], rows: int = 1) -> None:
        self.codes = tuple(codes)
        one: Any = (
            forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})
            if rows > 1
            else forms.TextInput(attrs={"class": "vTextField"})
        )
        super().__init__(dict.fromkeys(self.codes, one))

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                value = {}
        return [str((value or {}).get(code, "")) for code in self.codes]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        parts = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        return format_html(
            '<div class="csbot-by-language">{}</div>',
            format_html_join(
                "",
                '<label lang="{}"><span>{}</span>{}</label>',
                (
                    (
                        code,
                        language_label(code),
                        self._render(part["template_name"], {"widget": part}, renderer),  # type: ignore[attr-defined]
                    )
                    for part, code in zip(parts, self.codes, strict=True)
                ),
            ),
        )


class TextsByLanguage(forms.MultiValueField):
    """A text per language, kept as {"en": …, "zh": …}; languages left empty are left out."""

    def __init__(self, *, rows: int = 1, **kwargs: Any) -> None:
        self.codes = languages()
        kwargs.setdefault("widget", ByLanguageWidget(self.codes, rows))
        super().__init__(
            fields=[forms.CharField(required=False) for _code in self.codes], require_all_fields=False, **kwargs
        )

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {code: text.strip() for code, text in zip(self.codes, data_list, strict=False) if text and text.strip()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or {}) != self.clean(data) if data else initial)


class Lines(forms.CharField):
    """A list of words, one per line or divided by commas, kept as a list without doubles."""

    def __init__(self, *, rows: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField csbot-lines"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        words = [word.strip() for line in str(value or "").splitlines() for word in line.split(",")]
        return list(dict.fromkeys(word for word in words if word))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """A list is checked by `to_python` and the form; validators for one text do not apply."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or []) != self.to_python(data))


class Languages(forms.MultipleChoiceField):
    """Some of the site's languages, in the site's order; the first is the default where one is needed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(choices=lambda: [(code, language_label(code)) for code in languages()], **kwargs)


class Thresholds(forms.JSONField):
    """Named numbers from 0 to 1."""

    def clean(self, value: Any) -> Any:
        found = super().clean(value) or {}
        if not isinstance(found, dict) or not all(
            isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 1
            for number in found.values()
        ):
            raise ValidationError(_('Thresholds are named numbers from 0 to 1, such as {"answer": 0.6}.'))
        return found
