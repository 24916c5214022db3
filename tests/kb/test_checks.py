"""A broken setting is named before the site starts."""

from typing import Any

import pytest
from django.core.checks import run_checks

from kb import checks


def ids(*functions: Any) -> list[str]:
    return [message.id for function in functions for message in function() if message.hint]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CSBOT_KB_LANGUAGES", "en", "csbot_kb.E001"),
        ("CSBOT_KB_LANGUAGES", [], "csbot_kb.E001"),
        ("CSBOT_KB_LANGUAGES", ["en-GB"], "csbot_kb.E001"),
        ("CSBOT_EMBEDDER", None, "csbot_kb.E002"),
        ("CSBOT_EMBEDDER", "kb.embedders.none.None", "csbot_kb.E003"),
        ("CSBOT_EMBEDDER", "kb.text.plain", "csbot_kb.E004"),
        ("CSBOT_EMBEDDER_MODEL", "", "csbot_kb.E005"),
        ("CSBOT_EMBEDDER_MODEL", "/nowhere/model", "csbot_kb.W006"),
    ],
)
def test_broken_setting_has_a_number_and_a_hint(settings: Any, name: str, value: Any, expected: str) -> None:
    setattr(settings, name, value)
    assert ids(checks.check_languages, checks.check_embedder, checks.check_embedder_model) == [expected]


def test_default_settings_are_sound(settings: Any) -> None:
    settings.CSBOT_EMBEDDER = "kb.embedders.minilm.MiniLM"
    assert [message for message in run_checks() if (message.id or "").startswith("csbot_kb")] == []
