"""The people of the demo: their log-ins, roles and queues. Made by `csbot_demo`, safe to make again."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from csbot.models import Brand, Membership, Queue

# Known to everyone who reads this file: the accounts exist where the demo was asked for, and nowhere else.
PASSWORD = "harbour-and-pine"  # noqa: S105 - a published demo log-in


@dataclass(frozen=True, slots=True)
class Person:
    """One log-in of the start page. `role` is a `Membership.Role`, or admin."""

    username: str
    name: str
    role: str
    page: str  # where the start page takes them: the name of a URL


STAFF = (
    Person("bo", "Bo", Membership.Role.AGENT, "desk"),
    Person("mei", "小林", Membership.Role.AGENT, "desk"),
    Person("cora", "Cora", Membership.Role.CONTENT, "articles"),
    Person("max", "Max", Membership.Role.MANAGER, "numbers"),
    Person("admin", "Admin", "admin", "admin"),
)

# What each role may do in the admin, by app label and model; the desk itself asks for memberships, not permissions.
WRITES = {
    Membership.Role.CONTENT: {
        "csbot_kb": None,  # every model
        "csbot": {"intent", "intentexample", "flow", "wording"},
    },
    Membership.Role.MANAGER: {
        "csbot_kb": None,
        "csbot": {
            "queue",
            "openinghours",
            "holiday",
            "handoff",
            "ticket",
            "inbox",
            "intent",
            "intentexample",
            "flow",
            "wording",
        },
    },
    Membership.Role.AGENT: {},
}
READS = {
    Membership.Role.CONTENT: {"brand", "bot", "inbox", "conversation", "trace", "turn"},
    Membership.Role.MANAGER: None,
    Membership.Role.AGENT: set(),
}


def make_people(brand: Brand) -> None:
    """Creates the log-ins that are missing and gives each their role at `brand`; agents serve all of its queues."""
    users = get_user_model()._default_manager
    for person in STAFF:
        user, created = users.get_or_create(
            username=person.username,
            defaults={"first_name": person.name, "email": f"{person.username}@harbour-and-pine.example"},
        )
        user.is_staff = person.role != Membership.Role.AGENT
        user.is_superuser = person.role == "admin"
        if created:
            user.set_password(PASSWORD)
        user.save()
        if person.role == "admin":
            continue
        Membership.objects.get_or_create(user=user, brand=brand, role=person.role)
        user.groups.add(group_of(person.role))
        if person.role == Membership.Role.AGENT:
            for queue in Queue.objects.filter(brand=brand):
                queue.members.add(user)


def group_of(role: str) -> Group:
    """The group that carries a role's rights in the admin."""
    group, _created = Group.objects.get_or_create(name=f"csbot {role}")
    may = Q(pk__in=[])
    for app, models in WRITES[Membership.Role(role)].items():
        may |= (
            Q(content_type__app_label=app)
            if models is None
            else Q(content_type__app_label=app, content_type__model__in=models)
        )
    readable = READS[Membership.Role(role)]
    views = Q(codename__startswith="view_", content_type__app_label__in=["csbot", "csbot_kb"])
    may |= views if readable is None else views & Q(content_type__model__in=readable)
    group.permissions.set(Permission.objects.filter(may))
    return group


# What the start page says of each role.
ROLES = {
    Membership.Role.AGENT: (
        _("Agent"),
        _("The desk: who waits and why, the bot's summary, several chats at once."),
    ),
    Membership.Role.CONTENT: (
        _("Content owner"),
        _("Articles, wordings and intents, and the questions nobody could answer."),
    ),
    Membership.Role.MANAGER: (
        _("Manager"),
        _("The numbers and the conversations behind them; queues and opening hours."),
    ),
    "admin": (_("Administrator"), _("Everything: brands, bots, inboxes, people.")),
}
