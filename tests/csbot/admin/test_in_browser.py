"""The admin in a real browser, as this site dresses it: it fits a telephone, and everything in it can be read."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from csbot import conversations
from csbot.models import Flow, Intent, IntentExample
from tests.conftest import CHROMIUM
from tests.contrast import PALE
from tests.csbot.staff import open_shop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTS = ("brand", "inbox", "bot", "intent", "flow", "contact", "conversation", "queue", "handoff", "ticket", "delivery")
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3


@pytest.fixture
def addresses(live_server: Any) -> dict[str, str]:
    """Pages of a shop with something on every one, and in it words that would burst a narrow screen."""
    shop = open_shop()
    intent = Intent.objects.create(bot=shop.bot, key="return", titles={"en": LONG, "zh": "退货"})
    IntentExample.objects.create(intent=intent, language="en", text=LONG)
    flow = Flow.objects.create(bot=shop.bot, key="return_item", definition=f"# {LONG}\nflow: return_item\n")
    ada = shop.ada_writes()
    handoff = shop.waits(ada, detail=LONG)
    shop.holds(shop.bo, ada)
    conversations.say(ada.pk, shop.bo, LONG)
    rows = {
        "brand": shop.brand,
        "bot": shop.bot,
        "inbox": shop.inbox,
        "queue": shop.queue,
        "intent": intent,
        "flow": flow,
        "handoff": handoff,
        "conversation": ada,
        "contact": ada.contact,
    }
    paths = {f"list of {name}": reverse(f"admin:csbot_{name}_changelist") for name in LISTS}
    paths |= {f"form of {name}": reverse(f"admin:csbot_{name}_change", args=[row.pk]) for name, row in rows.items()}
    paths["front"] = reverse("admin:index")
    return {name: live_server.url + path for name, path in paths.items()}


@pytest.fixture
def session(addresses: dict[str, str]) -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    return client.cookies[site.SESSION_COOKIE_NAME].value


# Playwright's loop runs while it is open, and the database refuses to be asked beside one: last of the fixtures.
@pytest.fixture
def chromium(addresses: dict[str, str], session: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def page_in(chromium: Any, session: str, url: str, *, width: int, look: str = "light", locale: str = "en") -> Any:
    """A page of a superuser's own browser."""
    context = chromium.new_context(viewport={"width": width, "height": 700}, color_scheme=look)
    cookies = {site.SESSION_COOKIE_NAME: session, site.LANGUAGE_COOKIE_NAME: locale}
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    return context.new_page()


@pytest.mark.parametrize(
    ("width", "look", "locale"), [(320, "light", "en"), (320, "dark", "zh-hans"), (1280, "dark", "en")]
)
def test_every_page_fits_its_screen_and_can_be_read(
    chromium: Any, addresses: dict[str, str], session: str, width: int, look: str, locale: str
) -> None:
    page = page_in(chromium, session, addresses["front"], width=width, look=look, locale=locale)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, address in addresses.items():
        answer = page.goto(address, wait_until="load")
        assert answer.status == 200, name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(PALE) == [], name
    assert complaints == []


def test_on_a_telephone_each_value_of_a_list_stands_beside_its_columns_name(
    chromium: Any, addresses: dict[str, str], session: str
) -> None:
    page = page_in(chromium, session, addresses["front"], width=320)
    page.goto(addresses["list of queue"])
    cell = page.locator("#result_list td.field-brand").first
    assert cell.evaluate("node => getComputedStyle(node, '::before').content") == '"Brand"'
    assert page.locator("#result_list td").evaluate_all(
        "cells => cells.every(cell => cell.getBoundingClientRect().right <= innerWidth)"
    )


def test_a_text_per_language_is_written_and_saved(chromium: Any, addresses: dict[str, str], session: str) -> None:
    page = page_in(chromium, session, addresses["front"], width=320)
    page.goto(addresses["form of queue"])
    page.get_by_label("简体中文", exact=True).first.fill("售后组")
    page.locator("input[name=_continue]").click()
    page.locator(".messagelist .success").wait_for()
    assert page.locator("input[name=names_zh]").input_value() == "售后组"
    assert page.locator("input[name=names_en]").input_value() == "People"
