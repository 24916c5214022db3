"""The outbox: in order per conversation, again after a failure, never given up silently."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail

from csbot import deliveries
from csbot.deliveries import DeliveryError
from csbot.models import Conversation, Delivery
from tests.csbot.staff import Shop, now


class Post:
    """A sender that records what it is given, and fails where it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.failures: dict[str, DeliveryError] = {}

    def __call__(self, delivery: Delivery) -> None:
        subject = delivery.payload["subject"]
        if subject in self.failures:
            raise self.failures[subject]
        self.sent.append(subject)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setitem(deliveries.senders, Delivery.Kind.EMAIL, post)
    return post


@pytest.fixture
def conversation(shop: Shop) -> Conversation:
    return shop.ada_writes()


def put(conversation: Conversation, *subjects: str) -> None:
    for subject in subjects:
        deliveries.queue_email(conversation, "ada@example.com", subject, "…")


def test_deliveries_go_out_in_order(conversation: Conversation, post: Post) -> None:
    put(conversation, "one", "two", "three")
    assert deliveries.deliver_due() == 3
    assert post.sent == ["one", "two", "three"]


def test_nothing_overtakes_the_first_unsent_of_its_conversation(
    shop: Shop, conversation: Conversation, post: Post
) -> None:
    put(conversation, "one", "two")
    put(shop.ada_writes("eve"), "other")
    post.failures["one"] = DeliveryError("the mailbox is full")
    deliveries.deliver_due()
    assert post.sent == ["other"]
    post.failures.clear()
    deliveries.deliver_due(now=now() + timedelta(minutes=1))
    assert post.sent == ["other", "one", "two"]


def test_a_failure_waits_longer_each_time_and_is_given_up_at_last(conversation: Conversation, post: Post) -> None:
    put(conversation, "one")
    post.failures["one"] = DeliveryError("away")
    at = now()
    for attempt in range(1, deliveries.ATTEMPTS + 1):
        deliveries.deliver_due(now=at)
        row = Delivery.objects.get()
        assert row.attempts == attempt
        assert row.error == "away"
        at = row.next_at + timedelta(seconds=1)
    assert row.status == Delivery.Status.DEAD


def test_a_permanent_failure_is_given_up_at_once_and_lets_the_next_go(conversation: Conversation, post: Post) -> None:
    put(conversation, "one", "two")
    post.failures["one"] = DeliveryError("no such mailbox", permanent=True)
    deliveries.deliver_due()
    assert post.sent == ["two"]
    assert Delivery.objects.get(status=Delivery.Status.DEAD).error == "no such mailbox"


def test_a_dead_letter_can_be_sent_again(conversation: Conversation, post: Post) -> None:
    put(conversation, "one")
    post.failures["one"] = DeliveryError("no such mailbox", permanent=True)
    deliveries.deliver_due()
    post.failures.clear()
    assert deliveries.replay(Delivery.objects.all()) == 1
    deliveries.deliver_due()
    assert post.sent == ["one"]


def test_what_a_dead_process_had_claimed_is_tried_again_after_its_lease(conversation: Conversation, post: Post) -> None:
    put(conversation, "one")
    assert deliveries._claim(now()) is not None  # and then the process dies
    deliveries.deliver_due()
    assert post.sent == []
    deliveries.deliver_due(now=now() + deliveries.LEASE + timedelta(seconds=1))
    assert post.sent == ["one"]


def test_two_workers_never_claim_the_same(conversation: Conversation) -> None:
    put(conversation, "one")
    assert deliveries._claim(now()) is not None
    assert deliveries._claim(now()) is None


def test_a_senders_own_mistake_is_tried_again(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    put(conversation, "one")
    monkeypatch.setitem(deliveries.senders, Delivery.Kind.EMAIL, lambda delivery: 1 / 0)
    deliveries.deliver_due()
    row = Delivery.objects.get()
    assert row.status == Delivery.Status.PENDING
    assert "ZeroDivisionError" in row.error
    assert str(conversation.pk) in caplog.text


@pytest.mark.parametrize(
    ("raised", "permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"ada@example.com": (450, b"busy")}), False),
        (smtplib.SMTPDataError(554, b"refused"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPAuthenticationError(535, b"bad password"), False),
        (ConnectionRefusedError("nobody listens"), False),
        (ValueError("Header values can't contain newlines"), True),
    ],
)
def test_what_a_mail_server_says_decides_whether_trying_again_can_help(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch, raised: Exception, permanent: bool
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise raised

    put(conversation, "one")
    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    with pytest.raises(DeliveryError) as failed:
        deliveries.send_email(Delivery.objects.get())
    assert failed.value.permanent is permanent


def test_a_repeat_carries_the_same_message_id(conversation: Conversation) -> None:
    put(conversation, "one")
    row = Delivery.objects.get()
    deliveries.send_email(row)
    deliveries.send_email(row)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert str(conversation.pk) in first.extra_headers["Message-ID"]
