"""Packs: loaded twice they change nothing; a person's edit stays; a bad one names file, line and what."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from csbot.models import Brand, Flow, IntentExample, PackWording
from csbot.packs.loading import PACKS, load, pack_path
from csbot.packs.signals import pack_loaded
from csbot.wordings import wording


@pytest.fixture(autouse=True)
def quiet(settings: object) -> None:
    settings.CSBOT_TRAIN_ON_CHANGE = False  # type: ignore[attr-defined]
    settings.CSBOT_EMBEDDER = ""  # type: ignore[attr-defined]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sample shop without its articles, to be broken."""
    folder = tmp_path / "shop"
    shutil.copytree(PACKS / "shop", folder, ignore=shutil.ignore_patterns("articles", "business.yaml", "history.yaml"))
    return folder


def test_loading_again_keeps_a_persons_flow_and_drafts_the_packs_beside_it(db: None, copy: Path) -> None:
    load(copy)
    row = Flow.objects.get(key="return_item")
    row.definition += "\n# mine\n"
    row.save()
    path = copy / "flows" / "return_item.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# newer\n", encoding="utf-8")
    load(copy)
    row.refresh_from_db()
    assert row.definition.endswith("# mine\n") and row.draft.endswith("# newer\n")


def test_untouched_flow_follows_the_pack(db: None, copy: Path) -> None:
    load(copy)
    path = copy / "flows" / "return_item.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# newer\n", encoding="utf-8")
    load(copy)
    assert Flow.objects.get(key="return_item").definition.endswith("# newer\n")


def test_examples_that_people_added_stay(db: None, copy: Path) -> None:
    load(copy)
    intent = IntentExample.objects.filter(intent__key="return_item").first()
    assert intent is not None
    IntentExample.objects.create(intent=intent.intent, language="en", text="take it back, would you")
    before = IntentExample.objects.count()
    load(copy)
    assert IntentExample.objects.count() == before


def test_names_are_written_as_each_language_writes_them(db: None, copy: Path) -> None:
    load(copy)
    brand = Brand.objects.get(key="harbour-and-pine")
    assert wording("brand.name", brand=brand, language="zh") == "海松"


def test_wording_of_a_newer_pack_is_in_force_at_once_and_one_it_dropped_is_gone(db: None, copy: Path) -> None:
    load(copy)
    brand = Brand.objects.get(key="harbour-and-pine")
    words = copy / "wordings.yaml"
    text = words.read_text(encoding="utf-8")
    assert wording("brand.name", brand=brand, language="zh") == "海松"
    words.write_text(text.replace("海松", "新海松"), encoding="utf-8")
    load(copy)
    assert wording("brand.name", brand=brand, language="zh") == "新海松"
    PackWording.objects.create(
        brand=brand, key="was.once", language="en", form="chat", texts=["x"], source=PackWording.objects.all()[0].source
    )
    load(copy)
    assert not PackWording.objects.filter(key="was.once").exists()


def test_pack_that_fails_half_way_leaves_nothing(db: None, copy: Path) -> None:
    def fails(**_signal: object) -> None:
        raise ValueError("the shop's own part cannot be loaded")

    pack_loaded.connect(fails)
    try:
        with pytest.raises(ValueError, match="own part"):
            load(copy)
    finally:
        pack_loaded.disconnect(fails)
    assert not Brand.objects.filter(key="harbour-and-pine").exists() and not Flow.objects.exists()


def test_bad_flow_names_file_line_and_what_and_changes_nothing(db: None, copy: Path) -> None:
    path = copy / "flows" / "return_item.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("shop.find_order", "shop.fnid_order"), encoding="utf-8")
    line = 1 + path.read_text(encoding="utf-8").splitlines().index("  - act: shop.fnid_order")
    with pytest.raises(
        CommandError, match=f"flows/return_item.yaml, line {line}: There is no action 'shop.fnid_order'"
    ):
        call_command("csbot_pack", str(copy))
    assert not Brand.objects.filter(key="harbour-and-pine").exists()


def test_check_writes_nothing(db: None, copy: Path) -> None:
    out = StringIO()
    call_command("csbot_pack", str(copy), "--check", stdout=out)
    assert "6 flows" in out.getvalue() and not Flow.objects.exists()


def test_unknown_pack_lists_those_there_are() -> None:
    with pytest.raises(FileNotFoundError, match="shop"):
        pack_path("no-such-pack")
