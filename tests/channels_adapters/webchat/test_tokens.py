"""Who a visitor is: secrets, socket tokens, vouching, file links; and which websites may ask."""

import time

import pytest
from pytest_django import Settings

from channels_adapters.webchat import origins, tokens
from channels_adapters.webchat.limits import Window
from csbot.messages import Vouched

SECRET = tokens.new_secret()
ADA = tokens.Pass("shop", "v-1", "https://shop.example", Vouched("ada", "ada@shop.example", "Ada"))


def read(token: str, inbox: str = "shop", origin: str = "https://shop.example") -> tokens.Pass:
    return tokens.read(token, inbox=inbox, origin=origin)


def test_a_visitor_secret_is_long_and_never_stored() -> None:
    assert tokens.SECRET.fullmatch(SECRET)
    assert len({tokens.new_secret() for _ in range(100)}) == 100
    assert SECRET not in tokens.sender_of("shop", SECRET)
    assert tokens.sender_of("shop", SECRET) == tokens.sender_of("shop", SECRET)
    assert tokens.sender_of("shop", SECRET) != tokens.sender_of("other", SECRET)


def test_a_socket_token_says_who_for_which_inbox_from_which_website() -> None:
    assert read(tokens.issue(ADA)) == ADA


@pytest.mark.parametrize(
    ("inbox", "origin"), [("other", "https://shop.example"), ("shop", "https://evil.example"), ("shop", "")]
)
def test_a_token_of_another_inbox_or_website_opens_nothing(inbox: str, origin: str) -> None:
    with pytest.raises(tokens.TokenError, match="another inbox or website"):
        read(tokens.issue(ADA), inbox, origin)


def test_an_expired_token_is_refused(settings: Settings) -> None:
    settings.CSBOT_WEBCHAT_TOKEN_SECONDS = -1
    with pytest.raises(tokens.TokenError, match="expired"):
        read(tokens.issue(ADA))


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "\ud800", "é"])
def test_a_forged_token_is_refused(forged: str) -> None:
    with pytest.raises(tokens.TokenError):
        read(forged)


def test_a_token_made_for_something_else_is_refused() -> None:
    with pytest.raises(tokens.TokenError):
        read(tokens.file_token("7f4b1a52-3a9c-4f0e-9a57-0b8c3d1f2e4d"))


def test_a_file_link_opens_that_file_only_and_not_for_ever(settings: Settings) -> None:
    token = tokens.file_token("one")
    assert tokens.opens_file("one", token)
    assert not tokens.opens_file("two", token)
    assert not tokens.opens_file("one", "")
    assert not tokens.opens_file("one", token[:-1])
    settings.CSBOT_WEBCHAT_FILE_SECONDS = -1
    assert not tokens.opens_file("one", token)


def soon() -> int:
    return int(time.time()) + 600


def test_the_embedding_site_vouches_for_its_user() -> None:
    token = tokens.vouch("s3cret", "42", email="ada@shop.example", name="Ada 王", expires=soon())
    assert tokens.read_vouch("s3cret", token) == Vouched("42", "ada@shop.example", "Ada 王")


@pytest.mark.parametrize(
    ("secret", "token"),
    [
        ("", tokens.vouch("", "42", expires=soon())),
        ("other", tokens.vouch("s3cret", "42", expires=soon())),
        ("s3cret", tokens.vouch("s3cret", "42", expires=int(time.time()) - 1)),
        ("s3cret", tokens.vouch("s3cret", "42", expires=int(time.time()) + 90_000)),
        ("s3cret", tokens.vouch("s3cret", "", expires=soon())),
        ("s3cret", tokens.vouch("s3cret", "42", expires="soon")),  # type: ignore[arg-type]
        ("s3cret", "no-dot"),
        ("s3cret", "é.é"),
        ("s3cret", "."),
    ],
)
def test_what_is_not_vouched_for_is_not_believed(secret: str, token: str) -> None:
    with pytest.raises(tokens.TokenError):
        tokens.read_vouch(secret, token)


@pytest.mark.parametrize(
    ("origin", "listed", "allowed"),
    [
        ("https://shop.example", ["https://shop.example"], True),
        ("https://SHOP.example:443", ["https://shop.example/"], True),
        ("https://www.shop.example", ["https://*.shop.example"], True),
        ("https://shop.example", ["https://*.shop.example"], False),
        ("https://evilshop.example", ["https://*.shop.example"], False),
        ("http://shop.example", ["https://shop.example"], False),
        ("https://shop.example:8443", ["https://shop.example"], False),
        ("https://shop.example.evil.example", ["https://shop.example"], False),
        ("https://evil.example", ["", None, 5, "*"], False),
        ("null", ["null"], False),
        ("", ["https://shop.example"], False),
        ("file://", ["file://"], False),
        ("https://[", ["https://["], False),
        ("http://localhost:8000", [], True),
        ("http://localhost:9000", [], False),
    ],
)
def test_which_websites_may_embed(origin: str, listed: list[str], allowed: bool, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    assert origins.may_embed(origin, listed, "localhost:8000") is allowed


def test_a_host_header_that_is_not_ours_makes_no_page_our_own(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["bot.example"]
    assert origins.is_own("https://bot.example", "bot.example")
    assert not origins.is_own("https://evil.example", "evil.example")


def test_twenty_messages_in_ten_seconds_and_then_a_wait() -> None:
    window = Window(20, 10.0)
    assert [window.wait("ada", 100.0 + step / 100) for step in range(20)] == [0.0] * 20
    assert window.wait("ada", 101.0) == pytest.approx(9.0)
    assert window.wait("bo", 101.0) == 0.0
    assert window.wait("ada", 110.0) == 0.0


def test_the_limits_forget_visitors_who_went_away() -> None:
    window = Window(1, 10.0, keys=2)
    for name in ("ada", "bo", "cy"):
        window.wait(name, 0.0)
    assert len(window._seen) == 2
