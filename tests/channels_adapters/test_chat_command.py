"""`manage.py csbot_chat`: the bot in a terminal, for people and for programs."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from csbot.models import Conversation
from csbot.packs.loading import load

KEYS = {
    *("sender", "text", "seq", "language", "sentiment", "intent", "confidence", "slots", "decision", "flow"),
    *("sources", "buttons", "handoff", "ms"),
}


@pytest.fixture
def shop(db: None, settings: Any) -> Iterator[None]:
    load("shop")
    # The command sets the runner of its own process.
    with override_settings():
        yield


def chat(*arguments: str) -> str:
    out = StringIO()
    call_command("csbot_chat", "--inbox", "shop", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def lines(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in chat("--json", *arguments).splitlines()]


def test_json_is_one_object_a_line_for_each_line_said_with_every_field(shop: None) -> None:
    said = lines("--say", "what is your return policy", "--say", "thanks")
    assert all(set(line) == KEYS for line in said)
    customer, bot = said[0], said[1]
    assert (customer["sender"], customer["text"]) == ("customer", "what is your return policy")
    assert bot["sender"] == "bot" and bot["seq"] == customer["seq"] + 1
    assert set(bot["sources"][0]) == {"id", "title", "score"} and 0 < bot["sources"][0]["score"] <= 1
    assert bot["decision"] == "answer" and bot["flow"] is None and bot["handoff"] is None
    assert -1 <= bot["sentiment"] <= 1 and 0 <= bot["confidence"] <= 1 and bot["ms"] > 0
    assert [line["sender"] for line in said].count("customer") == 2


def test_flow_and_slots_are_named(shop: None) -> None:
    bot = lines("--say", "Can I return an item I bought online?", "--say", "it is the order 12345")[-1]
    assert bot["flow"] == "return_item"
    assert bot["slots"]["order_number"] == "12345"


def test_feeling_is_a_number_from_minus_one_to_one(shop: None) -> None:
    assert lines("--say", "I am very happy with your service")[0]["sentiment"] > 0.3
    assert lines("--say", "This is the third time, I am furious!")[0]["sentiment"] < -0.3


def test_language_is_the_customers(shop: None) -> None:
    said = lines("--language", "zh", "--say", "我想咨询一下产品的退货政策?")
    assert said[-1]["language"] == "zh" and said[-1]["sources"]


@pytest.mark.parametrize(("who", "assurance"), [("ada", "verified"), ("visitor", "anonymous")])
def test_speaks_as_ada_or_as_a_visitor(shop: None, who: str, assurance: str) -> None:
    chat("--as", who, "--say", "hello")
    assert Conversation.objects.get().assurance == assurance


def test_trace_begins_with_its_plain_sentence(shop: None) -> None:
    assert "Answered from" in chat("--trace", "--say", "what is your return policy")
    assert "Answered from" not in chat("--say", "what is your return policy")


def test_inbox_that_does_not_exist_is_answered_with_those_there_are(shop: None) -> None:
    with pytest.raises(CommandError, match=r"There is no inbox 'nowhere'; there are: shop, web"):
        call_command("csbot_chat", "--inbox", "nowhere", "--say", "hello", stdout=StringIO())


def test_line_that_is_refused_is_said_so_and_the_next_one_is_answered(shop: None) -> None:
    out, err = StringIO(), StringIO()
    call_command("csbot_chat", "--inbox", "shop", "--say", "x" * 5000, "--say", "hello", stdout=out, stderr=err)
    assert "Not sent" in err.getvalue() and "5000 characters" in err.getvalue()
    assert "bot" in out.getvalue()
