"""A message accepted is never lost, never answered twice, never out of order."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from csbot import conversations, sealing
from csbot.conversations import Refused
from csbot.messages import Inbound, Vouched
from csbot.models import Address, Contact, Conversation, Entry
from csbot.turns import work
from tests.csbot.core.conftest import ada

pytestmark = pytest.mark.django_db


def said(conversation: Conversation) -> list[tuple[int, str, str]]:
    return list(
        conversation.entries.filter(kind=Entry.Kind.MESSAGE).order_by("seq").values_list("seq", "sender", "text")
    )


def test_a_message_is_stored_with_the_next_seq_and_answered_once() -> None:
    received = conversations.receive(ada(1, "hello"))
    assert received.seq == 1
    assert work(received.conversation) == 1
    assert work(received.conversation) == 0
    assert said(Conversation.objects.get()) == [(1, "customer", "hello"), (2, "bot", "echo 1:hello")]


def test_a_repeat_is_answered_with_the_first_ones_seq() -> None:
    first = conversations.receive(ada(1, "hello"))
    work(first.conversation)
    again = conversations.receive(ada(1, "hello"))
    assert (again.seq, again.duplicate) == (first.seq, True)
    assert work(first.conversation) == 0
    assert Entry.objects.count() == 2


def test_a_repeat_after_closing_does_not_open_a_new_conversation() -> None:
    first = conversations.receive(ada(1))
    conversations.close(first.conversation)
    assert conversations.receive(ada(1)).conversation == first.conversation
    assert conversations.receive(ada(2)).conversation != first.conversation


def test_one_turn_answers_a_batch_of_messages_in_order() -> None:
    received = [conversations.receive(ada(number, f"line {number}")) for number in (1, 2, 3)]
    assert work(received[0].conversation) == 1
    assert said(Conversation.objects.get())[-1] == (4, "bot", "echo 1:line 1 | 2:line 2 | 3:line 3")


@pytest.mark.parametrize(
    ("inbound", "code"),
    [
        (Inbound(inbox="web", sender="ada", external_id="m1"), "empty"),
        (Inbound(inbox="web", sender="ada", external_id="m1", text=" \n\x00 "), "empty"),
        (Inbound(inbox="web", sender="ada", external_id="m1", text="x" * 4001), "too_long"),
        (Inbound(inbox="web", sender="ada", external_id="m1", text="x" * 1_000_000), "too_long"),
        (Inbound(inbox="web", sender="ada", external_id="", text="hello"), "no_external_id"),
        (Inbound(inbox="nowhere", sender="ada", external_id="m1", text="hello"), "unknown_inbox"),
    ],
)
def test_bad_input_is_refused_by_name_and_changes_nothing(inbound: Inbound, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        conversations.receive(inbound)
    assert refusal.value.code == code
    assert not Entry.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "text", ["😀👨‍👩‍👧", "مرحبا بالعالم", "a\u200bb", "<script>alert(1)</script>", "\ud800 half", "nul\x00nul"]
)
def test_every_text_a_keyboard_can_make_is_stored_and_read_back(text: str) -> None:
    received = conversations.receive(ada(1, text))
    stored = Entry.objects.get(conversation=received.conversation, seq=1).text
    assert stored == text.replace("\x00", "").replace("\ud800", "?")


def test_a_card_number_is_masked_before_the_first_write() -> None:
    received = conversations.receive(ada(1, "my card is 4111 1111 1111 1111 ok?"))
    entry = Entry.objects.get(conversation=received.conversation, seq=1)
    assert "4111 1111" not in entry.text
    assert entry.data["masked"]


def test_an_answer_to_a_secret_question_is_sealed_and_opens_for_minutes() -> None:
    received = conversations.receive(ada(1))
    work(received.conversation)
    Conversation.objects.update(secret_expected=True)
    answer = conversations.receive(ada(2, " 4711 "))
    entry = Entry.objects.get(conversation=received.conversation, seq=answer.seq)
    assert entry.text == sealing.MASK
    assert sealing.unseal(entry.data["sealed"]) == "4711"
    assert "4711" not in str(list(Entry.objects.values_list("text", "data")))


def test_a_vouched_visitor_is_verified_and_keeps_one_contact_across_browsers() -> None:
    who = Vouched(subject="ada", email="Ada@Example.org", name="Ada")
    conversations.receive(Inbound("web", "browser-1", "m1", text="hi", vouched=who))
    conversations.receive(Inbound("web", "browser-2", "m1", text="hi", vouched=who))
    first, second = Conversation.objects.order_by("opened_at")
    assert first.contact_id == second.contact_id
    assert {first.assurance, second.assurance} == {"verified"}
    assert Address.objects.get(kind="email").value == "ada@example.org"


def test_a_file_of_another_conversation_cannot_be_attached() -> None:
    from csbot.messages import FileRef

    stranger = FileRef(id="6a1b2c3d-0000-4000-8000-000000000000", name="x", content_type="image/png", size=1)
    with pytest.raises(Refused) as refusal:
        conversations.receive(ada(1, "look", attachments=(stranger,)))
    assert refusal.value.code == "unknown_attachment"
    assert not Entry.objects.exists()


def test_the_customers_rating_counts_after_closing_and_the_last_one_wins() -> None:
    received = conversations.receive(ada(1))
    conversations.close(received.conversation)
    conversations.rate(received.conversation, 2, "meh")
    conversations.rate(received.conversation, 5, "fixed it")
    conversation = Conversation.objects.get()
    assert (conversation.rating, conversation.rating_comment) == (5, "fixed it")
    with pytest.raises(Refused):
        conversations.rate(received.conversation, 6)


def test_read_marks_only_move_forward(bo: User) -> None:
    received = conversations.receive(ada(1))
    for through in (1, 1, 0, 99):
        conversations.read(received.conversation, "agent", through)
    marks = Entry.objects.filter(kind=Entry.Kind.READ).values_list("data", flat=True)
    assert [mark["through"] for mark in marks] == [1, 2]


def test_a_conversation_that_is_opened_twice_is_one(django_assert_max_num_queries: Any) -> None:
    first = conversations.open("web", "ada")
    assert conversations.open("web", "ada").pk == first.pk
    assert Entry.objects.get().data["happening"] == "opened"
