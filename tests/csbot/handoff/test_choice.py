"""Which queue a conversation enters."""

from typing import Any

import pytest

from csbot.handoff.choice import choose, queue_for
from csbot.models import Inbox, Queue
from tests.csbot.staff import Shop, open_shop


def queue(shop: Shop, key: str, *, inboxes: tuple[Inbox, ...] = (), **facts: Any) -> Queue:
    made = Queue.objects.create(brand=shop.brand, key=key, names={"en": key}, **facts)
    made.inboxes.set(inboxes)
    return made


def chosen(shop: Shop, topic: str = "", language: str = "en") -> str:
    found = choose(shop.brand, shop.inbox, topic, language)
    return found.key if found else ""


def test_a_queue_that_names_the_topic_is_chosen_before_the_inboxs_default(shop: Shop) -> None:
    queue(shop, "returns", topics=["returns"])
    assert chosen(shop, "returns") == "returns"
    assert chosen(shop, "orders") == "people"


def test_who_names_more_is_chosen(shop: Shop) -> None:
    queue(shop, "returns", topics=["returns"])
    queue(shop, "returns-zh", topics=["returns"], languages=["zh"])
    assert chosen(shop, "returns", "zh") == "returns-zh"
    assert chosen(shop, "returns", "en") == "returns"


def test_topic_counts_before_language_and_language_before_inbox(shop: Shop) -> None:
    queue(shop, "a-inbox", inboxes=(shop.inbox,))
    queue(shop, "b-language", languages=["zh"])
    assert chosen(shop, "returns", "zh") == "b-language"
    queue(shop, "c-topic", topics=["returns"])
    assert chosen(shop, "returns", "zh") == "c-topic"


def test_a_queue_of_another_inbox_is_not_chosen(shop: Shop) -> None:
    other = Inbox.objects.create(brand=shop.brand, bot=shop.bot, key="phone", name="Phone")
    queue(shop, "a-phone", inboxes=(other,))
    assert chosen(shop) == "people"


def test_without_a_default_the_queue_for_everything_is_chosen(shop: Shop) -> None:
    shop.inbox.queue = None
    queue(shop, "a-returns", topics=["returns"])
    assert chosen(shop) == "people"


def test_nobody_is_stuck_because_no_queue_fits(shop: Shop) -> None:
    shop.inbox.queue = None
    Queue.objects.filter(pk=shop.queue.pk).update(topics=["returns"], languages=["en"])
    queue(shop, "zh", topics=["returns"], languages=["zh"])
    assert chosen(shop, "orders", "zh") == "zh"


def test_a_disabled_queue_is_never_chosen_not_even_as_the_default(shop: Shop) -> None:
    queue(shop, "spare")
    Queue.objects.filter(pk=shop.queue.pk).update(enabled=False)
    assert chosen(shop) == "spare"


def test_a_brand_without_queues_gets_one_when_somebody_needs_it(shop: Shop) -> None:
    Queue.objects.all().delete()
    shop.inbox.refresh_from_db()
    assert choose(shop.brand, shop.inbox, "", "en") is None
    made = queue_for(shop.brand, shop.inbox, "", "en")
    assert made.brand == shop.brand
    assert queue_for(shop.brand, shop.inbox, "returns", "zh") == made


@pytest.mark.parametrize("language", ["en", "zh"])
def test_another_brands_queue_is_never_chosen(shop: Shop, language: str) -> None:
    stranger = open_shop("globex")
    Queue.objects.filter(pk=stranger.queue.pk).update(topics=["returns"], languages=["zh", "en"])
    assert chosen(shop, "returns", language) == "people"
    assert choose(shop.brand, shop.inbox, "returns", language).brand == shop.brand  # type: ignore[union-attr]
