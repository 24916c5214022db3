"""Staff roles: what each may do in the admin, as one Django group per role, kept by the memberships.

A `Membership` says who is what at which brand, and is the only thing a person edits. The groups (`csbot agent`, `csbot
content`, `csbot manager`) carry Django's permissions for csbot's and the knowledge base's models; they are made after
`migrate`, and whoever gets a membership joins the group of its role. A permission alone opens nothing of csbot's: every
page is limited to the brands where the user holds a role (`csbot.admin.scoping`).
"""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from csbot.models import Membership

CONTENT_MODELS = ("intent", "intentexample", "flow", "wording")
MANAGER_MODELS = (
    *CONTENT_MODELS,
    *("bot", "inbox", "membership", "queue", "openinghours", "holiday", "handoff", "ticket", "contact", "address"),
)  # fmt: skip
WRITES = {Membership.Role.AGENT: (), Membership.Role.CONTENT: CONTENT_MODELS, Membership.Role.MANAGER: MANAGER_MODELS}
READS = {
    Membership.Role.AGENT: (),
    Membership.Role.CONTENT: ("brand", "bot", "inbox", "conversation", "trace", "trainedmodel"),
    Membership.Role.MANAGER: (
        "brand",
        "conversation",
        "entry",
        "trace",
        "turn",
        "trainedmodel",
        "delivery",
        "agentpresence",
    ),
}
CHANGES = {Membership.Role.MANAGER: ("brand", "delivery")}
KNOWLEDGE = {Membership.Role.CONTENT, Membership.Role.MANAGER}


def group_name(role: str) -> str:
    """The name of a role's group."""
    return f"csbot {role}"


def make_groups(using: str = "default", **_: Any) -> None:
    """After `migrate`: makes the groups and gives them their permissions; what an admin added stays."""
    for label in ("csbot", "csbot_kb"):
        # Django makes permissions in its own receiver of the same signal, which may come later than this one.
        create_permissions(apps.get_app_config(label), verbosity=0, interactive=False, using=using)
    for role in Membership.Role:
        group, _made = Group.objects.using(using).get_or_create(name=group_name(role))
        group.permissions.add(*Permission.objects.using(using).filter(_allowed(role)))


def _allowed(role: Membership.Role) -> Q:
    csbot = Q(content_type__app_label="csbot")
    words = [
        (WRITES[role], ("add", "change", "delete", "view")),
        (READS[role], ("view",)),
        (CHANGES.get(role, ()), ("change",)),
    ]
    wanted = Q(pk__in=[])
    for models, verbs in words:
        wanted |= csbot & Q(codename__in=[f"{verb}_{model}" for model in models for verb in verbs])
    if role in KNOWLEDGE:
        wanted |= Q(content_type__app_label="csbot_kb")
    return wanted


def keep_groups(instance: Membership, **_: Any) -> None:
    """After a membership was saved or deleted: its user is in the groups of the roles they hold, and in no other.

    Content owners and managers work in the admin, so they may enter it; nobody is shut out of it again here, because
    they may have been let in for another reason.
    """
    user = instance.user
    held = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    for role in Membership.Role:
        group = Group.objects.filter(name=group_name(role)).first()
        if group is None:
            continue
        if role in held:
            user.groups.add(group)
        else:
            user.groups.remove(group)
    if held & {Membership.Role.CONTENT, Membership.Role.MANAGER} and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
