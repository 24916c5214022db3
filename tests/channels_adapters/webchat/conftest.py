"""Web chat is tested with an engine that answers by the book, in this process and in a real server's."""

from collections.abc import Iterator

import pytest

from tests.channels_adapters.webchat.browsing import Browsing, Shop, Wire
from tests.live import Site, serve

SETTINGS = "tests.channels_adapters.webchat.site"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serve(tmp_path_factory.mktemp("webchat") / "var", settings=SETTINGS) as running:
        yield running


@pytest.fixture(scope="session")
def shop(site: Site) -> Iterator[Shop]:
    """Another website, allowed to embed the chat, under a strict policy of its own."""
    with Shop.opened(site.url) as shop:
        site.shell(
            "from csbot.models import Bot, Brand, Inbox;"
            f"Inbox.objects.filter(key='web').update(origins=[{shop.url!r}]);"
            "Brand.objects.update(name='Northwind Outfitters');"
            "Bot.objects.update(name='Robin')"
        )
        yield shop


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """A way to the site that can be cut."""
    with Wire.to(site.url) as wire:
        yield wire


# Playwright's own event loop runs while it is open, and async tests need theirs: it never outlives a module.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browsing]:
    with Browsing.started() as browsing:
        yield browsing


@pytest.fixture
def browsing(chromium: Browsing, shop: Shop) -> Iterator[Browsing]:
    """A real Chromium; what a page says in its console as an error fails the test that looked at it."""
    yield chromium
    chromium.leave()
