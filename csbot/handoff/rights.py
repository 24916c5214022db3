"""Who may see and take what: an agent the queues they belong to, a manager a whole brand, a superuser everything.

An agent needs both: a role (agent or manager) at the brand, and membership of the queue. Whoever has neither sees
nothing, and is told no more than that there is nothing.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from csbot.models import Brand, Conversation, Membership, Queue, Ticket

AGENT, MANAGER = Membership.Role.AGENT, Membership.Role.MANAGER


def _active(user: AbstractBaseUser | AnonymousUser) -> bool:
    return bool(user.is_authenticated and user.is_active)


def is_superuser(user: AbstractBaseUser | AnonymousUser) -> bool:
    return _active(user) and bool(getattr(user, "is_superuser", False))


def brands_of(user: AbstractBaseUser | AnonymousUser, *roles: str) -> QuerySet[Brand]:
    """The brands at which the user holds one of `roles` (any role when none is named)."""
    if not _active(user):
        return Brand.objects.none()
    if is_superuser(user):
        return Brand.objects.all()
    memberships = Membership.objects.filter(user=user.pk, brand=OuterRef("pk"))
    return Brand.objects.filter(Exists(memberships.filter(role__in=roles) if roles else memberships))


def queues_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Queue]:
    """The queues whose conversations the user may see and take."""
    if not _active(user):
        return Queue.objects.none()
    if is_superuser(user):
        return Queue.objects.all()
    mine = Q(brand__in=brands_of(user, AGENT), members=user.pk) | Q(brand__in=brands_of(user, MANAGER))
    return Queue.objects.filter(pk__in=Queue.objects.filter(mine).values("pk"))


def is_staff_of_desk(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the staff page is any of the user's business: an agent or manager of some brand."""
    return is_superuser(user) or (_active(user) and brands_of(user, AGENT, MANAGER).exists())


def conversations_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Conversation]:
    """The conversations the user may read: held by them, handed to or ticketed at one of their queues, or of a brand
    they manage."""
    if not _active(user):
        return Conversation.objects.none()
    if is_superuser(user):
        return Conversation.objects.all()
    queues = queues_of(user).values("pk")
    return Conversation.objects.filter(
        Q(agent_id=user.pk, brand__in=brands_of(user, AGENT, MANAGER))
        | Q(pk__in=Conversation.objects.filter(handoffs__queue__in=queues).values("pk"))
        | Q(pk__in=Ticket.objects.filter(queue__in=queues).values("conversation"))
        | Q(brand__in=brands_of(user, MANAGER))
    )


def may_see(user: AbstractBaseUser | AnonymousUser, conversation: Conversation) -> bool:
    """Whether the user may read this conversation; its notes are included."""
    return conversations_of(user).filter(pk=conversation.pk).exists()


def serving(queue: Queue) -> QuerySet[Any]:
    """The people who serve a queue: its members with a role at the brand; without any member, the brand's managers."""
    roles = Membership.objects.filter(user=OuterRef("pk"), brand=queue.brand_id)
    staff = get_user_model()._default_manager.filter(is_active=True)
    if queue.members.exists():
        return staff.filter(csbot_queues=queue.pk).filter(
            Q(is_superuser=True) | Exists(roles.filter(role__in=[AGENT, MANAGER]))
        )
    return staff.filter(Q(is_superuser=True) | Exists(roles.filter(role=MANAGER)))
