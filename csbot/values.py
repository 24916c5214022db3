"""Values as a reader of each language writes them: money, dates, lists, and texts that exist in several languages.

Actions return plain JSON; a few shapes carry meaning: `{"amount": "49.00", "currency": "EUR"}` is money,
`{"date": "2026-05-03"}` a day, `{"moment": "2026-05-03T09:00:00+02:00"}` a time of day,
`{"en": …, "zh": …}` a text by language. Nothing else is formatted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CNY": "¥", "JPY": "¥"}
CHINESE_NAMES = {"EUR": "欧元", "USD": "美元", "GBP": "英镑", "CNY": "元", "JPY": "日元"}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def is_localised(value: Any) -> bool:
    """Whether `value` is a text by language."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(
            isinstance(key, str) and len(key) == 2 and key.isalpha() and key.islower() and isinstance(text, str)
            for key, text in value.items()
        )
    )


def localised(value: Any, language: str) -> Any:
    """The part of a text by language that `language` reads; any other value as it is."""
    if is_localised(value):
        return value.get(language) or next(iter(value.values()))
    return value


def shown(value: Any, language: str) -> str:
    """`value` in words: "€49.00" and "49.00 元", "3 May" and "5月3日", lists with commas."""
    value = localised(value, language)
    if value is None:
        return ""
    if isinstance(value, Mapping):
        if {"amount", "currency"} <= value.keys():
            return money(str(value["amount"]), str(value["currency"]), language)
        if "date" in value:
            return day(date.fromisoformat(str(value["date"])[:10]), language)
        if "moment" in value:
            return moment(datetime.fromisoformat(str(value["moment"])), language)
        if "title" in value:
            return shown(value["title"], language)
        return ", ".join(f"{key} {shown(item, language)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return listed([shown(item, language) for item in value], language)
    return str(value)


def money(amount: str, currency: str, language: str) -> str:
    """An amount with its currency, where the language puts it."""
    if language == "zh":
        return f"{amount} {CHINESE_NAMES.get(currency, currency)}"
    sign = SIGNS.get(currency)
    # ¥ stands for two currencies: in English the code says which.
    return f"{sign}{amount}" if sign and currency != "CNY" else f"{currency} {amount}"


def day(value: date, language: str) -> str:
    """A day of the year as it is said."""
    return f"{value.month}月{value.day}日" if language == "zh" else f"{value.day} {MONTHS[value.month - 1]}"


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NEAR_DAYS = 7


def moment(value: datetime, language: str) -> str:
    """A time to come, as somebody in its own time zone says it: "tomorrow at 09:00", "on Monday at 09:00"."""
    away = (value.date() - datetime.now(value.tzinfo).date()).days
    clock = f"{value:%H:%M}"
    if language == "zh":
        near = {0: "今天", 1: "明天"}.get(away, f"周{'一二三四五六日'[value.weekday()]}")
        return f"{near if 0 <= away < NEAR_DAYS else day(value.date(), language)} {clock} "
    near = {0: "today", 1: "tomorrow"}.get(away, f"on {WEEKDAYS[value.weekday()]}")
    return f"{near if 0 <= away < NEAR_DAYS else f'on {day(value.date(), language)}'} at {clock}"


def listed(parts: list[str], language: str, *, last: str = "and") -> str:
    """The parts in one phrase: "a, b and c", a、b和c."""
    if len(parts) < 2:
        return "".join(parts)
    if language == "zh":
        return "、".join(parts[:-1]) + {"and": "和", "or": "或"}[last] + parts[-1]
    return ", ".join(parts[:-1]) + f" {last} " + parts[-1]
