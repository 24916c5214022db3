"""Which agents are there: seen on a staff page within the last 30 seconds, and taking conversations."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from csbot.handoff.rights import serving
from csbot.models import AgentPresence, Queue

PRESENT = timedelta(seconds=30)


def seen(user: AbstractBaseUser, now: datetime | None = None) -> bool:
    """Notes that the user's staff page is open now; whether they were away before (lists change then)."""
    now = now or timezone.now()
    presence, created = AgentPresence.objects.get_or_create(user_id=user.pk, defaults={"seen_at": now})
    was_gone = created or presence.seen_at < now - PRESENT
    AgentPresence.objects.filter(user_id=user.pk, seen_at__lt=now).update(seen_at=now)
    return was_gone


def set_available(user: AbstractBaseUser, available: bool, now: datetime | None = None) -> None:
    """Whether the user takes conversations from now on; also counts as being seen."""
    AgentPresence.objects.update_or_create(
        user_id=user.pk, defaults={"available": available, "seen_at": now or timezone.now()}
    )


def is_available(user: AbstractBaseUser) -> bool:
    """What the user last chose; available before the first choice."""
    return AgentPresence.objects.filter(user_id=user.pk).values_list("available", flat=True).first() is not False


def present(queue: Queue, now: datetime | None = None) -> QuerySet[Any]:
    """The people who could take a conversation of `queue` at this moment."""
    return serving(queue).filter(
        Q(csbot_presence__available=True, csbot_presence__seen_at__gte=(now or timezone.now()) - PRESENT)
    )
