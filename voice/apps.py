from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VoiceConfig(AppConfig):
    """Sound and speech. A leaf without ORM models."""

    name = "voice"
    label = "csbot_voice"
    verbose_name = _("Voice")
