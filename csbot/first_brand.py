"""One brand, one bot, one inbox and one queue, so that a site with one company never has to think of brands."""

from typing import Any

from django.db import connections, transaction

from csbot.models import Bot, Brand, Inbox, Queue


def make_first_brand(using: str = "default", **_: Any) -> None:
    """After `migrate`: makes them in a database that has no brand yet; else changes nothing."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    needed = {model._meta.db_table for model in (Brand, Bot, Inbox, Queue)}
    if not needed <= set(tables) or Brand.objects.using(using).exists():
        return
    with transaction.atomic(using=using):
        brand = Brand.objects.using(using).create(key="default", name="Customer service")
        bot = Bot.objects.using(using).create(brand=brand, key="default", name="Assistant", languages=["en", "zh"])
        queue = Queue.objects.using(using).create(
            brand=brand, key="default", names={"en": "Customer service", "zh": "人工客服"}
        )
        Inbox.objects.using(using).create(brand=brand, bot=bot, key="web", name="Website", queue=queue)
