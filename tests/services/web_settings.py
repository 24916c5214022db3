"""The scaled-out site as `tests/services/test_web.py` runs it: an engine whose first attempt at "slow" hangs."""

from csbot.project.settings import *  # noqa: F403

CSBOT_ENGINE = "tests.services.test_web.echo_or_hang"
CSBOT_LEASE_SECONDS = 3.0
CSBOT_RENEW_SECONDS = 1.0
# What comes sooner than this came over the layer, however slow the machine is.
CSBOT_HEARTBEAT_SECONDS = 60.0
