"""The staff page and the admin in Simplified Chinese."""

import gettext
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

import csbot
from csbot.desk.words import words
from tests.csbot.staff import Shop

CATALOGUE = Path(csbot.__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"


def words_in(language: str) -> dict[str, str]:
    with translation.override(language):
        return words()


def test_every_word_of_the_staff_page_is_translated() -> None:
    chinese, english = words_in("zh-hans"), words_in("en")
    assert [key for key in english if chinese[key] == english[key]] == []


def test_what_is_filled_in_survives_translation() -> None:
    chinese = words_in("zh-hans")
    for key, text in words_in("en").items():
        assert sorted(re.findall(r"\{\w+\}", chinese[key])) == sorted(re.findall(r"\{\w+\}", text)), key


def test_the_compiled_catalogue_is_that_of_the_sources() -> None:
    with (CATALOGUE / "django.mo").open("rb") as compiled:
        known = gettext.GNUTranslations(compiled)
    source = (CATALOGUE / "django.po").read_text(encoding="utf-8")
    assert source.count("\nmsgid ") - source.count('\nmsgid ""\nmsgstr ""\n"Project') == len(known._catalog) - 1  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_staff_page_greets_a_chinese_agent_in_chinese(shop: Shop) -> None:
    client = Client()
    client.force_login(shop.bo)
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/csbot/desk/").content.decode()
    assert "客服工作台" in page
    assert '<html lang="zh-hans"' in page
