from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class CsbotConfig(AppConfig):
    """Conversations, the bot that answers them and the people who take over."""

    name = "csbot"
    label = "csbot"
    verbose_name = _("Customer service")

    def ready(self) -> None:
        from csbot import checks, roles, wordings  # noqa: F401  importing the checks registers them
        from csbot.dialogue import knowledge
        from csbot.first_brand import make_first_brand
        from csbot.nlu import learning

        post_migrate.connect(make_first_brand, sender=self, dispatch_uid="csbot.first_brand")
        post_migrate.connect(roles.make_groups, sender=self, dispatch_uid="csbot.roles")
        for signal in (post_save, post_delete):
            signal.connect(roles.keep_groups, sender="csbot.Membership", dispatch_uid=f"csbot.roles.{id(signal)}")
        wordings.connect()
        knowledge.connect()
        learning.connect()
