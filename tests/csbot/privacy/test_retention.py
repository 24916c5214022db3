"""What has outlived its purpose is erased, by each brand's own terms; nothing else is."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from csbot import conversations
from csbot.messages import Inbound
from csbot.models import Brand, Conversation, Receipt, VerificationCode
from csbot.privacy import retention

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_runs(settings: Any) -> None:
    settings.CSBOT_RUNNER = "tests.csbot.core.conftest.Idle"


@pytest.fixture
def talk() -> Conversation:
    return Conversation.objects.get(pk=conversations.receive(Inbound("web", "ada", "m1", text="hi")).conversation)


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_open_conversation_is_never_erased_however_old(talk: Conversation) -> None:
    Conversation.objects.update(opened_at=days_ago(5000), updated_at=days_ago(5000), closed_at=days_ago(5000))
    assert retention.forget_expired()["conversations"] == 0
    assert Conversation.objects.exists()


def test_each_brand_keeps_conversations_for_as_long_as_it_says(talk: Conversation) -> None:
    conversations.close(talk.pk)
    Conversation.objects.update(closed_at=days_ago(10))
    Brand.objects.update(retention_days=11)
    assert retention.forget_expired()["conversations"] == 0
    Brand.objects.update(retention_days=9)
    assert retention.forget_expired()["conversations"] == 1


@pytest.mark.parametrize(("days", "kept"), [(29, True), (31, False)])
def test_receipt_is_kept_thirty_days_whatever_the_setting_says(
    talk: Conversation, settings: Any, days: int, kept: bool
) -> None:
    settings.CSBOT_RECEIPT_DAYS = 1
    Receipt.objects.update(at=days_ago(days))
    retention.forget_expired()
    assert Receipt.objects.exists() is kept


def test_code_is_forgotten_a_day_after_its_end(talk: Conversation) -> None:
    for days in (0, 2):
        VerificationCode.objects.create(conversation=talk, address="a@example.org", expires_at=days_ago(days))
    retention.forget_expired()
    assert VerificationCode.objects.get().expires_at > days_ago(1)
