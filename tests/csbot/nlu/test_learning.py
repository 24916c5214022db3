"""A bot learns from the examples in its admin: one training at a time, stored, in force in every process."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from csbot.models import Bot, Brand, Intent, IntentExample, TrainedModel, TrainingRun
from csbot.nlu import intents, learning
from csbot.nlu.intents import classify
from tests.csbot.nlu.examples import TITLES, examples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered(settings: Settings) -> None:
    settings.CSBOT_TRAIN_ON_CHANGE = False
    settings.CSBOT_EMBEDDER = ""
    intents.forget()


@pytest.fixture
def bot() -> Bot:
    brand, _ = Brand.objects.get_or_create(key="harbour", defaults={"name": "Harbour"})
    bot = Bot.objects.create(brand=brand, key="learner", name="Pip", languages=["en", "zh"])
    for item in examples():
        intent, _ = Intent.objects.get_or_create(
            bot=bot,
            key=item.intent,
            defaults={"titles": {language: title for key, language, title in TITLES if key == item.intent}},
        )
        IntentExample.objects.create(intent=intent, language=item.language, text=item.text)
    return bot


def test_before_the_first_training_the_nearest_example_serves(bot: Bot) -> None:
    found = classify(bot.pk, "I want to return my blue shirt", "en")
    assert found.engine == "nearest"
    assert found.intents[0].key == "return_item"


def test_after_training_the_linear_engine_serves_in_both_languages(bot: Bot) -> None:
    report = intents.train(bot)
    assert set(report.languages) == {"en", "zh"}
    for text, language, key in (
        ("please cancel my order now", "en", "cancel_order"),
        ("我想把毛衣退货", "zh", "return_item"),
    ):
        found = classify(bot.pk, text, language)
        assert found.engine == "linear/sparse"
        assert found.intents[0].key == key
        assert [score.confidence for score in found.intents] == sorted(
            (score.confidence for score in found.intents), reverse=True
        )
        assert sum(score.confidence for score in found.intents) + found.none == pytest.approx(1, abs=0.02)


def test_an_example_word_for_word_and_a_title_are_certain(bot: Bot) -> None:
    for text in ("Track my order!", "where is my order?", "RETURN AN ITEM"):
        found = classify(bot.pk, text, "en")
        assert (found.engine, found.intents[0].confidence) == ("example", intents.WORD_FOR_WORD)
    assert classify(bot.pk, "tell me a joke", "en") == intents.Understanding((), intents.WORD_FOR_WORD, "example")


@pytest.mark.parametrize("text", ["", "   ", "?!", "😀"])
def test_a_text_without_words_is_none_of_these(bot: Bot, text: str) -> None:
    assert classify(bot.pk, text, "en").none == 1.0


def test_a_bot_that_is_not_there_understands_nothing() -> None:
    assert classify(10**9, "hello", "en").none == 1.0


def test_an_edit_is_in_force_at_the_next_question(bot: Bot) -> None:
    intents.train(bot)
    classify(bot.pk, "hello", "en")
    praise = Intent.objects.create(bot=bot, key="praise", titles={"en": "Praise"})
    for text in ("you are wonderful", "great service, thank you so much", "I love your shop"):
        IntentExample.objects.create(intent=praise, language="en", text=text)
    assert classify(bot.pk, "You are wonderful!", "en").intents[0].key == "praise"
    near = classify(bot.pk, "your service is wonderful, great shop", "en")
    assert (near.engine, near.intents[0].key) == ("nearest", "praise")
    praise.delete()
    assert classify(bot.pk, "You are wonderful!", "en").engine == "linear/sparse"


def test_an_intent_that_was_deleted_is_never_found_again(bot: Bot) -> None:
    intents.train(bot)
    Intent.objects.get(bot=bot, key="cancel_order").delete()
    found = classify(bot.pk, "please cancel my order now", "en")
    assert "cancel_order" not in {score.key for score in found.intents}
    assert found.none > 0.3


def test_a_new_model_serves_without_a_restart(bot: Bot) -> None:
    assert classify(bot.pk, "I want to return my blue shirt", "en").engine == "nearest"
    intents.train(bot)
    assert classify(bot.pk, "I want to return my blue shirt", "en").engine == "linear/sparse"


def test_the_model_is_named_by_the_revision_it_was_fitted_on_and_old_ones_go(bot: Bot) -> None:
    for _ in range(learning.MODELS_KEPT + 1):
        bot.refresh_from_db()
        report = intents.train(bot)
        assert report.revision == bot.revision
    stored = TrainedModel.objects.filter(bot=bot)
    assert stored.count() == learning.MODELS_KEPT
    assert stored.order_by("-revision")[0].metrics["languages"]["zh"]["sparse"]["examples"] == 50


def test_of_two_trainings_one_runs(bot: Bot) -> None:
    TrainingRun.objects.create(bot=bot, kind=learning.KIND, running_until=timezone.now() + timedelta(minutes=1))
    with pytest.raises(learning.TrainingBusyError):
        intents.train(bot)
    assert not TrainedModel.objects.filter(bot=bot).exists()


def test_a_training_that_died_does_not_hold_the_lock_for_ever(bot: Bot) -> None:
    TrainingRun.objects.create(bot=bot, kind=learning.KIND, running_until=timezone.now() - timedelta(seconds=1))
    intents.train(bot)
    assert TrainingRun.objects.get(bot=bot).running_until is None


def test_a_training_that_fails_frees_the_lock_and_says_why(bot: Bot) -> None:
    IntentExample.objects.filter(intent__bot=bot).delete()
    with pytest.raises(learning.NothingToLearnError):
        intents.train(bot)
    run = TrainingRun.objects.get(bot=bot)
    assert run.running_until is None
    assert "two intents" in run.error


def test_a_damaged_model_leaves_the_nearest_example_serving(bot: Bot) -> None:
    TrainedModel.objects.create(bot=bot, kind=learning.KIND, revision=10**6, artefact=b"junk")
    assert classify(bot.pk, "I want to return my blue shirt", "en").engine == "nearest"


def test_a_language_without_examples_is_served_by_the_nearest_of_all(bot: Bot) -> None:
    intents.train(bot)
    assert classify(bot.pk, "cancel order", "de").engine == "nearest"


def test_the_command_trains_one_bot_and_prints_what_it_did_not_see(bot: Bot) -> None:
    out = StringIO()
    call_command("csbot_train", "--bot", bot.key, stdout=out)
    assert "accuracy" in out.getvalue()
    assert "learner: zh: fold 1" in out.getvalue()
    out = StringIO()
    call_command("csbot_train", "--bot", bot.key, "--json", stdout=out)
    assert json.loads(out.getvalue())["languages"]["en"]["sparse"]["examples"] == 50


def test_the_command_names_the_bots_there_are(bot: Bot) -> None:
    with pytest.raises(CommandError, match="learner"):
        call_command("csbot_train", "--bot", "nobody")
