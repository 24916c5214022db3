"""What every test may rely on: what a machine lacks is skipped with its reason, and named at the end (`-ra`)."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from csbot.demo import catalogue
from tests.live import live_site  # noqa: F401 - a fixture for every room

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


@pytest.fixture(autouse=True)
def _quiet_models(request: pytest.FixtureRequest, settings: Any) -> None:
    """No test loads a neural model or starts a training thread unless it says so (marker `models`)."""
    settings.CSBOT_TRAIN_ON_CHANGE = False
    catalogue.forget()  # a rolled-back test leaves no signal behind
    if request.node.get_closest_marker("models") is None:
        settings.CSBOT_EMBEDDER = ""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, freed of other threads' connections before it is dropped: PostgreSQL refuses otherwise."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
