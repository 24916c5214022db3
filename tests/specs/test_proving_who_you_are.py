"""An order is told to nobody who cannot prove that it is theirs."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from csbot import conversations
from csbot.actions import registry
from csbot.actions.registry import ActionFailed, Call, Outcome
from csbot.messages import Assurance
from csbot.models import Delivery, ProofCount, VerificationCode
from csbot.testing import Chat


def ask(visitor: Chat, number: str = "12345") -> str:
    visitor.say("where is my order")
    return visitor.say(number).text


def test_visitor_is_asked_for_proof_before_anything_is_told(visitor: Chat) -> None:
    answer = ask(visitor)
    assert "e-mail address or the postcode" in answer
    assert "shirt" not in answer.lower()


def test_postcode_of_the_order_proves_it(visitor: Chat) -> None:
    ask(visitor)
    assert "was delivered on" in visitor.say("it's 22765").text
    assert visitor.conversation.assurance == Assurance.VERIFIED
    assert visitor.conversation.subject == "ada"


def test_email_of_the_order_proves_it(visitor: Chat) -> None:
    ask(visitor)
    assert "was delivered on" in visitor.say("Ada@Example.org").text


def test_unknown_order_and_wrong_proof_are_refused_in_the_same_words() -> None:
    said = []
    for number in ("99999", "12345"):
        chat = Chat("shop", language="en")
        ask(chat, number)
        said.append(chat.say("eve@example.org").text)
    assert said[0] == said[1]


def test_three_tries_and_no_more(visitor: Chat) -> None:
    ask(visitor)
    visitor.say("1000 AA")
    visitor.say("1000 AB")
    last = visitor.say("1000 AC")
    assert "can't go on with it here" in last.text and "Talk to a person" in last.buttons
    assert "can't go on with it here" in ask(visitor)
    assert visitor.conversation.assurance == Assurance.ANONYMOUS


def test_one_time_code_goes_to_the_address_on_file_and_proves_it(visitor: Chat) -> None:
    ask(visitor)
    answer = visitor.press("Send me a code")
    assert "If that order exists" in answer.text
    assert answer.messages[-1]["data"]["expects"]["secret"]
    mail = Delivery.objects.get(conversation=visitor.conversation)
    assert mail.recipient == "ada@example.org"
    code = re.search(r"\d{6}", mail.payload["body"])
    assert code and code.group() not in VerificationCode.objects.get().code_hash
    assert "was delivered on" in visitor.say(code.group()).text
    assert not visitor.conversation.entries.filter(text__contains=code.group()).exists()


def test_wrong_code_does_not_prove_anything(visitor: Chat) -> None:
    ask(visitor)
    visitor.press("Send me a code")
    assert "Tries left" in visitor.say("000000").text
    assert visitor.conversation.assurance == Assurance.ANONYMOUS


def test_code_for_an_order_that_does_not_exist_is_announced_in_the_same_words(visitor: Chat) -> None:
    ask(visitor, "99999")
    assert "If that order exists" in visitor.press("Send me a code").text
    assert not Delivery.objects.filter(conversation=visitor.conversation).exists()


def guess(chat: Chat, number: str, *proofs: str) -> str:
    ask(chat, number)
    return [chat.say(proof).text for proof in proofs][-1]


def test_guessing_at_one_order_ends_after_three_tries_in_whatever_conversations_and_browsers() -> None:
    for proof in ("1000 AA", "1000 AB"):
        chat = Chat("shop", language="en")
        assert "Tries left" in guess(chat, "12345", proof)
    assert "can't go on with it here" in guess(Chat("shop", language="en"), "12345", "1000 AC")
    late = Chat("shop", language="en")
    assert "can't go on with it here" in ask(late)
    late.say("22765")  # the right one: nothing is compared any more
    assert late.conversation.assurance == Assurance.ANONYMOUS


def test_a_new_conversation_of_the_same_visitor_has_no_new_tries_at_any_order(visitor: Chat) -> None:
    guess(visitor, "12345", "1000 AA", "1000 AB")
    conversations.close(visitor.conversation.pk, by="customer")
    assert "can't go on with it here" in guess(visitor, "54321", "1000 AC")
    assert "can't go on with it here" in ask(visitor, "99999")


def test_the_end_of_the_tries_says_nothing_of_whether_the_order_exists() -> None:
    said = []
    for number in ("99999", "12345"):
        for proof in ("1000 AA", "1000 AB", "1000 AC"):
            said.append((number, guess(Chat("shop", language="en"), number, proof)))
        said.append((number, ask(Chat("shop", language="en"), number)))
    assert [text for number, text in said if number == "99999"] == [text for number, text in said if number == "12345"]


def test_the_owner_s_own_proof_uses_up_nothing() -> None:
    for _visit in range(4):
        assert "was delivered on" in guess(Chat("shop", language="en"), "12345", "22765")


def test_tries_come_back_when_the_window_is_over(visitor: Chat) -> None:
    guess(visitor, "12345", "1000 AA", "1000 AB", "1000 AC")
    ProofCount.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "was delivered on" in guess(visitor, "12345", "22765")


def test_a_business_that_does_not_answer_uses_up_no_try(visitor: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(call: Call, number: str, proof: str) -> Outcome:
        raise ActionFailed("timeout")

    ask(visitor)
    working = registry.get("shop.check_owner")
    monkeypatch.setitem(registry._actions, "shop.check_owner", replace(working, run=away))
    answer = visitor.say("22765")
    assert "Try again" in answer.buttons
    monkeypatch.setitem(registry._actions, "shop.check_owner", working)
    visitor.press("Try again")
    assert "was delivered on" in visitor.say("22765").text
    assert not ProofCount.objects.filter(tries__gt=0).exists()


def test_second_try_at_a_code_is_as_secret_as_the_first_and_still_good(visitor: Chat) -> None:
    ask(visitor)
    visitor.press("Send me a code")
    code = re.search(r"\d{6}", Delivery.objects.get().payload["body"])
    assert code
    visitor.say("000000" if code.group() != "000000" else "111111")
    assert "was delivered on" in visitor.say(code.group()).text
    assert not visitor.conversation.entries.filter(text__contains=code.group()).exists()


def test_codes_are_guessed_three_times_in_all(visitor: Chat) -> None:
    ask(visitor)
    visitor.press("Send me a code")
    for _try in range(3):
        answer = visitor.say("000000").text
        Delivery.objects.all().delete()
    assert "can't go on with it here" in answer
    assert "can't go on with it here" in ask(Chat("shop", language="en"))


@pytest.mark.parametrize("number", ["12345", "99999"])
def test_codes_are_sent_three_times_a_window_and_no_more(number: str) -> None:
    said = []
    for _browser in range(4):
        chat = Chat("shop", language="en")
        ask(chat, number)
        said.append(chat.press("Send me a code").text)
    assert all("If that order exists" in text for text in said[:3])
    assert "can't go on with it here" in said[3]
    assert Delivery.objects.count() == (3 if number == "12345" else 0)
