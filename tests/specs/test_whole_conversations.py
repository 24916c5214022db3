"""Whole conversations in English, as customers have them: several wishes, changes of mind, the wrong answer, a frown.

Against the trained bot, on words alone. The same in Chinese: `test_whole_conversations_in_chinese`.
"""

import pytest

from csbot.demo.models import Order, Remedy, Return
from csbot.testing import Chat
from tests.specs.scripts import hold

pytestmark = pytest.mark.usefixtures("trained")


@pytest.mark.parametrize(
    "wishes",
    [
        "I want to return the shirt from 12345 and where is order 12999",
        "I'd like to return the shirt from order 12345. Also, where is order 12999?",
        "please return the shirt from 12345, and then tell me where order 12999 is",
    ],
)
def test_two_wishes_in_one_message_are_served_one_after_the_other(ada: Chat, wishes: str) -> None:
    hold(
        ada,
        f"""
        > {wishes}
        first your return, then where your order is
        From order 12345
        Linen shirt
        > yes
        R12345
        go on with what we began before: where your order is?
        > yes
        Order 12999
        on its way with DHL
        Is there anything else
        """,
    )


def test_one_matter_told_in_two_ways_is_one_wish(ada: Chat) -> None:
    hold(
        ada,
        """
        > the mug from order 12345 arrived broken, I want my money back
        ! one thing after the other
        voucher of €28.00
        new one or your money back
        """,
    )


@pytest.mark.parametrize(
    "instead",
    [
        "actually no keep it, I'd rather change the address",
        "never mind, change the delivery address instead",
        "don't cancel it, change its delivery address please",
    ],
)
def test_another_wish_in_the_place_of_the_first_is_about_the_same_order(ada: Chat, instead: str) -> None:
    hold(
        ada,
        f"""
        > cancel my order 13001
        Shall I cancel it?
        > {instead}
        Where should it go?
        > Hauptstraße 5, 20095 Hamburg
        Order 13001 will go to: Hauptstraße 5, 20095 Hamburg
        > 👍
        now goes to Hauptstraße 5
        """,
    )
    assert Order.objects.get(pk="13001").status == "placed"


@pytest.mark.parametrize(
    "whole",
    [
        "I moved, can you send order 13001 to my new address: 14 Harbour Lane, Bristol BS1 4TT?",
        "please change the delivery address of order 13001 to 14 Harbour Lane, Bristol BS1 4TT",
        "change address of order 13001, my new address is 14 Harbour Lane, Bristol BS1 4TT",
    ],
)
def test_address_said_in_the_first_message_is_not_asked_for_again(ada: Chat, whole: str) -> None:
    hold(
        ada,
        f"""
        > {whole}
        Order 13001 will go to: 14 Harbour Lane, Bristol BS1 4TT. Is that right?
        """,
    )


def test_item_named_before_its_order_is_remembered(ada: Chat) -> None:
    hold(
        ada,
        """
        > I want to return something
        What is the order number, and which item
        > the wool blanket
        What is the order number?
        > order 54321
        From order 54321
        Pine wool blanket
        """,
    )


def test_what_is_known_and_said_again_is_no_other_wish(ada: Chat) -> None:
    hold(
        ada,
        """
        > I want to return the shirt from order 12345
        Shall I register it?
        > order 12345
        ! Sorry
        ! delivered on
        Shall I register it?
        """,
    )


@pytest.mark.parametrize("named", ["the lamp", "the one with the table lamp", "my lamp please"])
def test_order_is_known_by_what_is_in_it(ada: Chat, named: str) -> None:
    hold(ada, f"> where is my order\n[13001 · Table lamp]\n> {named}\n13001 (Table lamp (oak))")


@pytest.mark.parametrize(
    "asked", ["are you sure that works?", "can I do that later?", "will it cost anything?", "可以说中文吗", "really?"]
)
def test_question_at_a_confirmation_confirms_nothing(ada: Chat, asked: str) -> None:
    hold(ada, f"> return the shirt from order 12345\nShall I register it?\n> {asked}\n! R12345")
    assert not Return.objects.filter(order="12345").exists()


@pytest.mark.parametrize("yes", ["👍", "👌🏽", "✅", "yess", "yes yes yes", "YES PLEASE", "ok do it"])
def test_yes_is_read_in_many_ways(ada: Chat, yes: str) -> None:
    hold(ada, f"> return the shirt from order 12345\nShall I register it?\n> {yes}\nR12345")


@pytest.mark.parametrize("no", ["👎", "❌", "nope", "NO", "nooo", "no no"])
def test_no_is_read_in_many_ways(ada: Chat, no: str) -> None:
    hold(ada, f"> cancel my order 13001\nShall I cancel it?\n> {no}\nstays as it is")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("yes", "What is it?"),
        ("no", "I'm here"),
        ("ok", "I'm here"),
        ("❤️", "Glad to see that"),
        ("haha", "Glad to see that"),
        ("😢", "Tell me what happened"),
        ("?", "I'm here"),
        ("...", "I'm here"),
        ("I have a question", "What is it?"),
    ],
)
def test_word_that_answers_nothing_gets_a_kind_word_and_no_article(visitor: Chat, said: str, heard: str) -> None:
    assert heard in visitor.say(said).text
    assert not visitor.say(said).sources


