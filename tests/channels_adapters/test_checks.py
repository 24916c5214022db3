"""A broken setting is named by its number, with what to do."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.utils import translation
from pytest_django import Settings

from channels_adapters.apps import ChannelsAdaptersConfig
from channels_adapters.checks import settings_have_their_types


def test_the_defaults_are_in_order() -> None:
    assert settings_have_their_types() == []


@pytest.mark.parametrize(
    ("value", "number"), [("15", "E001"), (True, "E001"), (None, "E001"), (1.5, "E001"), (0, "E002"), (-1, "E002")]
)
def test_a_broken_setting_is_named_with_a_hint(value: Any, number: str, settings: Settings) -> None:
    settings.CSBOT_WEBCHAT_SOCKETS = value
    (found,) = [message for message in run_checks() if str(message.id).startswith("csbot_channels.")]
    assert found.id == f"csbot_channels.{number}"
    assert "CSBOT_WEBCHAT_SOCKETS" in found.msg
    assert found.hint


def test_the_admin_names_the_channels_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert str(ChannelsAdaptersConfig.verbose_name) == "渠道"
