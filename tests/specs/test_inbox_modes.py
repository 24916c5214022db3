"""Each inbox has a mode: bot first, people first, bot only, closed; and a share of traffic for the bot."""

import pytest

from csbot.messages import Happening
from csbot.models import Inbox
from csbot.testing import ADA, Chat


def inbox(**changes: object) -> None:
    Inbox.objects.filter(key="shop").update(**changes)


def test_people_first_puts_a_new_conversation_into_the_queue_and_says_so(bo: object) -> None:
    inbox(mode="people_first")
    ada = Chat("shop", vouched=ADA, language="en")
    opened = ada.open()
    assert opened.statuses == ["queued"]
    assert "One of us will be with you in a moment" in opened.text
    assert ada.conversation.handoffs.get().reason == "people_first"
    # Whatever they write is for a person: the bot does not answer it from an article.
    assert not ada.say("what is your return policy").sources


def test_people_first_takes_who_only_writes_too(bo: object) -> None:
    inbox(mode="people_first")
    assert "queued" in Chat("shop", language="en").say("what is your return policy").statuses


def test_share_of_traffic_decides_who_answers_first(bo: object) -> None:
    inbox(bot_share=0)
    assert "queued" in Chat("shop", language="en").say("hello").statuses
    inbox(bot_share=100)
    assert Chat("shop", language="en").say("hello").statuses == []


@pytest.mark.parametrize("mode", ["bot_only", "closed"])
def test_where_people_do_not_chat_a_person_is_reached_by_e_mail(bo: object, mode: str) -> None:
    inbox(mode=mode)
    visitor = Chat("shop", language="en")
    asked = visitor.say("get me a person")
    assert asked.statuses == [] and asked.messages[-1]["data"]["expects"]["type"] == "email"
    assert "ticket" in visitor.say("eve@example.org").statuses


def test_bot_only_still_answers() -> None:
    inbox(mode="bot_only")
    assert Chat("shop", language="en").say("what is your return policy").sources


def test_closed_inbox_says_so_on_arrival_and_takes_a_message(bo: object) -> None:
    inbox(mode="closed")
    visitor = Chat("shop", language="en")
    opened = visitor.open()
    assert "don't take chats here at the moment" in opened.text
    assert opened.statuses == []
    assert "ticket" in visitor.say("eve@example.org").statuses


def test_where_people_come_first_and_nobody_is_there_the_bot_does_what_it_can() -> None:
    inbox(mode="people_first")
    visitor = Chat("shop", language="en")
    assert visitor.open().statuses == []
    assert visitor.say("what is your return policy").sources


def test_opening_is_a_happening_that_names_who_comes_first() -> None:
    inbox(mode="people_first")
    visitor = Chat("shop", language="en")
    visitor.open()
    first = visitor.conversation.entries.first()
    assert first is not None
    assert (first.data["happening"], first.data["detail"]) == (Happening.OPENED, {"people": True})
