"""The core is tested with an engine that repeats what it was given: every reply names the entries it answers."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from csbot.messages import Inbound
from csbot.models import Inbox


class Idle:
    """A runner that forgets every wake-up, as a broker may: tests decide when and where a turn runs."""

    def wake(self, conversation_id: Any) -> None:
        """Lost."""

    def stop(self) -> None:
        """Nothing runs."""


@pytest.fixture(autouse=True)
def _core(settings: Any) -> None:
    settings.CSBOT_ENGINE = "csbot.testing.echo"
    settings.CSBOT_RUNNER = "tests.csbot.core.conftest.Idle"


@pytest.fixture
def inbox(db: None) -> Inbox:
    return Inbox.objects.get(key="web")


@pytest.fixture
def bo(db: None) -> User:
    return User.objects.create_user("bo", first_name="Bo")


@pytest.fixture
def mei(db: None) -> User:
    return User.objects.create_user("mei", first_name="Mei")


def ada(number: int, text: str = "hello", **more: Any) -> Inbound:
    """Ada's message `number` on the website."""
    return Inbound(inbox="web", sender="ada", external_id=f"m{number}", text=text, **more)
