"""The words of the chat interface itself, by language; what the bot says is worded elsewhere.

They stand in `templates/channels_adapters/webchat/interface/<language>.yaml`; a site overrides a file as it
overrides a template.
"""

from functools import lru_cache

import yaml
from django.template.loader import get_template

LANGUAGES = ("en", "zh")


def choose(wanted: str, offered: list[str]) -> str:
    """The interface language: the page's own when there is one, else the bot's first, else English."""
    for tag in (wanted, *offered):
        primary = tag.partition("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return "en"


@lru_cache(maxsize=len(LANGUAGES))
def interface(language: str) -> dict[str, str]:
    """Every word of the interface in one of `LANGUAGES`."""
    text = get_template(f"channels_adapters/webchat/interface/{language}.yaml").render()
    words = yaml.safe_load(text)
    return {str(key): str(value) for key, value in words.items()}
