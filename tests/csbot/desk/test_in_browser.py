"""The staff page in a real Chromium, with two agents at once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import CHROMIUM
from tests.contrast import PALE
from tests.live import Site, serve

pytestmark = pytest.mark.browser
EVIL = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'

SETUP = """
import json
from django.contrib.auth.models import User
from django.test import Client
from tests.csbot.staff import open_shop
shop = open_shop("browser")
def cookie(user):
    client = Client(); client.force_login(user); return client.cookies["sessionid"].value
print(json.dumps({"bo": cookie(shop.bo), "di": cookie(shop.di)}))
"""

WAITS = """
import uuid
from django.db import transaction
from csbot import conversations, entries
from csbot.dialogue.turn import HandoffRequest
from csbot.handoff import queues
from csbot.messages import Inbound, Vouched
got = conversations.receive(Inbound("browser-web", {sender!r}, uuid.uuid4().hex, text={text!r},
    vouched=Vouched({sender!r}, "", {name!r})))
with transaction.atomic():
    conversation = entries.lock(got.conversation)
    known = {{"tried": [{text!r}], "slots": {{"x": {text!r}}}}}
    queues.enter(conversation, HandoffRequest("request", detail={text!r}, summary=known))
print(got.conversation)
"""

WRITES = """
import uuid
from csbot import conversations
from csbot.messages import Inbound
conversations.receive(Inbound("browser-web", {sender!r}, uuid.uuid4().hex, text={text!r}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("desk") / "var", settings="tests.channels_adapters.webchat.site") as running:
        yield running


@pytest.fixture(scope="module")
def cookies(site: Site) -> dict[str, str]:
    found: dict[str, str] = json.loads(site.shell(SETUP).splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


class Agent:
    """One member of staff before the page. `errors` is what the console complained of."""

    def __init__(self, browser: Any, site: Site, cookie: str, width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 800}, locale="en")
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": site.url}])
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.goto(f"{site.url}/csbot/desk/")
        self.page.locator('#link[data-state="online"]').wait_for()

    def row(self, section: str, name: str) -> Any:
        return self.page.locator(f"#{section} li", has_text=name)


@pytest.fixture
def agents(chromium: Any, site: Site, cookies: dict[str, str]) -> Iterator[tuple[Agent, Agent]]:
    bo, di = Agent(chromium, site, cookies["bo"]), Agent(chromium, site, cookies["di"])
    yield bo, di
    assert bo.errors == di.errors == []
    bo.context.close()
    di.context.close()


def test_two_agents_one_customer(site: Site, agents: tuple[Agent, Agent]) -> None:
    bo, di = agents
    site.shell(WAITS.format(sender="ada", name="Ada", text="Where is my parcel?"))
    for agent in agents:
        agent.row("waiting", "Ada").wait_for()
    assert bo.page.title().startswith("(1)")

    bo.row("waiting", "Ada").get_by_role("button", name="Take").click()
    bo.row("mine", "Ada").wait_for()
    di.row("others", "Ada").wait_for()
    assert di.row("waiting", "Ada").count() == 0

    # Unsent text survives a reload; so does what was open.
    field = bo.page.locator(".pane textarea.field")
    field.fill("It arrives tom")
    bo.page.reload()
    field.wait_for()
    assert field.input_value() == "It arrives tom"

    field.fill("It arrives tomorrow.")
    field.press("Enter")
    bo.page.locator(".message.agent[data-seq] .text", has_text="It arrives tomorrow.").wait_for()
    assert bo.page.locator(".message.pending").count() == 0
    assert field.input_value() == ""

    site.shell(WRITES.format(sender="ada", text="Thank you!"))
    bo.page.locator(".message.customer .text", has_text="Thank you!").wait_for()

    bo.page.get_by_role("button", name="Hand back").first.click()
    bo.page.locator("dialog textarea").fill("Told her: tomorrow.")
    bo.page.locator("dialog .primary").click()
    bo.page.locator(".note .text", has_text="Told her: tomorrow.").wait_for()
    bo.page.locator(".status", has_text="Bo handed back to the bot").wait_for()
    bo.row("mine", "Ada").wait_for(state="detached")


def test_enter_while_an_input_method_composes_never_sends(site: Site, agents: tuple[Agent, Agent]) -> None:
    bo, _di = agents
    site.shell(WAITS.format(sender="li", name="李伟", text="你好"))
    bo.row("waiting", "李伟").get_by_role("button", name="Take").click()
    field = bo.page.locator(".pane.mine textarea.field")
    field.fill("ni hao")
    field.evaluate(
        """node => node.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Enter", isComposing: true, bubbles: true, cancelable: true}))"""
    )
    assert field.input_value() == "ni hao"
    assert bo.page.locator(".pane.mine .message.agent").count() == 0


def test_nothing_a_customer_writes_is_executed(site: Site, agents: tuple[Agent, Agent]) -> None:
    bo, _di = agents
    site.shell(WAITS.format(sender="eve", name=EVIL, text=EVIL))
    bo.row("waiting", "onerror").get_by_role("button", name="Take").click()
    bo.page.locator(".message.customer .text", has_text="onerror").wait_for()
    bo.page.locator(".card", has_text="onerror").wait_for()
    assert bo.page.evaluate("window.owned") is None
    assert bo.page.locator(".lists img, .log img, .card img").count() == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_fits_its_screen(chromium: Any, site: Site, cookies: dict[str, str], width: int) -> None:
    agent = Agent(chromium, site, cookies["di"], width)
    assert agent.page.evaluate("document.documentElement.scrollWidth") == width
    agent.context.close()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_everything_on_the_page_can_be_read_and_it_has_a_heading(
    chromium: Any, site: Site, agents: tuple[Agent, Agent], look: str
) -> None:
    bo, _di = agents
    site.shell(WAITS.format(sender=f"fay-{look}", name=f"Fay {look}", text="Is it light enough?"))
    bo.row("waiting", f"Fay {look}").locator(".row").click()
    bo.page.locator(".status", has_text="Entered the queue").wait_for()
    bo.page.emulate_media(color_scheme=look, reduced_motion="reduce")
    assert bo.page.evaluate(PALE) == []
    assert bo.page.get_by_role("heading", level=1).all_inner_texts() == ["Desk"]
