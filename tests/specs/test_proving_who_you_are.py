"""An order is told to nobody who cannot prove that it is theirs."""

import re

from csbot.messages import Assurance
from csbot.models import Delivery, VerificationCode
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
