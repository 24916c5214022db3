"""The same site, with no patience for a client that does not read."""

from tests.channels_adapters.webchat.site import *  # noqa: F403 - a settings module is its names

CSBOT_WEBCHAT_SEND_SECONDS = 1