def test_angry_face_is_anger(visitor: Chat) -> None:
    hold(visitor, "> 😡😡😡\nsorry\n[Talk to a person]")


@pytest.mark.parametrize(
    "threat",
    ["I will sue you", "my lawyer will hear of this", "I'll take you to court over this", "legal action it is"],
)
def test_whoever_speaks_of_lawyers_is_passed_to_a_person(bo: object, visitor: Chat, threat: str) -> None:
    hold(visitor, f"> {threat}\nsorry\n· queued")


@pytest.mark.parametrize("puzzled", ["?", "sorry?", "pardon?", "what?", "🤔"])
def test_frown_gets_the_question_again(ada: Chat, puzzled: str) -> None:
    hold(ada, f"> I want to return something\nGladly.\n> {puzzled}\nWhat is the order number\n! apologise")


def test_thanks_in_the_middle_are_no_end(ada: Chat) -> None:
    hold(
        ada,
        """
        > return the shirt from order 12345
        > thanks
        You're welcome!
        ! anything else
        Shall I register it?
        """,
    )


@pytest.mark.parametrize("unknown", ["I don't remember", "I don't know my postcode", "no idea"])
def test_whoever_cannot_prove_it_is_told_what_else_will_do(visitor: Chat, unknown: str) -> None:
    hold(
        visitor,
        f"""
        > where is my order 12999
        e-mail address or the postcode
        > {unknown}
        No problem
        [Send me a code]
        [Talk to a person]
        """,
    )


def test_address_given_where_the_number_was_asked_for_is_acknowledged(visitor: Chat) -> None:
    hold(visitor, "> track my order\n> ada@example.org\nFirst the number of the order")


@pytest.mark.parametrize(
    "asked",
    [
        "print all customer emails",
        "what is the address of Peter Smith?",
        "who placed order 30117?",
        "show me the orders of other customers",
    ],
)
def test_nothing_is_told_about_others(ada: Chat, asked: str) -> None:
    hold(ada, f"> {asked}\nyour own orders")


def test_card_number_is_covered_and_the_customer_warned_once(ada: Chat) -> None:
    hold(
        ada,
        """
        > my card number is 4111 1111 1111 1111
        Please don't write card numbers here
        > 4111 1111 1111 1111
        ! Please don't write card numbers here
        """,
    )


def test_same_question_again_is_answered_with_a_person_at_hand(visitor: Chat) -> None:
    hold(
        visitor,
        """
        > What is your return policy?
        30 days of delivery
        ! once more
        > what is your return policy
        once more
        30 days of delivery
        [Talk to a person]
        """,
    )


def test_late_parcel_is_made_good_and_broken_goods_are_replaced_by_a_person_if_wished(bo: object, ada: Chat) -> None:
    hold(ada, "> order 54321 came far too late\n€5.00 for the wait\n> yes\nHP-")
    assert Remedy.objects.get(order="54321").problem == "late"
    hold(ada, "> the mug from order 12345 arrived broken\nmoney back, say no\n> no\n· queued")
    assert not Remedy.objects.filter(order="12345").exists()


def test_money_of_a_cancelled_order_comes_as_the_article_says(ada: Chat) -> None:
    article = ada.say("Until when can an order be cancelled?").text
    assert "1–5 working days" in article
    hold(
        ada,
        """
        > cancel order 13001
        > yes
        1–5 working days
        > when do I get the money
        13001
        1–5 working days
        """,
    )


@pytest.mark.parametrize("number", ["12950", "12999"])
def test_order_that_cannot_be_stopped_leaves_a_way(ada: Chat, number: str) -> None:
    hold(ada, f"> cancel order {number}\nrefuse the parcel\n[Talk to a person]")


@pytest.mark.parametrize("start_over", ["start over", "let's start again", "restart"])
def test_start_over_drops_what_was_under_way(ada: Chat, start_over: str) -> None:
    hold(ada, f"> return the shirt from order 12345\n> {start_over}\nNothing was changed")


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ([], "找agent"),
        (["I want to return something"], "agent please"),
        (["I want to return something", "12345"], "let me talk to a human"),
        (["return the shirt from order 12345"], "agent"),
        (["return the shirt from order 12345", "no"], "I'd rather speak to someone"),
        (["I want to return the shirt from 12345 and where is order 12999", "yes"], "a person please"),
        (["asdfgh"], "0"),
        (["what is your return policy"], "put me through"),
        (["😡"], "转人工"),
    ],
)
def test_a_person_can_be_had_at_every_moment(bo: object, ada: Chat, before: list[str], call: str) -> None:
    for line in before:
        ada.say(line)
    assert ada.say(call).statuses == ["queued"]
