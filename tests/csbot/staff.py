"""The people of the handoff tests: Ada the customer, Bo and Di the agents, Mo the manager, Cy the outsider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from csbot import conversations, entries
from csbot.dialogue.turn import HandoffRequest
from csbot.handoff import presence, queues
from csbot.models import Bot, Brand, Conversation, Handoff, Inbox, Membership, Queue


@dataclass
class Shop:
    """One brand with an inbox and a queue for everything, and who works there."""

    brand: Brand
    bot: Bot
    inbox: Inbox
    queue: Queue
    bo: User
    di: User
    mo: User
    cy: User

    def ada_writes(self, sender: str = "ada", language: str = "en") -> Conversation:
        """A conversation that Ada has opened; the bot has not been asked anything yet."""
        return conversations.open(self.inbox.key, sender, language=language, greet=False)

    def waits(
        self, conversation: Conversation, reason: str = "request", now: datetime | None = None, **more: Any
    ) -> Handoff:
        """Puts the conversation into its queue."""
        with transaction.atomic():
            return queues.enter(entries.lock(conversation.pk), HandoffRequest(reason=reason, **more), now)

    def holds(self, agent: User, conversation: Conversation) -> None:
        """`agent` is present and has taken the conversation."""
        presence.seen(agent)
        assert conversations.take(conversation.pk, agent)


def open_shop(key: str = "acme") -> Shop:
    brand = Brand.objects.create(key=key, name="Acme")
    bot = Bot.objects.create(brand=brand, key=f"{key}-bot", name="Robin", languages=["en", "zh"])
    queue = Queue.objects.create(
        brand=brand, key="people", names={"en": "People", "zh": "人工"}, ticket_email="team@acme.example"
    )
    inbox = Inbox.objects.create(brand=brand, bot=bot, key=f"{key}-web", name="Website", queue=queue)
    people = {
        name: User.objects.create_user(f"{name.lower()}-{key}", first_name=name, is_staff=True)
        for name in ("Bo", "Di", "Mo", "Cy")
    }
    for name in ("Bo", "Di"):
        Membership.objects.create(user=people[name], brand=brand, role=Membership.Role.AGENT)
    Membership.objects.create(user=people["Mo"], brand=brand, role=Membership.Role.MANAGER)
    queue.members.set([people["Bo"], people["Di"]])
    return Shop(brand, bot, inbox, queue, people["Bo"], people["Di"], people["Mo"], people["Cy"])


def statuses(conversation: Conversation) -> list[str]:
    """The status entries so far, oldest first."""
    return [entry.data["status"] for entry in conversation.entries.filter(kind="status")]


def now() -> datetime:
    return timezone.now()
