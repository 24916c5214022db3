"""A customer and an agent, each in a real Chromium, on one running shop: from the bot to a person, back, to the end.

Each has a line of their own to the site that can be cut. In English on wide screens, in Chinese on phones.
"""

import email
import email.policy
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.channels_adapters.webchat import browsing as webchat
from tests.channels_adapters.webchat.browsing import Browsing, Chat, Wire
from tests.live import Site, serve
from tests.specs.desk import Desk

pytestmark = pytest.mark.browser

SHOP_OPENS = """
from csbot.demo.people import make_people
from csbot.models import Brand, Inbox
from csbot.packs.loading import load
load("shop")
make_people(Brand.objects.get(key="harbour-and-pine"))
shop = Inbox.objects.get(key="shop")
shop.vouching_secret = "the shop's pages vouch for who is signed in"
shop.origins = ["{website}"]
shop.save()
"""
EVERYBODY_LEAVES = "from csbot.models import AgentPresence; AgentPresence.objects.all().delete()"


@dataclass(frozen=True)
class Tongue:
    """One language and screen, and what is said and read in it."""

    browser: dict[str, Any]
    customer: str  # whom the start page makes them
    agent: str
    agent_name: str
    wish: str
    asked: str
    particulars: str
    read_back: str
    known: tuple[str, ...]  # what the bot had understood
    person: str
    reason: str
    next_in_line: str
    joined: str
    handed_back: str
    typing: str
    bot_again: str
    yes: str
    goes_on: str
    ended: str
    best: str
    send_rating: str
    thanks: str
    rated: str


EN = Tongue(
    browser={"locale": "en-GB", "viewport": {"width": 1280, "height": 800}},
    customer="ada",
    agent="bo",
    agent_name="Bo",
    wish="Can I return an item I bought online?",
    asked="What is the order number, and which item would you like to return?",
    particulars="My order number is 12345 and I would like to return a shirt.",
    read_back="From order 12345 you'd like to return: Linen shirt (white, M)",
    known=("Return an item", "12345", "Linen shirt (white, M)"),
    person="get me a person please",
    reason="asked for a person",
    next_in_line="You are next. A person will read this and answer here.",
    joined="Bo has joined the conversation.",
    handed_back="Bo has handed the conversation back to the bot.",
    typing="is typing…",
    bot_again="Bo has handed you back to me.",
    yes="Yes",
    goes_on="From order 12345 you'd like to return",
    ended="Bo has ended this conversation.",
    best="Very good",
    send_rating="Send rating",
    thanks="Thank you for your rating.",
    rated="Rated 5 of 5",
)
ZH = Tongue(
    browser={"locale": "zh-CN", "viewport": {"width": 320, "height": 640}},
    customer="visitor",
    agent="mei",
    agent_name="小林",
    wish="我想退货",
    asked="请问订单号是多少，要退哪件商品？",
    particulars="订单12345，退牛仔裤",
    read_back="我先核实一下身份",
    known=("退货", "12345"),
    person="转人工",
    reason="要求人工",
    next_in_line="下一位就是您，人工客服会在这里回复您。",
    joined="小林已加入对话。",
    handed_back="小林已将对话交还给机器人。",
    typing="正在输入…",
    bot_again="小林已把对话转回给我。",
    yes="是的",
    goes_on="请问下单的邮箱或者收货邮编是什么",  # asked a second time, in other words
    ended="小林已结束对话。",
    best="非常满意",
    send_rating="提交评价",
    thanks="感谢您的评价。",
    rated="评分 5/5",
)
BOTH = pytest.mark.parametrize("tongue", [pytest.param(EN, id="english"), pytest.param(ZH, id="chinese-320px")])


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """Somebody else's website, which embeds the shop's chat."""
    with webchat.Shop.opened("") as shop:
        yield shop.url


# In the place of the specs' shop in this process: a browser's test needs one that runs.
@pytest.fixture(scope="module", autouse=True)
def shop(tmp_path_factory: pytest.TempPathFactory, website: str) -> Iterator[Site]:
    """The sample shop and its people, served; not trained: what was said is understood by its nearest example."""
    setup = [("shell", "--no-imports", "-c", SHOP_OPENS.format(website=website))]
    own = {"CSBOT_DEMO": "1", "CSBOT_EMBEDDER": ""}
    with serve(tmp_path_factory.mktemp("two") / "var", setup=setup, environment=own) as site:
        yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browsing]:
    with Browsing.started() as browsing:
        yield browsing


@pytest.fixture
def browsing(chromium: Browsing) -> Iterator[Browsing]:
    """A real Chromium; what a page says in its console as an error fails the test."""
    yield chromium
    chromium.leave()


@pytest.fixture
def customers_line(shop: Site) -> Iterator[Wire]:
    with Wire.to(shop.url) as wire:
        yield wire


