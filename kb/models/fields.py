"""A field for a short set of words."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import lookups
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


def split_tags(value: object) -> tuple[str, ...]:
    """Tags in the order given, each once, without blanks; a string is split at commas (、and ，too)."""
    if value is None:
        return ()
    words = re.split(r"[,，、]", value) if isinstance(value, str) else [str(word) for word in value]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(word.strip().lower() for word in words if word.strip()))


class TagsField(models.CharField):  # type: ignore[type-arg]  # generic in the stubs alone
    """A tuple of lower-case tags, stored as `,one,two,` so that `tags__contains="one"` finds exactly that tag on
    every database."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_args: object) -> tuple[str, ...]:
        return split_tags(value)

    def to_python(self, value: object) -> tuple[str, ...]:
        return split_tags(value)

    def get_prep_value(self, value: object) -> str:
        tags = split_tags(value)
        return f",{','.join(tags)}," if tags else ""

    def value_to_string(self, obj: models.Model) -> str:
        return ",".join(split_tags(self.value_from_object(obj)))

    def run_validators(self, value: Any) -> None:
        if len(self.get_prep_value(value)) > (self.max_length or 0):
            raise ValidationError(_("Too many tags."))

    def formfield(self, *_args: Any, **_kwargs: Any) -> forms.Field:
        return TagsFormField(label=capfirst(self.verbose_name), help_text=str(self.help_text), required=not self.blank)


@TagsField.register_lookup
class HasTag(lookups.Contains):
    """`tags__contains="one"`: the rows with that tag."""

    def get_prep_lookup(self) -> str:
        return f",{str(self.rhs).strip().lower()},"


class TagsFormField(forms.CharField):
    """Tags typed with commas between them."""

    def prepare_value(self, value: object) -> str:
        return value if isinstance(value, str) else ", ".join(split_tags(value))

    def to_python(self, value: object) -> Any:
        return split_tags(value)

    def has_changed(self, initial: object, data: object) -> bool:
        return split_tags(initial) != split_tags(data)
