"""Languages as people call them."""

from django.utils.translation import get_language_info

LOCALES = {"zh": "zh-hans"}  # Django names Chinese by its scripts


def language_name(tag: str) -> str:
    """The language's own name, such as English or 简体中文; the tag where Django knows none."""
    try:
        return str(get_language_info(LOCALES.get(tag, tag))["name_local"])
    except KeyError:
        return tag
