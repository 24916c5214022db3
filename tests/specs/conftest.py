"""The sample shop as every conversation here meets it: loaded as `csbot_pack shop` loads it, not trained."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from csbot.demo.loading import load_business
from csbot.models import AgentPresence, Bot, Brand, Membership, Queue, TrainedModel
from csbot.nlu import intents
from csbot.nlu.learning import TrainingReport
from csbot.packs.loading import load, pack_path
from csbot.testing import ADA, Chat


@pytest.fixture(scope="package")
def _loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    # Nothing trains beside the tests: what is not said word for word is understood by its nearest example.
    with override_settings(CSBOT_TRAIN_ON_CHANGE=False, CSBOT_EMBEDDER=""):
        with django_db_blocker.unblock():
            load("shop")
        yield
        # The other rooms' tests begin as a new site does: with one brand and nothing in it.
        with django_db_blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def trained(_loaded: None, django_db_blocker: DjangoDbBlocker) -> Iterator[TrainingReport]:
    """The shop's bot, trained as `csbot_train` trains it, on words alone; untrained again for whoever comes after."""
    with override_settings(CSBOT_TRAIN_ON_CHANGE=False, CSBOT_EMBEDDER=""), django_db_blocker.unblock():
        yield intents.train(Bot.objects.get(key="shop"))
        TrainedModel.objects.all().delete()
        intents.forget()


@pytest.fixture(autouse=True)
def shop(_loaded: None, db: None, settings: object) -> None:
    """Nothing runs beside the test: turns run where they are asked for, no model loads in the background."""
    settings.CSBOT_RUNNER = "csbot.runners.InlineRunner"  # type: ignore[attr-defined]
    settings.CSBOT_EMBEDDER = ""  # type: ignore[attr-defined]
    load_business(pack_path("shop") / "business.yaml", afresh=True)


@pytest.fixture
def ada() -> Chat:
    """Ada, signed in at the shop."""
    return Chat("shop", vouched=ADA, language="en")


@pytest.fixture
def visitor() -> Chat:
    """Somebody who has not signed in."""
    return Chat("shop", language="en")


@pytest.fixture
def lin() -> Chat:
    """A visitor who writes Chinese."""
    return Chat("shop", language="zh")


@pytest.fixture
def bo(shop: None) -> object:
    """An agent at the desk, who serves every queue of the shop."""
    user = get_user_model().objects.create_user("bo-at-the-desk")
    brand = Brand.objects.get(key="harbour-and-pine")
    Membership.objects.create(user=user, brand=brand, role=Membership.Role.AGENT)
    for queue in Queue.objects.filter(brand__key="harbour-and-pine"):
        queue.members.add(user)
    AgentPresence.objects.create(user=user, seen_at=timezone.now())
    return user
