"""The widget in a real Chromium, on another website, against the real server."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FilePayload, expect

from tests.channels_adapters.webchat.browsing import Browsing, Shop, Wire
from tests.channels_adapters.webchat.scripted import NASTY
from tests.live import Site

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003"
    "010100c9fe92ef0000000049454e44ae426082"
)


def page(shop: Shop, **asked: str) -> str:
    return f"{shop.url}/?{urlencode(asked)}"


def test_visitor_chats_on_another_website(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.sees("Hello! How can I help?")
    expect(ada.find(".intro")).to_have_text("Robin is a bot. You can always ask for a person.")
    ada.say("policy")
    expect(ada.find(".sources")).to_have_text("From: Returns")
    expect(ada.find(".bubble strong")).to_have_text("30 days")
    expect(ada.find(".bubble li")).to_have_count(2)
    expect(ada.find(".bubble a")).to_have_attribute("rel", "noopener noreferrer")


def test_quick_reply_is_offered_once_and_sends_its_value(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find(".choices button").filter(has_text="Return an item").click()
    ada.sees("You chose return.")
    ada.sees("Return an item")
    expect(ada.find(".choices button")).to_have_count(0)


def test_drafts_are_shown_while_the_bot_speaks_and_replaced_by_what_it_said(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("draft")
    expect(ada.find(".drafts .bubble")).to_contain_text("One moment.")
    ada.sees("One moment. Here it comes. Done.")
    expect(ada.find(".drafts .bubble")).to_have_count(0)


def test_nothing_is_lost_when_the_connection_is(browsing: Browsing, shop: Shop, wire: Wire) -> None:
    ada = browsing.visit(page(shop, host=wire.url)).open()
    ada.say("one")
    ada.sees("You said: one")
    wire.cut()
    ada.say("two")
    ada.say("three")
    expect(ada.find(".pending .msg")).to_have_count(2)
    expect(ada.find("div.banner")).to_contain_text("Connecting again")
    wire.mend()
    ada.sees("You said: three")
    expect(ada.find(".pending .msg")).to_have_count(0)
    said = [line for line in ada.lines() if line in {"one", "two", "three"}]
    assert said == ["one", "two", "three"]
    assert ada.lines().count("You said: two") == 1


def test_a_message_written_offline_survives_a_reload(browsing: Browsing, shop: Shop, wire: Wire) -> None:
    ada = browsing.visit(page(shop, host=wire.url)).open()
    wire.cut()
    ada.say("kept")
    ada.find("footer textarea").fill("half a sent")
    expect(ada.find(".pending .msg")).to_have_count(1)
    wire.mend()
    ada.reload()
    ada.sees("You said: kept")
    assert ada.lines().count("kept") == 1
    expect(ada.find("footer textarea")).to_have_value("half a sent")


def test_history_is_there_after_a_reload_and_in_another_tab(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("remember me")
    ada.sees("You said: remember me")
    before = ada.lines()
    ada.reload()
    ada.sees("You said: remember me")
    assert ada.lines() == before
    other = ada.page.context.new_page()
    other.goto(page(shop))
    other.locator("csbot-chat .launcher").click()
    expect(other.locator("csbot-chat .log").get_by_text("You said: remember me")).to_be_visible()
    ada.say("in both")
    expect(other.locator("csbot-chat .log").get_by_text("You said: in both")).to_be_visible()


def test_a_visitor_sees_nothing_of_another(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("my secret")
    ada.sees("You said: my secret")
    cy = browsing.visit(page(shop)).open()
    cy.sees("Hello! How can I help?")
    assert cy.lines() == ["Hello! How can I help?"]


def test_text_names_and_file_names_never_run(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("nasty")
    expect(ada.find(".choices button")).to_have_text(NASTY)
    ada.say(NASTY)
    ada.find("input[type=file]").set_input_files(
        {"name": "<img src=x onerror=window.xss=1>.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(ada.find(".tray bdi")).to_contain_text("<img src=x")
    ada.say("with a file")
    ada.sees(f"You said: {NASTY}")
    expect(ada.find(".paper bdi")).to_have_text("<img src=x onerror=window.xss=1>.txt")
    assert ada.page.evaluate("window.xss") is None
    assert ada.find(".log img").count() == 0
    hrefs = ada.find(".log a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(hrefs) <= {"http:", "https:"}


def test_an_image_and_a_file_go_to_the_agent(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find("input[type=file]").set_input_files(
        [
            FilePayload(name="shirt.png", mimeType="image/png", buffer=PNG),
            FilePayload(name="bill.txt", mimeType="text/plain", buffer=b"EUR 20"),
        ]
    )
    expect(ada.find(".tray .spin")).to_have_count(0)
    ada.say("here they are")
    ada.sees("here they are")
    expect(ada.find(".log .picture img")).to_have_js_property("naturalWidth", 1)
    expect(ada.find(".log .paper")).to_have_accessible_name("Download bill.txt, 6 B")
    with ada.page.expect_download() as download:
        ada.find(".log .paper").click()
    assert Path(download.value.path()).read_bytes() == b"EUR 20"


def test_what_is_no_accepted_file_is_refused_and_named(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find("input[type=file]").set_input_files(
        {"name": "run.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00\x03"}
    )
    expect(ada.find(".note")).to_have_text("run.png is not accepted. Images, PDF and plain text are.")
    expect(ada.find(".tray li")).to_have_count(0)


def test_an_image_is_pasted(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find("footer textarea").evaluate(
        """(area, bytes) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            area.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
        }""",
        list(PNG),
    )
    expect(ada.find(".tray img")).to_be_visible()


def test_agent_answers_with_a_file_and_the_badge_counts(browsing: Browsing, shop: Shop, site: Site) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("hello Bo")
    ada.sees("You said: hello Bo")
    ada.find("header button").last.click()
    expect(ada.find(".panel")).to_be_hidden()
    site.shell(
        "from django.contrib.auth.models import User\n"
        "from django.core.files.base import ContentFile\n"
        "from csbot import attachments, conversations\n"
        "from csbot.models import Entry\n"
        "chat = Entry.objects.get(text='hello Bo').conversation\n"
        "bo, _ = User.objects.get_or_create(username='bo', first_name='Bo')\n"
        "conversations.take(chat.pk, bo)\n"
        "label = attachments.store_upload(chat.pk, ContentFile(b'%PDF-1.7 label'), 'label.pdf')\n"
        "conversations.read(chat.pk, 'agent', 99)\n"
        "conversations.say(chat.pk, bo, 'Your label', attachments=(label,))"
    )
    expect(ada.find(".badge")).to_have_text("1")
    expect(ada.find(".launcher")).to_have_accessible_name("Chat with us, 1 unread")
    ada.find(".launcher").click()
    ada.sees("Bo has joined the conversation.")
    ada.sees("Your label")
    expect(ada.find("header h2")).to_have_text("Bo")
    expect(ada.find(".paper bdi")).to_have_text("label.pdf")
    expect(ada.find(".badge")).to_be_hidden()
    expect(ada.find(".panel").get_by_text("Talk to a person")).to_be_hidden()


def test_too_many_messages_are_kept_and_sent_when_they_may(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.page.evaluate(
        "() => { const chat = document.querySelector('csbot-chat');"
        " for (let number = 0; number < 24; number += 1) chat.outbox.add({ text: `n${number}` }); }"
    )
    expect(ada.find(".pending")).to_contain_text("Sending again in")
    expect(ada.find(".pending .msg")).to_have_count(0)
    ada.sees("n23")
    assert [line for line in ada.lines() if line.startswith("n")] == [f"n{number}" for number in range(24)]


def test_a_message_that_is_too_long_is_never_sent(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find("footer textarea").fill("x" * 4001)
    expect(ada.find("footer .over")).to_have_text("This message is too long: 4001 of 4000 characters.")
    expect(ada.find(".send")).to_be_disabled()


def test_enter_during_composition_belongs_to_the_input_method(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop, lang="zh")).open()
    area = ada.find("footer textarea")
    area.focus()
    keyboard = ada.page.context.new_cdp_session(ada.page)
    keyboard.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    composing = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process", "code": "Enter"}
    keyboard.send("Input.dispatchKeyEvent", composing)
    ada.page.keyboard.press("Enter")
    # Safari: the composition has ended, the Enter that ended it still comes, marked by its key code alone.
    area.evaluate(
        "area => area.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }))"
    )
    area.evaluate(
        "area => area.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"
    )
    expect(ada.find(".msg.own")).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "你好"})
    area.press("Shift+Enter")
    expect(ada.find(".msg.own")).to_have_count(0)
    area.press("Enter")
    expect(ada.find(".msg.own .bubble")).to_contain_text("你好")


def test_everything_is_reached_by_keyboard(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop))
    keys = ada.page.keyboard
    expect(ada.find(".launcher")).to_be_visible()
    keys.press("Tab")
    keys.press("Tab")
    expect(ada.find(".launcher")).to_be_focused()
    keys.press("Enter")
    expect(ada.find("footer textarea")).to_be_focused()
    expect(ada.find(".choices button").first).to_be_visible()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(ada.find(".choices button").first).to_be_focused()
    keys.press("Enter")
    ada.sees("You chose return.")
    expect(ada.find("footer textarea")).to_be_focused()
    keys.press("Escape")
    expect(ada.find(".panel")).to_be_hidden()
    expect(ada.find(".launcher")).to_be_focused()
    keys.press("Space")
    ada.find("button.more").focus()
    keys.press("Enter")
    expect(ada.find(".menu button").first).to_be_focused()
    keys.press("Escape")
    expect(ada.find("button.more")).to_be_focused()
    expect(ada.find(".panel")).to_be_visible()


def test_a_person_is_asked_for_and_the_line_is_shown(browsing: Browsing, shop: Shop) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.find("footer").get_by_role("button", name="Talk to a person").click()
    expect(ada.find("header p")).to_have_text("Waiting for a person")
    expect(ada.find(".log .line")).to_contain_text("A person will read this and answer here.")


def test_customer_ends_rates_and_starts_anew(browsing: Browsing, shop: Shop, site: Site) -> None:
    ada = browsing.visit(page(shop)).open()
    ada.say("rate me")
    ada.sees("You said: rate me")
    ada.find("button.more").click()
    ada.find(".menu").get_by_text("End this conversation").click()
    ada.find(".menu").get_by_text("End it").click()
    ada.sees("You have ended this conversation.")
    ada.find(".card").get_by_role("radio", name="Good", exact=True).check()
    ada.find(".card textarea").fill("Quick")
    ada.find(".card").get_by_role("button", name="Send rating").click()
    expect(ada.find(".after")).to_contain_text("Thank you for your rating.")
    ada.reload()
    expect(ada.find(".after")).to_contain_text("Thank you for your rating.")
    rated = "Entry.objects.get(text='rate me').conversation"
    code = f"from csbot.models import Entry; chat = {rated}; print(chat.rating, chat.rating_comment)"
    assert site.shell(code) == "4 Quick"
    ada.find(".after").get_by_role("button", name="Start a new conversation").click()
    expect(ada.find(".choices button").first).to_be_visible()
    assert ada.lines() == ["Hello! How can I help?"]


def test_chinese_interface_and_switching_back(browsing: Browsing, shop: Shop) -> None:
    mei = browsing.visit(page(shop, lang="zh-CN")).open()
    mei.sees("您好！请问有什么可以帮您？")
    expect(mei.find(".intro")).to_have_text("Robin是智能客服机器人。您随时可以转人工。")
    expect(mei.find("footer textarea")).to_have_attribute("placeholder", "请输入您的问题…")
    mei.find("button.more").click()
    mei.find(".menu").get_by_text("English").click()
    expect(mei.find("footer textarea")).to_have_attribute("placeholder", "Write a message…")
    mei.sees("您好！请问有什么可以帮您？")


def test_right_to_left_page_and_messages(browsing: Browsing, shop: Shop) -> None:
    noa = browsing.visit(page(shop, dir="rtl", lang="ar")).open()
    assert noa.find(".panel").evaluate("panel => getComputedStyle(panel).direction") == "rtl"
    noa.say("مرحبا، أين طلبي؟")
    expect(noa.find(".own .bubble")).to_have_css("direction", "rtl")
    noa.say("where is it")
    expect(noa.find(".own .bubble").last).to_have_css("direction", "ltr")


def test_a_website_that_is_not_allowed_gets_no_chat(browsing: Browsing, shop: Shop, site: Site) -> None:
    with Shop.opened(site.url) as stranger:
        cy = browsing.visit("about:blank")
        with cy.page.expect_console_message(lambda message: "may not embed" in message.text):
            cy.page.goto(page(stranger))
        expect(cy.find(".launcher")).to_have_count(0)
        cy.problems.clear()


def test_the_chat_is_a_page_of_its_own(browsing: Browsing, site: Site) -> None:
    ada = browsing.visit(f"{site.url}/csbot/chat/web/")
    ada.sees("Hello! How can I help?")
    expect(ada.find(".launcher")).to_be_hidden()
    ada.say("full page")
    ada.sees("You said: full page")


def test_the_sample_shop_answers_in_both_languages(browsing: Browsing, live_site: Site) -> None:
    """The project's own engine and content, nothing by the book."""
    ada = browsing.visit(f"{live_site.url}/csbot/chat/shop/")
    expect(ada.find(".msg.bot").first).to_be_visible()
    ada.say("What is your return policy?")
    expect(ada.find(".msg.bot").nth(1)).to_contain_text("30 days")
    ada.say("我想咨询一下产品的退货政策?")
    expect(ada.find(".msg.bot").nth(2)).to_contain_text("30 天")


