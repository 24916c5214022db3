"""What a customer wants, from examples alone: fitted, stored, loaded and judged, without any neural model."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from csbot.nlu.features import grams, normalised
from csbot.nlu.figures import Outcome, auroc, figures
from csbot.nlu.fitting import Example, deal
from csbot.nlu.head import Head
from csbot.nlu.learning import Material, NothingToLearnError, fit_model
from csbot.nlu.model import IntentModel, UnreadableArtefactError
from csbot.nlu.nearest import NearestExamples
from tests.csbot.nlu.examples import TITLES, examples


def quiet(_words: str) -> None:
    pass


def shifted_letters(texts: Any) -> Any:
    """Stands in for an embedder where a test is about the machinery: letters counted, unit length."""
    vectors = np.zeros((len(texts), 26), np.float32)
    for row, text in enumerate(texts):
        for letter in text.lower():
            if "a" <= letter <= "z":
                vectors[row, ord(letter) - 97] += 1
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def trained() -> tuple[IntentModel, dict[str, dict[str, Any]]]:
    material = Material(("return_item", "order_status", "cancel_order", "human", "none"), TITLES, examples(), "f")
    return fit_model(material, shifted_letters, "letters", frozenset({"en"}), quiet)


def best(head: Head, text: str) -> str:
    found, none, _ = head.probabilities(grams(text), None)
    assert sum(found.values()) + none == pytest.approx(1)
    key = max(found, key=lambda key: found[key])
    return key if found[key] > none else "none"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I would like to return a shirt", "return_item"),
        ("can i return this", "return_item"),
        ("where is my parcel", "order_status"),
        ("please cancel my order", "cancel_order"),
        ("let me speak to a human", "human"),
        ("who won the match", "none"),
    ],
)
def test_paraphrases_in_english_are_understood(trained: Any, text: str, intent: str) -> None:
    assert best(trained[0].heads["en"], text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我想把裤子退货", "return_item"),
        ("我的包裹到哪里了", "order_status"),
        ("我想取消订单", "cancel_order"),
        ("請轉人工客服", "human"),
        ("讲个笑话吧", "none"),
    ],
)
def test_paraphrases_in_chinese_are_understood_traditional_too(trained: Any, text: str, intent: str) -> None:
    assert best(trained[0].heads["zh"], text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("retrun my shrit", "return_item"),
        ("i want to retern an itme", "return_item"),
        ("cancle my ordr", "cancel_order"),
        ("wheres my pacakge", "order_status"),
        ("spek to a humman", "human"),
        ("RETURNNNN PLEASE", "return_item"),
    ],
)
def test_typing_errors_are_forgiven(trained: Any, text: str, intent: str) -> None:
    found, _, _ = trained[0].heads["en"].probabilities(grams(text), None)
    assert max(found, key=lambda key: found[key]) == intent


def test_words_nobody_ever_said_are_none_of_these(trained: Any) -> None:
    for text in ("zxqv blorp", "quantum chromodynamics lecture", "火山喷发的原因"):
        found, none, _ = trained[0].heads["zh" if text > "z~" else "en"].probabilities(grams(text), None)
        assert none > max(found.values())


def test_the_report_is_of_examples_that_were_not_used_to_fit(trained: Any) -> None:
    for language, ways in trained[1].items():
        assert set(ways) == ({"full", "sparse"} if language == "en" else {"sparse"})
        for held_out in ways.values():
            assert held_out["examples"] == 50
            assert 0.4 < held_out["accuracy"] <= 1
            assert 0 <= held_out["calibration_error"] <= 0.35


def test_labels_that_mean_nothing_are_reported_as_bad_as_they_are() -> None:
    texts = [item for item in examples() if item.language == "en" and item.intent != "none"]
    scrambled = [Example(item.text, f"intent{number * 7 % 4}", "en") for number, item in enumerate(texts)]
    keys = tuple(sorted({item.intent for item in scrambled}))
    _, report = fit_model(Material(keys, (), tuple(scrambled), "f"), None, "", frozenset(), quiet)
    assert report["en"]["sparse"]["accuracy"] < 0.5


def test_a_stored_model_says_the_same_when_loaded(trained: Any) -> None:
    model: IntentModel = trained[0]
    loaded = IntentModel.from_bytes(model.to_bytes())
    assert (loaded.space, loaded.fingerprint) == ("letters", "f")
    for text in ("retrun my shrit", "where is it", "hello", ""):
        for vector in (None, shifted_letters([text])[0]):
            before, none_before, way = model.heads["en"].probabilities(grams(text), vector)
            after, none_after, way_after = loaded.heads["en"].probabilities(grams(text), vector)
            assert way == way_after == ("sparse" if vector is None else "full")
            assert none_after == pytest.approx(none_before, abs=0.01)
            assert after == pytest.approx(before, abs=0.01)


def test_a_stored_model_needs_no_heavy_library_to_serve(trained: Any, tmp_path: Any) -> None:
    (tmp_path / "model.npz").write_bytes(trained[0].to_bytes())
    script = (
        "import sys, pathlib; from csbot.nlu.model import IntentModel; from csbot.nlu.features import grams;"
        "model = IntentModel.from_bytes(pathlib.Path(sys.argv[1]).read_bytes());"
        "found = model.heads['zh'].probabilities(grams('我要退货'), None)[0];"
        "assert max(found, key=found.get) == 'return_item';"
        "heavy = {'sklearn', 'scipy', 'torch', 'transformers'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "model.npz")], check=True)


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x80\x04K\x01.", None])
def test_a_damaged_artefact_is_refused_and_never_executed(trained: Any, damage: bytes | None) -> None:
    stored = trained[0].to_bytes()[:2000] if damage is None else damage
    with pytest.raises(UnreadableArtefactError):
        IntentModel.from_bytes(stored)


def test_one_intent_alone_teaches_nothing() -> None:
    only = tuple(Example(f"return {number}", "return_item", "en") for number in "abc")
    with pytest.raises(NothingToLearnError, match="two intents"):
        fit_model(Material(("return_item",), (), only, "f"), None, "", frozenset(), quiet)


def test_two_intents_with_two_examples_each_can_be_fitted() -> None:
    few = tuple(
        Example(text, text.split()[0], "en") for text in ("return it", "return this", "cancel it", "cancel this")
    )
    model, _ = fit_model(Material(("cancel", "return"), (), few, "f"), None, "", frozenset(), quiet)
    assert best(model.heads["en"], "return that please") == "return"


def test_an_intent_with_a_single_example_does_not_stop_the_training() -> None:
    items = (*[item for item in examples() if item.language == "en"], Example("yes please", "affirm", "en"))
    keys = tuple(sorted({item.intent for item in items}))
    model, _ = fit_model(Material(keys, (), items, "f"), None, "", frozenset(), quiet)
    assert "affirm" in model.heads["en"].classes


def test_folds_share_out_every_intent() -> None:
    labels = ["a"] * 10 + ["b"] * 5 + ["c"]
    folds = deal(labels, 5)
    assert sorted(place for fold in folds for place in fold) == list(range(16))
    assert all(sum(labels[place] == "a" for place in fold) == 2 for fold in folds)


def nearest_examples() -> NearestExamples:
    return NearestExamples([item for item in examples() if item.language == "en"])


def test_the_nearest_example_serves_before_any_training() -> None:
    found, none = nearest_examples().probabilities("I want to return my shirt")
    assert max(found, key=lambda key: found[key]) == "return_item"
    assert sum(found.values()) + none == pytest.approx(1)
    assert none < 0.5


def test_the_nearest_example_knows_when_nothing_is_near() -> None:
    assert nearest_examples().probabilities("quantum chromodynamics")[1] > 0.9
    assert nearest_examples().probabilities("tell me a joke please")[1] > 0.5


def test_without_examples_nothing_is_near() -> None:
    assert NearestExamples([]).probabilities("hello") == ({}, 1.0)


def test_texts_are_read_in_one_form() -> None:
    assert normalised("ＤＯＮ’Ｔ 退貨！soooo") == "dont 退货!soo"
    assert grams("order 12345") == grams("ORDER 99")


def test_figures_say_how_good_and_how_honest_a_classifier_is() -> None:
    outcomes = [
        Outcome("a", "a", 0.9, 0.95),
        Outcome("a", "b", 0.6, 0.8),
        Outcome("b", "b", 0.8, 0.9),
        Outcome("none", "a", 0.2, 0.3),
        Outcome(None, "a", 0.3, 0.4),
    ]
    found = figures(outcomes)
    assert found["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["accuracy_with_none"] == 0.75
    assert found["none_recall"] == 1.0
    assert found["unknown_auroc"] == 1.0
    assert found["mistakes"] == [["a", "b", 1]]
    assert auroc([1, 2], [1, 0]) == 0.875
    assert auroc([], [1]) is None
