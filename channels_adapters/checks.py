"""System checks of the channels' settings: each mistake has its number and a hint."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from channels_adapters import conf


@register()
def settings_have_their_types(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E001: a setting of the wrong type; E002: a limit that would let nothing pass."""
    found: list[CheckMessage] = []
    for setting in conf.ALL:
        value: Any = setting()
        kinds = setting.kind if isinstance(setting.kind, tuple) else (setting.kind,)
        well_typed = isinstance(value, kinds) and not isinstance(value, bool)
        if not well_typed:
            names = " or ".join(kind.__name__ for kind in kinds)
            found.append(
                Error(f"{setting.name} is {value!r}, not {names}.", hint=setting.purpose, id="csbot_channels.E001")
            )
        elif value <= 0:
            hint = f"{setting.purpose} Leave it out for its default, {setting.default}."
            found.append(
                Error(f"{setting.name} is {value!r}; nothing would pass.", hint=hint, id="csbot_channels.E002")
            )
    return found
