"""Ada returns an item, step by step, and everything that may be in the way."""

import pytest

from csbot.demo.models import Order, Return
from csbot.models import Delivery
from csbot.testing import ADA, Chat


def test_ada_returns_a_shirt_she_bought_online(ada: Chat) -> None:
    asked = ada.say("Can I return an item I bought online?")
    assert "order number" in asked.text and "item" in asked.text
    assert asked.messages[-1]["data"]["expects"]["type"] == "order_number"

    read_back = ada.say("My order number is 12345 and I would like to return a shirt.")
    assert read_back.facts["slots"] == {"order_number": "12345", "items": "Linen shirt (white, M)"}
    assert "Linen shirt" in read_back.text and "€44.05" in read_back.text
    assert read_back.buttons == ["Yes", "No"]

    done = ada.say("yes")
    assert "R12345" in done.text and "email" in done.text and "anything else" in done.text
    registered = Return.objects.get(order="12345")
    assert [line.product_id for line in registered.items.all()] == ["HP-SHI-01"]
    mail = Delivery.objects.get(conversation=ada.conversation)
    assert mail.recipient == "ada@example.org" and "R12345" in mail.payload["subject"]

    assert ada.say("no").statuses == ["closed"]


def test_unknown_order_and_somebody_elses_are_answered_alike() -> None:
    answers = []
    for number in ("99999", "30117"):  # no such order; Greta's
        chat = Chat("shop", vouched=ADA, language="en")
        chat.say("Can I return an item I bought online?")
        answers.append(chat.say(number).text.replace(number, "#"))
    assert answers[0] == answers[1]
    assert "can't find the order #" in answers[0]


def test_not_a_number_is_asked_for_again_with_what_it_should_look_like(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    assert "digits" in ada.say("abcde").text
    assert "1234 is not quite an order number" in ada.say("1234").text


def test_item_that_is_not_in_the_order_is_said_to_be_none_of_it(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    answer = ada.say("order 12345, the raincoat please")
    assert "don't see that in this order" in answer.text
    assert any(title.startswith("Linen shirt") for title in answer.buttons)


@pytest.mark.django_db
def test_order_past_its_return_window_says_until_when() -> None:
    ada = Chat("shop", vouched=ADA, language="en")
    late = next(
        order
        for order in Order.objects.filter(customer="ada", status="delivered", returns=None).order_by("delivered_at")
    )
    ada.say("Can I return an item I bought online?")
    ada.say(late.number)
    answer = ada.press("Everything") if "Everything" in ada.newest_buttons() else ada.say("the first one")
    assert "could be returned until" in answer.text
    assert "Talk to a person" in answer.buttons
    assert not Return.objects.filter(order=late).exists()


def test_correction_while_confirming_changes_the_item(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    assert "Straight jeans" in ada.say("no, I meant the jeans").text
    ada.say("yes")
    assert [line.product_id for line in Return.objects.get(order="12345").items.all()] == ["HP-JEA-01"]


def test_correction_of_the_order_number_looks_the_other_order_up(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("12345")
    answer = ada.say("no, 54321")
    assert answer.facts["slots"]["order_number"] == "54321"
    assert any("blanket" in title.lower() for title in answer.buttons)


def test_question_in_the_middle_is_answered_and_the_flow_goes_on(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    answer = ada.say("What does delivery cost?")
    assert answer.sources[0]["title"] == "Shipping costs"
    assert "order number" in answer.messages[-1]["text"]
    assert answer.facts["flow"] == "return_item"


def test_never_mind_stops_and_changes_nothing(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    assert "Nothing was changed" in ada.say("never mind").text
    assert not Return.objects.filter(order="12345").exists()


def test_say_that_again_asks_the_same_question(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    assert "order number" in ada.say("say that again").text.lower()


def test_spoken_digits_are_an_order_number(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    assert ada.say("one two three four five").facts["slots"]["order_number"] == "12345"


def test_return_in_chinese_with_full_width_digits() -> None:
    lin = Chat("shop", vouched=ADA, language="zh")
    lin.say("我想退货")
    answer = lin.say("订单１２３４５，退牛仔裤")
    assert "直筒牛仔裤" in answer.text
    assert "退货单号" in lin.say("好的").text


def test_another_wish_is_served_first_and_the_return_taken_up_again(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("where is my order")
    answer = ada.say("12999")
    assert "on its way with DHL" in answer.text
    assert "your return" in answer.text and answer.buttons == ["Yes", "No"]
    assert "order number" in ada.say("yes").text
