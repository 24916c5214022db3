"""Settings of the site that the browser tests start: the project's own, with the engine that answers by the book."""

from csbot.project.settings import *  # noqa: F403 - a settings module is its names

CSBOT_ENGINE = "tests.channels_adapters.webchat.scripted.respond"
CSBOT_POLICIES: tuple[str, ...] = ()  # the book asks no policies
