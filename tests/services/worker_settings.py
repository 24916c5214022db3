"""The settings of the worker that the services' tests start: the site's own, with an engine that repeats."""

from csbot.project.settings import *  # noqa: F403

CSBOT_ENGINE = "csbot.testing.echo"
CSBOT_SWEEP_SECONDS = 0.5
