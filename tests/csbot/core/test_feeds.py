"""A listener sees every entry once, in order, whatever the channel layer loses."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import User

from csbot import conversations, feeds, pools
from csbot.events import conversation_group
from csbot.feeds import Feed
from csbot.messages import Inbound
from csbot.models import Conversation

pytestmark = pytest.mark.django_db(transaction=True)

receive = sync_to_async(conversations.receive)


@pytest.fixture(autouse=True)
def _pool() -> Any:
    yield
    pools.close()


class Listener:
    """A socket's stand-in: it draws what its feed delivers."""

    def __init__(self, conversation: Conversation, audience: str = "customer", after: int = 0) -> None:
        self.drawn: list[dict[str, Any]] = []
        self.feed = Feed(conversation.pk, audience, self.deliver, after)

    async def deliver(self, entries: list[dict[str, Any]]) -> None:
        self.drawn += entries

    @property
    def seqs(self) -> list[int]:
        return [entry["seq"] for entry in self.drawn]


@pytest.fixture
async def conversation() -> Conversation:
    received = await receive(Inbound("web", "ada", "m1", text="one"))
    return await Conversation.objects.aget(pk=received.conversation)


async def test_a_listener_who_comes_late_gets_the_history_and_then_what_is_new(conversation: Conversation) -> None:
    listener = Listener(conversation)
    await listener.feed.start()
    assert listener.seqs == [1]
    await receive(Inbound("web", "ada", "m2", text="two"))
    await feeds.heartbeat.beat()
    assert listener.seqs == [1, 2]
    await listener.feed.stop()


async def test_an_event_reaches_the_listener_through_the_layer(conversation: Conversation) -> None:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(conversation_group(conversation.pk), channel)
    listener = Listener(conversation)
    await listener.feed.start()
    await receive(Inbound("web", "ada", "m2", text="two"))
    await listener.feed.hint(await asyncio.wait_for(layer.receive(channel), 60))
    assert [entry["text"] for entry in listener.drawn] == ["one", "two"]


async def test_lost_doubled_and_reordered_hints_change_nothing_a_listener_sees(conversation: Conversation) -> None:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(conversation_group(conversation.pk), channel)
    listener = Listener(conversation)
    await listener.feed.start()
    for number in range(2, 8):
        await receive(Inbound("web", "ada", f"m{number}", text=str(number)))
    hints = [await asyncio.wait_for(layer.receive(channel), 60) for _hint in range(6)]
    for index in (5, 1, 1, 3):
        await listener.feed.hint(hints[index])
    assert listener.seqs == [1, 2, 3, 4, 5, 6, 7]


async def test_a_note_reaches_staff_whole_and_the_customer_as_its_bare_number(conversation: Conversation) -> None:
    bo = await User.objects.acreate(username="bo")
    await sync_to_async(conversations.note)(conversation.pk, bo, "she is a friend of the boss")
    customer, staff = Listener(conversation), Listener(conversation, "staff")
    await customer.feed.start()
    await staff.feed.start()
    assert customer.drawn[1] == {"seq": 2}
    assert staff.drawn[1]["text"] == "she is a friend of the boss"


async def test_a_note_is_as_bare_when_it_comes_live(conversation: Conversation) -> None:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(conversation_group(conversation.pk), channel)
    customer = Listener(conversation)
    await customer.feed.start()
    bo = await User.objects.acreate(username="bo")
    await sync_to_async(conversations.note)(conversation.pk, bo, "secret")
    await customer.feed.hint(await asyncio.wait_for(layer.receive(channel), 60))
    assert customer.drawn[1] == {"seq": 2}


async def test_a_listener_that_fails_gets_the_same_entries_again(conversation: Conversation) -> None:
    listener = Listener(conversation)
    failing = True

    async def deliver(entries: list[dict[str, Any]]) -> None:
        if failing:
            raise ConnectionResetError
        await listener.deliver(entries)

    listener.feed._deliver = deliver
    with pytest.raises(ConnectionResetError):
        await listener.feed.start()
    failing = False
    await listener.feed.catch_up()
    assert listener.seqs == [1]
