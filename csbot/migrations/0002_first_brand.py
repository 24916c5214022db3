"""One brand, one bot, one inbox and one queue, so that a site with one company never has to think of brands."""

from django.db import migrations


def make(apps, schema_editor):
    Brand, Bot, Inbox, Queue = (apps.get_model("csbot", name) for name in ("Brand", "Bot", "Inbox", "Queue"))
    if Brand.objects.exists():
        return
    brand = Brand.objects.create(key="default", name="Customer service")
    bot = Bot.objects.create(brand=brand, key="default", name="Assistant", languages=["en", "zh"])
    queue = Queue.objects.create(brand=brand, key="default", names={"en": "Customer service", "zh": "人工客服"})
    Inbox.objects.create(brand=brand, bot=bot, key="web", name="Website", queue=queue)


class Migration(migrations.Migration):
    dependencies = [("csbot", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