@pytest.fixture
def agents_line(shop: Site) -> Iterator[Wire]:
    with Wire.to(shop.url) as wire:
        yield wire


def at_the_shop(browsing: Browsing, url: str, tongue: Tongue) -> Chat:
    """A customer on the shop's own page, with the chat open."""
    chat = browsing.visit(url, **tongue.browser)
    chat.page.locator(f"button[name=who][value={tongue.customer}]").click()
    return chat.open()


def at_the_desk(browsing: Browsing, url: str, tongue: Tongue) -> Desk:
    return Desk.entered(browsing.visit(url, **tongue.browser).page, tongue.agent)


def hears(chat: Chat, text: str) -> None:
    """The newest message of the bot says this."""
    expect(chat.find(".msg.bot").last).to_contain_text(text)


def told(chat: Chat) -> int:
    """How often the bot has spoken."""
    return chat.find(".log .msg.bot").count()


@BOTH
def test_customer_goes_from_the_bot_to_a_person_and_back_and_rates(
    tongue: Tongue, browsing: Browsing, shop: Site
) -> None:
    desk = at_the_desk(browsing, shop.url, tongue)
    ada = at_the_shop(browsing, shop.url, tongue)

    # The bot begins the return.
    ada.say(tongue.wish)
    hears(ada, tongue.asked)
    ada.say(tongue.particulars)
    hears(ada, tongue.read_back)

    # She asks for a person and is told her place.
    ada.say(tongue.person)
    ada.sees(tongue.next_in_line)

    # The agent sees why and for how long she waits, takes her, and reads what the bot knows.
    expect(desk.waiting(tongue.person)).to_contain_text(tongue.reason)
    desk.takes(tongue.person)
    ada.sees(tongue.joined)
    card = desk.card()
    for known in (tongue.reason, *tongue.known):
        expect(card.locator("dd", has_text=known).first).to_be_visible()
    for line in (tongue.wish, tongue.particulars, tongue.person):
        expect(card.locator(".lines li", has_text=line)).to_be_visible()
    desk.returns_to_the_conversation()

    # Both talk, each sees the other write, and the bot keeps out of it.
    spoken = told(ada)
    desk.field.press_sequentially("Hello")
    expect(ada.find(".typing")).to_be_visible()
    desk.says("Hello, what is wrong with it? 您好")
    ada.sees("Hello, what is wrong with it? 您好")
    ada.find("footer textarea").press_sequentially("The")
    expect(desk.pane.locator("p.typing")).to_contain_text(tongue.typing)
    ada.say("The collar is torn. 领子破了")
    desk.sees("The collar is torn. 领子破了")
    ada.say(tongue.wish)
    desk.sees(tongue.wish)
    desk.says("It may come back. 可以退")
    ada.sees("It may come back. 可以退")
    assert told(ada) == spoken

    # Handed back, the bot takes up what it had begun. The note is for colleagues.
    desk.hands_back("Torn collar, may come back.")
    ada.sees(tongue.handed_back)
    expect(ada.find(".msg.bot").filter(has_text=tongue.bot_again)).to_be_visible()
    assert "Torn collar, may come back." not in ada.find(".log").inner_text()
    ada.find(".choices").get_by_role("button", name=tongue.yes, exact=True).click()
    hears(ada, tongue.goes_on)

    # A person once more, who ends it; she rates, and whoever works there sees it.
    ada.say(tongue.person)
    expect(ada.find(".log .line").filter(has_text=tongue.next_in_line)).to_have_count(2)
    desk.takes(tongue.person)
    desk.says("Goodbye! 再见")
    ada.sees("Goodbye! 再见")
    desk.closes()
    ada.sees(tongue.ended)
    ada.find(".card").get_by_role("radio", name=tongue.best, exact=True).check()
    ada.find(".card textarea").fill("Kind and quick 又快又好")
    ada.find(".card").get_by_role("button", name=tongue.send_rating).click()
    expect(ada.find(".after")).to_contain_text(tongue.thanks)
    desk.sees(f"{tongue.rated} · “Kind and quick 又快又好”")

    max_ = browsing.visit(shop.url, **EN.browser).page
    max_.locator("button[name=who][value=max]").click()
    expect(max_).to_have_url(f"{shop.url}/csbot/numbers/")  # the manager's first page
    max_.goto(f"{shop.url}/admin/csbot/conversation/")
    newest = max_.locator("#result_list tbody tr").first
    expect(newest.locator(".field-rating")).to_have_text("5")
    expect(newest.locator(".field-outcome")).to_have_text("handed off")
    newest.locator("th a").click()
    expect(max_.get_by_text("Kind and quick 又快又好").first).to_be_visible()


