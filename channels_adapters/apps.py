from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsAdaptersConfig(AppConfig):
    """Every way in and out: web chat now, telephones and messaging services beside it."""

    name = "channels_adapters"
    label = "csbot_channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from channels_adapters import checks  # noqa: F401 - importing registers them
