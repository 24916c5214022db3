from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CsbotConfig(AppConfig):
    """Conversations, the bot that answers them and the people who take over."""

    name = "csbot"
    label = "csbot"
    verbose_name = _("Customer service")

    def ready(self) -> None:
        from csbot import checks, wordings  # noqa: F401  importing the checks registers them
        from csbot.dialogue import knowledge
        from csbot.first_brand import make_first_brand
        from csbot.nlu import learning

        post_migrate.connect(make_first_brand, sender=self, dispatch_uid="csbot.first_brand")
        wordings.connect()
        knowledge.connect()
        learning.connect()
