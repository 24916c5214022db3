"""The session, files and the page, as HTTP."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from channels_adapters.webchat import tokens, views, visits
from channels_adapters.webchat.wording import LANGUAGES, interface
from csbot import attachments, conversations
from csbot.handoff import links
from csbot.messages import Vouched
from csbot.models import Attachment, Conversation, Inbox

pytestmark = pytest.mark.django_db

SHOP = "https://shop.example"
PLAIN_SHOP = "http://shop.example"
OWN = "http://testserver"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture(autouse=True)
def inbox(settings: Settings, tmp_path: Path) -> Inbox:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MEDIA_ROOT = tmp_path
    settings.CSBOT_RUNNER = "tests.csbot.core.conftest.Idle"
    views.uploads_of._seen.clear()
    inbox = Inbox.objects.get(key="web")
    inbox.origins = [SHOP, PLAIN_SHOP]
    inbox.vouching_secret = "between the shop and us"
    inbox.save()
    return inbox


def ask(origin: str = SHOP, client: Client | None = None, **body: Any) -> HttpResponse:
    return (client or Client()).post(  # type: ignore[return-value]
        "/csbot/webchat/web/session", json.dumps(body), "application/json", headers={"origin": origin}
    )


def session(origin: str = SHOP, client: Client | None = None, **body: Any) -> dict[str, Any]:
    answer = ask(origin, client, **body)
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = json.loads(answer.content)
    return data


def visit(data: dict[str, Any], origin: str = SHOP) -> tokens.Pass:
    return tokens.read(data["token"], inbox="web", origin=origin)


def test_a_new_visitor_gets_a_secret_a_token_and_the_look() -> None:
    answer = ask(language="zh-Hans-CN")
    data = json.loads(answer.content)
    assert tokens.SECRET.fullmatch(data["visitor"])
    assert visit(data).sender == tokens.sender_of("web", data["visitor"])
    assert (data["language"], data["wording"]["send"], data["languages"]) == ("zh", "发送", ["en", "zh"])
    assert (data["inbox"]["colour"], data["inbox"]["side"], data["expires_in"]) == ("#0b6e4f", "right", 900)
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies


def test_a_visitor_who_comes_back_is_the_same() -> None:
    first = session()
    again = session(visitor=first["visitor"])
    assert "visitor" not in again
    assert visit(again) == visit(first)


@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "https://shop.example.evil.example"])
def test_a_website_that_is_not_listed_gets_nothing(origin: str) -> None:
    answer = ask(origin)
    assert answer.status_code == 403
    assert json.loads(answer.content)["error"] == "origin"
    assert set(json.loads(answer.content)) == {"error", "message"}


def test_the_browser_may_ask_beforehand() -> None:
    answer = Client().options("/csbot/webchat/web/session", headers={"origin": SHOP})
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, SHOP)
    assert Client().get("/csbot/webchat/web/session", headers={"origin": SHOP}).status_code == 405


@pytest.mark.parametrize("body", ["[", "[]", "null", '"x"', "{" + " " * 20_000 + "}", "[" * 9000])
def test_a_body_that_is_no_object_is_refused(body: str) -> None:
    answer = Client().post("/csbot/webchat/web/session", body, "application/json", headers={"origin": SHOP})
    assert (answer.status_code, answer.json()["error"]) == (400, "not_json")


@pytest.mark.parametrize("visitor", ["", "short", 5, None, "x" * 44, "é" * 43])
def test_what_is_no_secret_is_replaced(visitor: Any) -> None:
    assert tokens.SECRET.fullmatch(session(visitor=visitor)["visitor"])


def test_an_inbox_that_does_not_exist() -> None:
    assert Client().post("/csbot/webchat/nope/session", headers={"origin": SHOP}).status_code == 404


def vouched(**more: Any) -> str:
    claims = {"email": "ada@shop.example", "name": "Ada", "expires": int(time.time()) + 600, **more}
    return tokens.vouch("between the shop and us", "42", **claims)


def test_the_embedding_site_vouches_for_its_user() -> None:
    data = session(vouch=vouched())
    assert visit(data).vouched == Vouched("42", "ada@shop.example", "Ada")
    assert visit(session(vouch=vouched())).sender == visit(data).sender


def test_a_vouching_token_that_is_not_believed_leaves_the_visitor_anonymous() -> None:
    data = session(vouch=vouched(expires=int(time.time()) - 5))
    assert visit(data).vouched is None
    assert "expired" in data["warning"]


def test_this_sites_own_user_is_known_on_its_own_pages_only() -> None:
    ada = Client()
    ada.force_login(User.objects.create_user("ada", "ada@shop.example", first_name="Ada"))
    assert visit(session(OWN, ada), OWN).vouched == Vouched("ada", "ada@shop.example", "Ada")
    for elsewhere in (SHOP, PLAIN_SHOP):
        assert visit(session(elsewhere, ada), elsewhere).vouched is None


def test_a_page_that_came_unprotected_does_not_speak_for_a_protected_user() -> None:
    ada = Client()
    ada.force_login(User.objects.create_user("ada"))
    answer = ada.post("/csbot/webchat/web/session", "{}", "application/json", secure=True, headers={"origin": OWN})
    assert tokens.read(answer.json()["token"], inbox="web", origin=OWN).vouched is None


def test_an_open_conversation_goes_with_the_user_who_signs_in_and_not_to_the_next() -> None:
    anonymous = session()
    chat = conversations.open("web", visit(anonymous).sender, greet=False)
    signed_in = session(visitor=anonymous["visitor"], vouch=vouched())
    assert signed_in["open"]
    assert visits.ready("web", visit(signed_in).sender)["conversation"] == str(chat.pk)
    # The browser's secret was replaced: whoever uses it next is somebody else, to us too.
    assert tokens.SECRET.fullmatch(signed_in["visitor"])
    for secret in (anonymous["visitor"], signed_in["visitor"]):
        assert not session(visitor=secret)["open"]


def test_a_users_own_conversation_is_not_replaced_by_the_browsers() -> None:
    user = visit(session(vouch=vouched()))
    mine = conversations.open("web", user.sender, vouched=user.vouched, greet=False)
    anonymous = session()
    conversations.open("web", visit(anonymous).sender, greet=False)
    signed_in = session(visitor=anonymous["visitor"], vouch=vouched())
    assert visits.ready("web", visit(signed_in).sender)["conversation"] == str(mine.pk)
    assert session(visitor=anonymous["visitor"])["open"]


def test_the_link_in_an_email_opens_its_conversation() -> None:
    chat = conversations.open("web", "v-somebody", greet=False)
    data = session(resume=links.sign(chat.pk, "ada@shop.example"))
    assert visits.ready("web", visit(data).sender)["conversation"] == str(chat.pk)
    assert "warning" in session(resume="forged")
    page = Client().get("/csbot/chat/web/", {"resume": '"><script>'})
    assert b'<script>"' not in page.content
    assert page["Referrer-Policy"] == "no-referrer"


def send(data: dict[str, Any], name: str = "shirt.png", content: bytes = PNG, origin: str = SHOP) -> HttpResponse:
    return Client().post(  # type: ignore[return-value]
        "/csbot/webchat/web/upload",
        {"file": SimpleUploadedFile(name, content, "image/png")},
        headers={"origin": origin, "authorization": f"Bearer {data['token']}"},
    )


def test_a_file_is_kept_and_opened_by_its_link_only() -> None:
    data = session()
    answer = send(data)
    assert answer.status_code == 201
    kept = json.loads(answer.content)
    assert (kept["name"], kept["content_type"], kept["size"]) == ("shirt.png", "image/png", len(PNG))
    shown = Client().get(kept["url"])
    assert (shown.content, shown["Content-Type"], shown["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "inline" in shown["Content-Disposition"]
    assert Client().get(kept["url"].partition("?")[0]).status_code == 404
    other = json.loads(send(session(), "other.png").content)
    token = kept["url"].partition("?")[2]
    assert Client().get(f"{other['url'].partition('?')[0]}?{token}").status_code == 404
    stored = Attachment.objects.get(pk=kept["id"])
    assert "shirt" not in str(stored.file.name)


def test_a_file_goes_into_the_visitors_own_conversation_only() -> None:
    ada, cy = session(), session()
    kept = json.loads(send(ada).content)
    conversation = Conversation.objects.get(attachments=kept["id"])
    assert conversation.thread_key == visit(ada).sender
    from channels_adapters.webchat.protocol import Message

    with pytest.raises(conversations.Refused, match="No such file"):
        visits.receive(visit(cy), Message("c1", attachments=(Attachment.objects.get(pk=kept["id"]).pk,)), "en")


def test_staff_open_a_file_by_their_login_and_outsiders_do_not() -> None:
    kept = json.loads(send(session()).content)
    address = kept["url"].partition("?")[0]
    boss, outsider = Client(), Client()
    boss.force_login(User.objects.create_superuser("mo"))
    outsider.force_login(User.objects.create_user("cy", is_staff=True))
    assert boss.get(address).status_code == 200
    assert outsider.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "empty_file"),
        (b"MZ\x90\x00", 415, "file_type"),
        (b"\x00\x01\x02", 415, "file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>\x00", 415, "file_type"),
        (PNG + bytes(2000), 413, "file_too_large"),
    ],
)
def test_a_file_that_is_not_taken_leaves_nothing(content: bytes, status: int, code: str, settings: Settings) -> None:
    settings.CSBOT_ATTACHMENT_BYTES = 1000
    answer = send(session(), content=content)
    assert (answer.status_code, json.loads(answer.content)["error"]) == (status, code)
    assert not Attachment.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_without_a_good_token_is_refused() -> None:
    assert send({"token": "forged"}).status_code == 401
    assert send(session(), origin="https://evil.example").status_code == 403
    assert send(session(OWN), origin=SHOP).status_code == 401


def test_too_many_files_are_refused_with_a_time() -> None:
    data = session()
    for _ in range(20):
        assert send(data).status_code == 201
    refused = send(data)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60


def test_text_is_a_download_whatever_it_says() -> None:
    kept = json.loads(send(session(), "<script>.html", b"<script>alert(1)</script>").content)
    assert kept["content_type"] == "text/plain"
    shown = Client().get(kept["url"])
    assert shown["Content-Type"] == "text/plain; charset=utf-8"
    assert shown["Content-Disposition"].startswith("attachment")


def test_the_logo_is_for_everyone_and_only_an_image(inbox: Inbox) -> None:
    assert Client().get("/csbot/webchat/web/logo").status_code == 404
    inbox.logo.save("logo.png", ContentFile(PNG))
    answer = Client().get(session()["inbox"]["logo"])
    assert (answer["Content-Type"], answer["Cross-Origin-Resource-Policy"]) == ("image/png", "cross-origin")
    inbox.logo.save("logo.svg", ContentFile(b"<svg onload='alert(1)'/>"))
    assert Client().get("/csbot/webchat/web/logo").status_code == 404


def test_the_page_speaks_the_readers_language() -> None:
    english = Client().get("/csbot/chat/web/").content.decode()
    chinese = Client().get("/csbot/chat/web/", {"lang": "zh"}).content.decode()
    assert 'lang="en"' in english
    assert "This chat needs JavaScript" in english
    assert '<html lang="zh-Hans">' in chinese
    assert "聊天需要 JavaScript" in chinese


def test_every_language_has_every_word() -> None:
    english = interface("en")
    for language in LANGUAGES:
        words = interface(language)
        assert words.keys() == english.keys()
        for key, text in words.items():
            assert text.strip(), (language, key)
            holes = {part.partition("}")[0] for part in text.split("{")[1:]}
            assert holes == {part.partition("}")[0] for part in english[key].split("{")[1:]}, (language, key)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        ("价格 €5\n".encode(), "text/plain"),
        (b"\xef\xbb\xbfwith a mark", "text/plain"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"PK\x03\x04", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_what_a_file_is_its_bytes_say(data: bytes, kind: str | None) -> None:
    assert attachments.sniff(data) == kind


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("shirt.png", "shirt.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\bills\\bill.pdf", "bill.pdf"),
        ("", "file"),
        ("..", "file"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ("发票.pdf", "发票.pdf"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_shown_without_tricks(name: str, safe: str) -> None:
    assert attachments.safe_name(name) == safe
