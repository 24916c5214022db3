"""Secret answers (a PIN, a one-time code): encrypted at once, for minutes, and referred to by a random name."""

import secrets
from datetime import timedelta

from django.utils import timezone

from csbot.models import Conversation, SealedValue

LIFE = timedelta(minutes=10)
MASK = "••••"


def seal(conversation: Conversation, value: str) -> str:
    """The reference under which `value` can be opened for ten minutes."""
    reference = secrets.token_urlsafe(32)
    SealedValue.objects.create(
        reference=reference, conversation=conversation, value=value, expires_at=timezone.now() + LIFE
    )
    return reference


def unseal(reference: str) -> str | None:
    """The sealed value, or None when it is unknown or its life is over."""
    row = SealedValue.objects.filter(reference=reference, expires_at__gt=timezone.now()).first()
    return row.value if row else None


def forget_expired() -> int:
    """Erases values whose life is over; how many there were."""
    return SealedValue.objects.filter(expires_at__lte=timezone.now()).delete()[0]
