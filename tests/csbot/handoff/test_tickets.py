"""Nobody there: a ticket instead of a wait, an answer by e-mail, a signed link back."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.core import mail, signing
from django.db import transaction

from csbot import conversations, deliveries, entries
from csbot.dialogue.turn import TicketRequest
from csbot.handoff import links, tickets
from csbot.messages import Inbound
from csbot.models import Conversation, Delivery, Handoff, OpeningHours, Queue, Ticket
from tests.csbot.staff import Shop, statuses

ADA = "ada@example.com"


def ticket_for(conversation: Conversation, email: str = ADA) -> Ticket:
    with transaction.atomic():
        return tickets.open_ticket(entries.lock(conversation.pk), TicketRequest(email=email))


def says(shop: Shop, text: str, sender: str = "ada") -> Conversation:
    received = conversations.receive(Inbound("acme-web", sender, str(uuid4()), text=text))
    return Conversation.objects.get(pk=received.conversation)


def mails_for(shop: Shop, conversation: Conversation, text: str) -> int:
    before = Delivery.objects.filter(recipient=ADA).count()
    conversations.say(conversation.pk, shop.bo, text)
    return Delivery.objects.filter(recipient=ADA).count() - before


def test_a_ticket_takes_the_customer_out_of_the_line_and_says_so(shop: Shop) -> None:
    conversation = says(shop, "Where is my parcel?")
    shop.waits(conversation)
    ticket_for(conversation)
    assert statuses(conversation) == ["queued", "ticket"]
    assert Handoff.objects.get().outcome == Handoff.Outcome.TICKET


def test_the_customer_and_the_queues_mailbox_are_written_to(shop: Shop) -> None:
    conversation = says(shop, "Where is my parcel? It was due on Monday.")
    ticket_for(conversation)
    deliveries.deliver_due()
    to_ada, to_team = mail.outbox
    assert to_ada.to == [ADA]
    assert "Where is my parcel? It was due on Monday." in to_ada.body
    assert to_ada.subject == "Acme: we have your question"
    assert to_team.to == ["team@acme.example"]
    assert to_team.reply_to == [ADA]
    assert f"#{conversation.pk}" in to_team.body


def test_the_link_in_the_mail_opens_this_conversation_only(shop: Shop) -> None:
    conversation = says(shop, "Hello?")
    ticket_for(conversation)
    body = Delivery.objects.earliest("pk").payload["body"]
    token = body.split("?resume=")[1].split()[0]
    assert links.verify(token) == links.Resume(conversation.pk, ADA)
    assert "/acme-web/?resume=" in body


@pytest.mark.parametrize(
    "broken", ["", "x", "a:b:c", "\u4e2d\u6587", signing.dumps({"c": "zz", "e": ""}, salt=links.SALT)]
)
def test_a_link_that_was_tampered_with_opens_nothing(broken: str) -> None:
    with pytest.raises(links.LinkRefused) as refused:
        links.verify(broken)
    assert refused.value.code == "invalid"


def test_a_link_of_another_purpose_opens_nothing() -> None:
    with pytest.raises(links.LinkRefused):
        links.verify(signing.dumps({"c": uuid4().hex, "e": ADA}, salt="something.else"))


def test_a_link_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = links.sign(uuid4(), ADA)
    monkeypatch.setattr(links, "LIFETIME", timedelta(seconds=-1))
    with pytest.raises(links.LinkRefused) as refused:
        links.verify(token)
    assert refused.value.code == "expired"


def test_a_chinese_customer_is_written_to_in_chinese(shop: Shop) -> None:
    OpeningHours.objects.create(queue=shop.queue, weekday=0, opens=time(9), closes=time(9, 1))
    conversation = says(shop, "我的包裹在哪里？")
    Conversation.objects.update(language="zh")
    ticket_for(conversation)
    letter = Delivery.objects.earliest("pk").payload
    assert letter["subject"] == "Acme：我们已收到您的问题"
    assert "我的包裹在哪里？" in letter["body"]
    assert "09:00" in letter["body"]


def test_the_agents_answer_goes_by_mail_until_the_customer_is_back(shop: Shop) -> None:
    conversation = says(shop, "Where is my parcel?")
    ticket_for(conversation)
    shop.holds(shop.bo, conversation)
    assert mails_for(shop, conversation, "It arrives tomorrow.") == 1
    assert mails_for(shop, conversation, "Sorry for the delay.") == 1
    bodies = [row.payload["body"] for row in Delivery.objects.filter(recipient=ADA).order_by("pk")]
    assert "It arrives tomorrow." in bodies[1]
    assert "Sorry for the delay." in bodies[2]
    assert Ticket.objects.get().status == Ticket.Status.ANSWERED
    says(shop, "I am back in the chat, thank you!")
    assert mails_for(shop, conversation, "Good.") == 0


def test_a_conversation_without_a_ticket_sends_no_mail(shop: Shop) -> None:
    conversation = says(shop, "Hello")
    shop.holds(shop.bo, conversation)
    assert mails_for(shop, conversation, "Hello Ada") == 0
    assert not Delivery.objects.exists()


def test_the_same_address_gets_one_ticket(shop: Shop) -> None:
    conversation = says(shop, "Hello?")
    assert ticket_for(conversation) == ticket_for(conversation, "ADA@example.com")
    assert Delivery.objects.filter(recipient__iexact=ADA).count() == 1


def test_a_queue_without_a_mailbox_still_makes_a_ticket(shop: Shop) -> None:
    Queue.objects.update(ticket_email="")
    ticket_for(says(shop, "Hello?"))
    assert Ticket.objects.count() == Delivery.objects.count() == 1


def test_a_name_with_a_line_break_cannot_forge_a_header(shop: Shop) -> None:
    conversation = says(shop, "Hello?")
    shop.brand.name = "Acme\nBcc: everyone@example.com"
    shop.brand.save()
    ticket_for(conversation)
    deliveries.deliver_due()
    assert all("\n" not in letter.subject for letter in mail.outbox)
    assert all(letter.recipients() in ([ADA], ["team@acme.example"]) for letter in mail.outbox)


def test_markup_in_what_the_customer_wrote_stays_plain_text(shop: Shop) -> None:
    conversation = says(shop, "<b>5 > 3 & 'so on'</b>")
    ticket_for(conversation)
    assert "<b>5 > 3 & 'so on'</b>" in Delivery.objects.earliest("pk").payload["body"]


def test_a_closed_conversation_is_opened_again_for_its_answer(shop: Shop) -> None:
    conversation = says(shop, "Hello?")
    ticket_for(conversation)
    conversations.close(conversation.pk, by="system")
    with transaction.atomic():
        assert tickets.reopen_for_answer(entries.lock(conversation.pk))
    assert conversations.take(conversation.pk, shop.bo)


def test_a_customer_who_began_anew_keeps_the_new_conversation(shop: Shop) -> None:
    conversation = says(shop, "Hello?")
    ticket_for(conversation)
    conversations.close(conversation.pk, by="system")
    says(shop, "Something else")
    with transaction.atomic():
        assert not tickets.reopen_for_answer(entries.lock(conversation.pk))