@BOTH
def test_nothing_is_lost_or_doubled_when_either_line_breaks(
    tongue: Tongue, browsing: Browsing, website: str, customers_line: Wire, agents_line: Wire
) -> None:
    desk = at_the_desk(browsing, agents_line.url, tongue)
    language = tongue.browser["locale"]
    cy = browsing.visit(f"{website}/?inbox=shop&lang={language}&host={customers_line.url}", **tongue.browser).open()
    cy.say(tongue.person)
    cy.sees(tongue.next_in_line)
    desk.takes(tongue.person)
    cy.sees(tongue.joined)
    spoken = told(cy)

    # Her line breaks while the agent writes, and while she writes.
    customers_line.cut()
    cy.say("one")
    desk.says("two")
    desk.says("three")
    desk.sees("three")
    expect(cy.find(".pending .msg")).to_have_count(1)
    customers_line.mend()
    cy.sees("three")
    desk.sees("one")
    expect(cy.find(".pending .msg")).to_have_count(0)

    # The agent's breaks, and what either writes meanwhile arrives.
    agents_line.cut()
    desk.is_cut_off()
    desk.says("five")
    cy.say("four")
    expect(cy.find(".pending .msg")).to_have_count(0)
    agents_line.mend()
    desk.is_online()
    desk.sees("four")
    cy.sees("five")
    expect(desk.pane.locator(".message.pending")).to_have_count(0)

    said = ["two", "three", "one", "four", "five"]
    assert [line for line in cy.lines() if line in said] == said
    assert [line for line in desk.lines() if line in said] == said

    # All of it is there after a reload, on both sides, and nobody else has spoken.
    before = cy.lines()
    cy.reload()
    cy.sees("five")
    assert cy.lines() == before
    desk.page.reload()
    desk.is_online()
    desk.returns_to_the_conversation()
    desk.sees("five")
    assert [line for line in desk.lines() if line in said] == said
    assert told(cy) == spoken

    desk.closes()
    cy.sees(tongue.ended)


def test_question_that_nobody_can_take_is_answered_by_mail(browsing: Browsing, shop: Site) -> None:
    shop.shell(EVERYBODY_LEAVES)
    eve = browsing.visit(f"{shop.url}/shop/", **EN.browser).open()
    eve.say("Is the cellar of your shop haunted?")
    expect(eve.find(".msg.bot")).to_have_count(2)
    eve.say("get me a person")
    hears(eve, "None of our people is free just now.")
    hears(eve, "Leave me your e-mail address")
    eve.say("eve@example.org")
    eve.sees("Your request was saved. The answer comes by e-mail.")
    hears(eve, "One of our people will write to eve@example.org.")
    promised = letter_to(shop, "eve@example.org", "we have your question")
    assert "haunted" in promised
    team = letter_to(shop, "help@harbourandpine.example", "New ticket")
    assert "eve@example.org" in team and f"{shop.url}/csbot/desk/" in team
    eve.page.context.close()
    browsing.chats.remove(eve)

    desk = at_the_desk(browsing, shop.url, EN)
    desk.page.locator("#tickets li", has_text="eve@example.org").locator("button").first.click()
    desk.sees("Is the cellar of your shop haunted?")
    desk.pane.locator(".actions button").click()
    expect(desk.field).to_have_attribute("placeholder", re.compile("eve@example.org"))
    desk.says("Only on Thursdays.")
    expect(desk.pane.locator(".message.agent[data-seq]", has_text="Only on Thursdays.")).to_be_visible()

    answer = letter_to(shop, "eve@example.org", "an answer to your question")
    assert "Bo from Harbour & Pine answers:\n\nOnly on Thursdays." in answer
    link = re.search(rf"{shop.url}/csbot/chat/shop/\?resume=\S+", answer)
    assert link is not None
    eve = browsing.visit(link.group(), **EN.browser)
    eve.sees("Is the cellar of your shop haunted?")
    eve.sees("Only on Thursdays.")
    eve.say("Then I come on a Friday.")
    desk.sees("Then I come on a Friday.")

    # Whoever alters the link sees nothing of it.
    cy = browsing.visit(link.group()[:-6] + "AAAAAA", **EN.browser)
    expect(cy.find(".msg.bot").first).to_be_visible()
    assert not any("haunted" in line for line in cy.lines())


def letter_to(shop: Site, address: str, subject: str) -> str:
    """The text of the letter to `address` with this in its subject, once it has been sent."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in sorted((shop.var / "mail").glob("*")):
            # The file backend ends each letter with a line of dashes.
            for raw in re.split(rb"\n-{79}\n", path.read_bytes()):
                letter = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
                if address in str(letter["To"]) and subject in str(letter["Subject"]):
                    return str(letter.get_content())
        time.sleep(0.1)
    raise AssertionError(f"No letter to {address} about {subject!r} in {shop.var / 'mail'}.")
