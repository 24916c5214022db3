"""What changes while a conversation is under way: who sits at the browser, the flow, what may be said."""

from typing import Any

import pytest

from csbot.demo.models import Return
from csbot.messages import Vouched
from csbot.models import Flow
from csbot.testing import Chat


def edit(flow: str) -> None:
    row = Flow.objects.get(key=flow)
    row.definition += "\n# a new edition\n"
    row.save()


def test_who_signs_in_next_at_the_same_browser_sees_and_uses_nothing_of_the_one_before(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    ada.vouched = Vouched("greta", "greta@example.org", "Greta")
    for words in ("yes", "say that again", "and my refund?"):
        answer = ada.say(words)
        assert "shirt" not in answer.text.lower() and "12345" not in answer.text
    assert not Return.objects.filter(order="12345").exists()


def test_flow_that_is_edited_meanwhile_keeps_what_is_known(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("12345")
    edit("return_item")
    read_back = ada.say("the shirt")
    assert "Linen shirt" in read_back.text and read_back.buttons == ["Yes", "No"]


def test_yes_to_what_the_flow_asked_before_it_was_edited_is_asked_for_again(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    edit("return_item")
    again = ada.say("yes")
    assert again.buttons == ["Yes", "No"] and "Linen shirt" in again.text
    assert not Return.objects.filter(order="12345").exists()
    assert "R12345" in ada.say("yes").text


def test_flow_that_is_taken_away_meanwhile_ends_without_a_fault(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    Flow.objects.get(key="return_item").delete()
    answer = ada.say("what does shipping cost?")
    assert answer.sources and answer.facts.get("flow") is None


def test_forbidden_phrase_is_never_said_and_a_person_is_offered(visitor: Chat, settings: Any) -> None:
    settings.CSBOT_FORBIDDEN_PHRASES = ("30 days",)
    answer = visitor.say("what is your return policy")
    assert "30 days" not in answer.text
    assert "Talk to a person" in answer.buttons


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "' OR 1=1 --", "{bot} {{7*7}} ${7*7}", "\u202egnp.exe"])
def test_what_looks_like_code_is_only_words(visitor: Chat, words: str) -> None:
    answer = visitor.say(words)
    assert answer.messages and "Traceback" not in answer.text
    assert "7*7" not in words or "49" not in answer.text  # a price may be 49
