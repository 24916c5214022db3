"""What every test may rely on: what a machine lacks is skipped with its reason, and named at the end (`-ra`)."""

import os
import shutil
from importlib.util import find_spec

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SERVICES = ("CSBOT_DATABASE_URL", "CSBOT_REDIS_URL", "CSBOT_BROKER_URL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = {
        "browser": None if CHROMIUM else "needs a browser: apt install chromium",
        "services": None if all(map(os.environ.get, SERVICES)) else "needs real servers: make test-services",
        "models": None if find_spec("torch") and find_spec("transformers") else "needs the neural models: make setup",
    }
    for item in items:
        for marker, reason in absent.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
