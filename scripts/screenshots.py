"""The README's pictures, taken from the running demo in a real browser: `make screenshots`.

`--url` photographs a demo that runs already (as `make demo` serves it) instead of setting one up.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from benchmarks.site import demo_site

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
LARGEST = 300_000
CHAT = "csbot-chat"
PHONE: ViewportSize = {"width": 390, "height": 780}


def enter(page: Page, url: str, who: str) -> None:
    page.goto(url)
    page.locator(f"button[name=who][value={who}]").first.click()
    page.wait_for_load_state("networkidle")


def say(page: Page, text: str) -> None:
    """Writes in the widget and waits until the bot has answered."""
    page.locator(f"{CHAT} [data-part=input]").fill(text)
    page.keyboard.press("Enter")
    page.locator(f"{CHAT} .msg.own", has_text=text).last.wait_for(timeout=60_000)
    for _ in range(100):
        if "bot" in (page.locator(f"{CHAT} .msg").last.get_attribute("class") or "").split():
            break
        page.wait_for_timeout(200)
    else:
        raise SystemExit(f"The bot did not answer “{text}”.")
    page.wait_for_timeout(600)  # the entrance of the message is part of the picture only when it is over


def take(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path} is larger than {LARGEST} bytes.")
    print(f"{path.relative_to(IMAGES.parent.parent)}  {path.stat().st_size // 1000} kB")


def chat_in(
    browser: Browser, url: str, who: str, language: str, lines: tuple[str, ...], name: str, *, phone: bool = False
) -> None:
    page = page_in(browser, language, phone=phone)
    enter(page, url, who)
    page.locator(f"{CHAT} [data-part=launcher]").click()
    page.wait_for_timeout(1500)
    for line in lines:
        say(page, line)
    take(page, name)
    page.close()


def page_in(browser: Browser, language: str, *, phone: bool = False, height: int = 800) -> Page:
    """A page as wide as a desk's screen, or as a telephone's."""
    viewport: ViewportSize = PHONE if phone else {"width": 1280, "height": height}
    return browser.new_page(viewport=viewport, locale=language, color_scheme="light")


def desk_in(browser: Browser, url: str, who: str, language: str, name: str, *, phone: bool = False) -> None:
    """The staff page with who has waited longest, taken."""
    page = page_in(browser, language, phone=phone)
    enter(page, url, who)
    page.locator("#none-mine:not(:empty)").wait_for(state="attached")  # the lists have come
    waiting = page.locator("#waiting .do").first
    if waiting.count():
        waiting.click()
        page.locator(".pane.mine .message").first.wait_for()
    page.wait_for_timeout(1500)
    take(page, name)
    page.close()


def admin_in(browser: Browser, url: str, language: str, name: str, *, phone: bool = False) -> None:
    """An article as its owner edits it."""
    page = page_in(browser, language, phone=phone, height=900)
    enter(page, url, "cora")
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_load_state("networkidle")
    take(page, name)
    page.close()


def photograph(url: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("There is no browser. Fix: apt install chromium fonts-noto-cjk")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        desk_in(browser, url, "bo", "en-US", "desk")
        desk_in(browser, url, "mei", "zh-CN", "desk-zh")
        desk_in(browser, url, "mei", "zh-CN", "desk-phone", phone=True)
        returning = (
            "Can I return an item I bought online?",
            "My order number is 12345 and I would like to return a shirt.",
        )
        chat_in(browser, url, "ada", "en-US", returning, "widget-en")
        chat_in(browser, url, "visitor", "zh-CN", ("我想咨询一下产品的退货政策?", "那邮费谁付?"), "widget-zh")
        chat_in(browser, url, "visitor", "en-US", ("What does shipping cost?",), "widget-en-phone", phone=True)
        chat_in(browser, url, "visitor", "zh-CN", ("我想咨询一下产品的退货政策?",), "widget-zh-phone", phone=True)
        admin_in(browser, url, "en-US", "admin")
        admin_in(browser, url, "zh-CN", "admin-phone", phone=True)
        page = page_in(browser, "en-US", height=900)
        page.goto(url)
        take(page, "start")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a demo that runs already")
    options = parser.parse_args()
    if options.url:
        photograph(options.url.rstrip("/"))
        return
    with demo_site(embedder="") as site:
        photograph(site.url)


if __name__ == "__main__":
    main()
