"""Cancelling, a new address, a refund's progress, and complaints that end in a remedy within the limit."""

from csbot.demo.models import Order, Remedy
from csbot.models import Delivery
from csbot.testing import Chat


def test_order_that_is_not_packed_is_cancelled_after_a_yes(ada: Chat) -> None:
    read_back = ada.say("please cancel my order 13001")
    assert "13001" in read_back.text and "€85.00" in read_back.text
    assert Order.objects.get(pk="13001").status == "placed"
    assert "is cancelled" in ada.say("yes please").text
    assert Order.objects.get(pk="13001").status == "cancelled"


def test_no_keeps_the_order(ada: Chat) -> None:
    ada.say("please cancel my order 13001")
    assert "stays as it is" in ada.say("no").text
    assert Order.objects.get(pk="13001").status == "placed"


def test_packed_order_cannot_be_cancelled_and_says_why(ada: Chat) -> None:
    assert "packed already" in ada.say("please cancel my order 12950").text


def test_address_is_changed_only_whole_and_confirmed(ada: Chat) -> None:
    ada.say("I want to change the delivery address of order 13001")
    assert "whole address" in ada.say("Lange Reihe 5").text
    assert "Lange Reihe 5, 20099 Hamburg" in ada.say("Lange Reihe 5, 20099 Hamburg").text
    assert "now goes to" in ada.say("yes").text
    assert Order.objects.get(pk="13001").address == {"line": "Lange Reihe 5, 20099 Hamburg"}


def test_refund_that_is_on_its_way_says_until_when(ada: Chat) -> None:
    answer = ada.say("where is my refund for order 12210")
    assert "€60.05" in answer.text and "should be with you by" in answer.text


def test_broken_mug_is_made_good_at_once_and_only_once(bo: object, ada: Chat) -> None:
    ada.say("I want to make a complaint")
    ada.say("12345")
    ada.say("it arrived broken")
    offer = ada.say("the mug")
    assert "voucher of" in offer.text and offer.buttons == ["Yes", "No"]
    done = ada.say("yes")
    remedy = Remedy.objects.get(order="12345")
    assert remedy.code in done.text
    assert remedy.code in Delivery.objects.get(conversation=ada.conversation).payload["body"]

    ada.say("I want to make a complaint")
    ada.say("12345")
    ada.say("something is missing")
    assert ada.say("the mug").statuses == ["queued"]


def test_remedy_above_the_limit_is_for_a_person(bo: object, ada: Chat) -> None:
    ada.say("I want to make a complaint")
    ada.say("12345")
    ada.say("arrived damaged")
    answer = ada.say("the jeans")
    assert answer.statuses == ["queued"] and "a repair or your money back" in answer.text
    assert not Remedy.objects.exists()
