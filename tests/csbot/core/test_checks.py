"""A broken setting is named before the first customer meets it."""

from typing import Any

import pytest
from django.core.checks import run_checks

from csbot import checks


def ids() -> list[str]:
    return [message.id for message in run_checks() if str(message.id).startswith("csbot.")]


def test_the_defaults_are_sound(settings: Any) -> None:
    settings.CSBOT_RUNNER = "csbot.runners.ThreadRunner"
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CSBOT_TURN_THREADS", "4", "csbot.E001"),
        ("CSBOT_TURN_THREADS", True, "csbot.E001"),
        ("CSBOT_TURN_THREADS", 0, "csbot.E002"),
        ("CSBOT_ENGINE", "csbot.nowhere.respond", "csbot.E003"),
        ("CSBOT_RUNNER", "nonsense", "csbot.E003"),
        ("CSBOT_POLICIES", ["csbot.dialogue.policies.nothing.decide"], "csbot.E003"),
        ("CSBOT_RENEW_SECONDS", 8.0, "csbot.E004"),
        ("CSBOT_RECEIPT_DAYS", 7, "csbot.E005"),
        ("CSBOT_HEARTBEAT_SECONDS", 30, "csbot.W001"),
        ("CSBOT_RUNNER", "csbot.runners.CeleryRunner", "csbot.W002"),
    ],
)
def test_a_broken_setting_has_a_numbered_check_with_a_hint(settings: Any, name: str, value: Any, expected: str) -> None:
    settings.CELERY_BROKER_URL = ""
    setattr(settings, name, value)
    found = [message for message in run_checks() if message.id == expected]
    assert found
    assert all(message.hint for message in found)
    assert any(name in message.msg + str(message.hint) or expected == "csbot.W002" for message in found)


def test_turns_on_celery_need_a_layer_that_workers_reach(settings: Any) -> None:
    settings.CSBOT_RUNNER = "csbot.runners.CeleryRunner"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    assert "csbot.E006" in ids()


def test_a_database_csbot_is_not_made_for_is_refused_in_clear_words() -> None:
    mysql, sqlite = ({"ENGINE": f"django.db.backends.{name}"} for name in ("mysql", "sqlite3"))
    assert [message.id for message in checks.database_findings(mysql)] == ["csbot.E008"]
    assert [message.id for message in checks.database_findings(sqlite)] == ["csbot.W003"]
