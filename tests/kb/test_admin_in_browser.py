"""The content owner's pages in a real browser: nothing a text holds is executed, and they fit a telephone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from kb.content import TextData
from kb.curation import import_articles, record_gap
from kb.editing import write
from kb.models import Article, ArticleText, Collection, Gap
from tests.kb.conftest import ARTICLES
from tests.kb.test_curation import newer

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.kb.urls"), pytest.mark.django_db(transaction=True)]

EVIL = '<script>window.owned=1</script><img src=x onerror="window.owned=1">'


@pytest.fixture
def addresses(live_server: Any) -> dict[str, str]:
    """Pages over articles one of which, written around our cleaning, is full of scripts."""
    import_articles("shop", ARTICLES, source="pack")
    returns = Article.objects.get(key="returns")
    write(returns, {"en": TextData("Returns", "You have **60 days** to send things back.", ("send it back?",))})
    import_articles("shop", newer("The pack now says 45 days."), source="pack")
    evil = Article(collection=Collection.by_key("shop"), key="evil", status="published", tags=(EVIL,), url="/x")
    evil.save()
    ArticleText.objects.bulk_create(
        [
            ArticleText(
                article=evil, language="en", title=EVIL, text=f"evil {EVIL} [x](javascript:alert(1))", spoken=EVIL
            )
        ]
    )
    evil.save()
    gap = record_gap("Do you repair bikes?", collections=["shop"], language="en", reason="low_score")
    Gap.objects.filter(pk=gap.pk).update(question=f"Bikes? {EVIL}")
    paths = {
        "list": reverse("admin:csbot_kb_article_changelist"),
        "article": reverse("admin:csbot_kb_article_change", args=(returns.pk,)),
        "evil": reverse("admin:csbot_kb_article_change", args=(evil.pk,)),
        "versions": reverse("admin:csbot_kb_article_history", args=(returns.pk,)),
        "try": reverse("admin:csbot_kb_article_try") + "?q=evil+return+policy&language=en",
        "gaps": reverse("admin:csbot_kb_gap_changelist"),
        "gap": reverse("admin:csbot_kb_gap_change", args=(gap.pk,)),
    }
    return {name: live_server.url + path for name, path in paths.items()}


@pytest.fixture
def session(addresses: dict[str, str]) -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("dora", password="x"))
    return str(client.cookies[site.SESSION_COOKIE_NAME].value)


@pytest.fixture
def browser(addresses: dict[str, str], session: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def heard(message: Any) -> bool:
    """An error in the browser's console; that these pages have no icon is none."""
    return message.type == "error" and "favicon" not in str(message.location)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en"), (320, "en"), (1280, "zh-hans")])
def test_pages_execute_nothing_and_fit(
    browser: Any, addresses: dict[str, str], session: str, tmp_path: Path, width: int, locale: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    host = addresses["list"].split("/admin")[0]
    context.add_cookies(
        [
            {"name": site.SESSION_COOKIE_NAME, "value": session, "url": host},
            {"name": site.LANGUAGE_COOKIE_NAME, "value": locale, "url": host},
        ]
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: complaints.append(message.text) if heard(message) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, address in addresses.items():
        answer = page.goto(address, wait_until="load")
        page.screenshot(path=tmp_path / f"{name}-{width}-{locale}.png", full_page=True)
        assert answer.status == 200
        assert page.evaluate("window.owned === undefined")
        assert page.locator("img[onerror]").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
        if name in ("article", "evil", "try", "versions"):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"), name
    assert complaints == []
    page.goto(addresses["article"])
    left, right = (page.locator(f"#text-{tag}").bounding_box() for tag in ("en", "zh"))
    assert (left["y"] == right["y"]) is (width > 1000)
    context.close()


def test_owner_edits_both_languages_and_sees_the_answer(browser: Any, addresses: dict[str, str], session: str) -> None:
    context = browser.new_context()
    context.add_cookies(
        [{"name": site.SESSION_COOKIE_NAME, "value": session, "url": addresses["list"].split("/admin")[0]}]
    )
    page = context.new_page()
    page.goto(addresses["article"])
    page.get_by_label("English: text").fill("You have one hundred days.")
    page.get_by_label("简体中文: text").fill("现在 100 天内可以退货。")
    page.locator("input[name=_continue]").click()
    assert page.locator(".kb-panel-old").count() == 0
    page.goto(addresses["try"])
    page.get_by_label("Question").fill("send it back?")
    page.get_by_role("button", name="Ask").click()
    assert "one hundred days" in page.locator(".kb-answer").first.inner_text()
    context.close()