@pytest.mark.parametrize("dark", [False, True])
def test_roles_names_sizes_and_contrast(browsing: Browsing, shop: Shop, dark: bool) -> None:
    """What an accessibility checker would look for, by hand (WCAG 2.2 AA)."""
    look = "dark" if dark else "light"
    ada = browsing.visit(page(shop), color_scheme=look, viewport={"width": 320, "height": 640}).open()
    ada.say("policy")
    expect(ada.find(".sources")).to_be_visible()
    expect(ada.find(".launcher")).to_be_hidden()
    expect(ada.find(".panel")).to_have_role("dialog")
    expect(ada.find(".panel")).to_have_accessible_name("Northwind Outfitters")
    expect(ada.find(".log")).to_have_role("log")
    expect(ada.find(".log")).to_have_attribute("aria-live", "polite")
    expect(ada.find("[role=status]")).to_have_count(1)
    nameless = ada.element.evaluate(
        """chat => [...chat.shadowRoot.querySelectorAll("button, a, input, textarea")]
            .filter(node => node.getClientRects().length && node.type !== "file")
            .filter(node => !(node.getAttribute("aria-label") || node.textContent).trim()).length"""
    )
    assert nameless == 0
    small = ada.element.evaluate(
        """chat => [...chat.shadowRoot.querySelectorAll("button, input, textarea")]
            .filter(node => node.getClientRects().length && node.type !== "file")
            .map(node => node.getBoundingClientRect()).filter(box => box.width < 24 || box.height < 24).length"""
    )
    assert small == 0
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 320
    for selector in (".bubble", ".sources", ".meta", ".bubble a", ".intro", "header p"):
        ratio = ada.find(selector).first.evaluate(CONTRAST)
        assert ratio >= 4.5, (selector, ratio)


CONTRAST = """node => {
    const parse = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    let behind = node;
    while (behind && (parse(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const colours = [getComputedStyle(node).color, getComputedStyle(behind).backgroundColor];
    const [high, low] = colours.map(colour => light(parse(colour))).sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
}"""
