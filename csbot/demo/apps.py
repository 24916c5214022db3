from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The sample shop's business: orders and products that the bot's actions talk to. This site only."""

    name = "csbot.demo"
    label = "csbot_demo"
    verbose_name = _("Demo shop")

    def ready(self) -> None:
        from csbot.demo import (
            catalogue,
            checks,  # noqa: F401 - registers them
            loading,
        )
        from csbot.packs.signals import pack_loaded

        catalogue.watch()
        pack_loaded.connect(loading.on_pack_loaded, dispatch_uid="csbot_demo.business")
