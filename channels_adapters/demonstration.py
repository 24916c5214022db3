"""Setting up the demo: the sample shop, its people, its past. What `csbot_demo` and `csbot_chat` share."""

import secrets
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from csbot.models import Inbox, TrainedModel

PACK = "shop"
CHAT_INBOX = "shop"

Progress = Callable[[str], object]


def set_up(progress: Progress, *, lived_in: bool = True) -> None:
    """Migrates, loads the sample shop and trains its bot; with its past when `lived_in`. Safe to repeat."""
    from csbot.demo.history import import_history
    from csbot.demo.people import make_people
    from csbot.nlu.intents import train
    from csbot.packs.loading import load, pack_path
    from kb import search

    progress("Preparing the database …")
    call_command("migrate", verbosity=0, interactive=False)
    progress("Loading the sample shop …")
    load(PACK)
    inbox = Inbox.objects.select_related("brand", "bot").get(key=CHAT_INBOX)
    if not inbox.vouching_secret:
        inbox.vouching_secret = secrets.token_urlsafe(32)
        inbox.save(update_fields=["vouching_secret"])
    if search.prepare():
        progress("The articles are embedded.")
    if not is_trained(inbox):
        progress("Training the bot …")
        train(inbox.bot)
    make_people(inbox.brand)
    if lived_in:
        past = import_history(pack_path(PACK) / "history.yaml", inbox)
        if past:
            progress(f"Remembering {past} past conversations …")


def set_up_if_needed(progress: Progress) -> None:
    """Sets the sample shop up unless it is there, so that a fresh checkout can be talked to at once."""
    if not is_set_up():
        set_up(progress, lived_in=False)


def restock() -> None:
    """Puts the demo's orders back as they were on day one, so that the same talk can be held again."""
    from csbot.demo.loading import load_business
    from csbot.packs.loading import pack_path

    load_business(pack_path(PACK) / "business.yaml", afresh=True)


def seat_the_agents() -> None:
    """Counts the demo's agents as at their desk for the next half minute, as if their staff page were open."""
    from csbot.handoff import presence

    for user in get_user_model()._default_manager.filter(csbot_queues__brand__inboxes__key=CHAT_INBOX).distinct():
        presence.seen(user)


def is_set_up() -> bool:
    """Whether the database is migrated and holds the sample shop."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        return Inbox.objects.filter(key=CHAT_INBOX).exists()
    except DatabaseError:
        return False


def is_trained(inbox: Inbox) -> bool:
    """Whether the bot has a model of its present revision."""
    return TrainedModel.objects.filter(bot=inbox.bot, revision=inbox.bot.revision).exists()
