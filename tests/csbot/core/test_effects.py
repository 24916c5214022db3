"""What a committed turn causes: all of it in one transaction, or none."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from csbot import conversations, sealing
from csbot.dialogue.turn import Email, GapNote, HandoffRequest, TicketRequest, TurnRequest, TurnResult
from csbot.messages import Assurance, Outbound
from csbot.models import Attachment, Brand, Conversation, Delivery, Entry, Handoff, Receipt, SealedValue, Ticket, Trace
from csbot.privacy import retention
from csbot.turns import work
from kb.models import Collection, Gap
from tests.csbot.core.conftest import ada

pytestmark = pytest.mark.django_db

RESULT: dict[str, TurnResult] = {}


def scripted(request: TurnRequest) -> TurnResult:
    """The engine of these tests: it returns what the test has laid out."""
    return RESULT["next"]


@pytest.fixture(autouse=True)
def _scripted(settings: Any) -> None:
    settings.CSBOT_ENGINE = "tests.csbot.core.test_effects.scripted"


def turn(result: TurnResult) -> Conversation:
    RESULT["next"] = result
    received = conversations.receive(ada(Receipt.objects.count() + 1))
    work(received.conversation)
    return Conversation.objects.get(pk=received.conversation)


def test_a_handoff_enters_the_queue_after_the_bots_words() -> None:
    conversation = turn(TurnResult(replies=[Outbound("I'll get someone.")], handoff=HandoffRequest("request")))
    assert Handoff.objects.get().reason == "request"
    kinds = list(conversation.entries.values_list("kind", "text"))
    assert kinds[1] == ("message", "I'll get someone.")
    assert kinds[2][0] == "status"


def test_a_ticket_is_made_instead_of_waiting() -> None:
    turn(TurnResult(handoff=HandoffRequest("request")))
    turn(TurnResult(ticket=TicketRequest("ada@example.org")))
    assert Ticket.objects.get().email == "ada@example.org"
    assert not Handoff.objects.filter(ended_at=None).exists()


def test_assurance_only_rises() -> None:
    conversation = turn(TurnResult(assurance=Assurance.VERIFIED, subject="ada", verified_email="ada@example.org"))
    assert (conversation.assurance, conversation.subject) == ("verified", "ada")
    assert turn(TurnResult(assurance=Assurance.CLAIMED)).assurance == "verified"


def test_emails_wait_in_the_outbox() -> None:
    turn(TurnResult(emails=[Email("ada@example.org", "Your return", "It has begun.")]))
    delivery = Delivery.objects.get()
    assert (delivery.recipient, delivery.payload["subject"], delivery.status) == (
        "ada@example.org",
        "Your return",
        "pending",
    )


def test_a_gap_is_recorded_masked_with_the_collections_that_were_searched() -> None:
    brand = Brand.objects.get()
    brand.bots.get().collections.add(Collection.objects.create(key="shop", name="Shop"))
    turn(TurnResult(gaps=[GapNote("Do you ship to Mars? write to ada@example.org", "en", "nothing found")]))
    assert "Mars" in Gap.objects.get().question
    assert "ada@example.org" not in Gap.objects.get().question


def test_the_bot_may_end_the_conversation() -> None:
    conversation = turn(TurnResult(replies=[Outbound("Bye!")], close=True))
    assert (conversation.status, conversation.outcome) == ("closed", "contained")
    assert conversation.entries.last().data["status"] == "closed"


def test_the_sentiment_of_the_last_lines_is_kept() -> None:
    for score in (0.5, -0.2, -0.9):
        conversation = turn(TurnResult(sentiment=score))
    assert (conversation.sentiment, conversation.sentiments) == (-0.9, [0.5, -0.2, -0.9])


def test_what_has_outlived_its_purpose_is_erased_with_its_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    from django.core.files.base import ContentFile

    conversation = turn(TurnResult(close=True))
    attachment = Attachment(conversation=conversation, name="a.txt", content_type="text/plain", size=2, sha256="0" * 64)
    attachment.file.save("a.txt", ContentFile(b"hi"))
    sealing.seal(conversation, "4711")
    assert retention.forget_expired()["conversations"] == 0
    long_ago = timezone.now() - timedelta(days=1000)
    Conversation.objects.update(closed_at=long_ago)
    Trace.objects.update(at=long_ago)
    SealedValue.objects.update(expires_at=long_ago)
    erased = retention.forget_expired()
    assert (erased["conversations"], erased["traces"], erased["sealed values"]) == (1, 1, 1)
    assert not Entry.objects.exists()
    assert not list(tmp_path.rglob("*.txt"))


def test_a_sealed_value_does_not_open_after_its_life() -> None:
    conversation = turn(TurnResult())
    reference = sealing.seal(conversation, "4711")
    assert sealing.unseal(reference) == "4711"
    SealedValue.objects.update(expires_at=timezone.now())
    assert sealing.unseal(reference) is None
    assert sealing.unseal("nonsense") is None
