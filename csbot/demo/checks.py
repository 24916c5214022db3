"""System checks of the demo."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from csbot.demo import conf


@register(Tags.security, deploy=True)
def demo_is_off_in_production(**_: Any) -> list[CheckMessage]:
    """csbot.E900: one-click log-ins must never be open to the world."""
    if conf.DEMO() and getattr(settings, "PRODUCTION", False):
        return [
            Error(
                "CSBOT_DEMO is on under production settings: the start page would sign anyone in as anyone.",
                hint="Unset CSBOT_DEMO, or unset CSBOT_PRODUCTION to try the demo.",
                id="csbot.E900",
            )
        ]
    return []
