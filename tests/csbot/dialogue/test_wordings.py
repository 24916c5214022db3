"""What the bot says: defaults in files, overrides by people, in force at the next sentence."""

import pytest

from csbot import wordings
from csbot.models import Brand, Inbox, PackWording, Wording
from csbot.wordings import WordingError, problems, site_defaults, wording


@pytest.fixture
def brand(db: None) -> Brand:
    return Brand.objects.create(key="harbour", name="Harbour")


def test_every_default_exists_in_both_languages_with_the_same_variables() -> None:
    english, chinese = site_defaults()["en"], site_defaults()["zh"]
    assert english.keys() == chinese.keys()
    for key, default in english.items():
        assert not set(chinese[key].variables) - set(default.variables) - {"bot", "brand", "name"}, key


def test_edit_is_in_force_at_once_and_reset_brings_the_default_back(brand: Brand) -> None:
    before = wording("more.what", brand=brand)
    Wording.objects.create(brand=brand, key="more.what", language="en", text="Go ahead!")
    assert wording("more.what", brand=brand) == "Go ahead!"
    assert wordings.reset("more.what", brand=brand, language="en", form="chat") == 1
    assert wording("more.what", brand=brand) == before


def test_most_particular_override_wins(brand: Brand) -> None:
    from csbot.models import Bot

    inbox = Inbox.objects.create(brand=brand, bot=Bot.objects.create(brand=brand, key="b", name="B"), key="i", name="I")
    Wording.objects.create(key="more.what", language="en", text="site")
    Wording.objects.create(brand=brand, inbox=inbox, key="more.what", language="en", text="inbox")
    Wording.objects.create(brand=brand, key="more.what", language="en", text="brand")
    assert wording("more.what", brand=brand, inbox="i") == "inbox"
    assert wording("more.what", brand=brand) == "brand"
    assert wording("more.what", brand="elsewhere") == "site"


def test_pack_stands_between_the_default_and_a_person(brand: Brand) -> None:
    PackWording.objects.create(brand=brand, key="more.what", language="en", form="chat", texts=["pack"], source="t")
    wordings.changed(brand)
    assert wording("more.what", brand=brand) == "pack"


def test_rewritten_chat_form_is_not_contradicted_by_the_old_spoken_one(brand: Brand) -> None:
    Wording.objects.create(brand=brand, key="goodbye", language="en", text="Farewell!")
    assert wording("goodbye", brand=brand, form="spoken") == "Farewell!"


def test_rewritten_spoken_form_changes_what_is_heard_alone(brand: Brand) -> None:
    read = wording("goodbye", brand=brand)
    Wording.objects.create(brand=brand, key="goodbye", language="en", form="spoken", text="Bye now!")
    assert wording("goodbye", brand=brand, form="spoken") == "Bye now!"
    assert wording("goodbye", brand=brand) == read


def test_variants_take_turns(brand: Brand) -> None:
    found = wordings.words(brand.key)
    variants = found.variants("flow.not_understood", "en", "chat")
    assert len(variants) == 2
    assert [found.say("flow.not_understood", language="en", turn=turn) for turn in range(3)] == [
        *variants,
        variants[0],
    ]


def test_mistakes_in_a_text_are_named() -> None:
    assert not problems("Hello {name}", ["name"])
    assert "{nmae} is not a variable" in problems("Hello {nmae}", ["name"])[0]
    assert "brace" in problems("Hello {", [])[0]


def test_unknown_key_names_itself(brand: Brand) -> None:
    with pytest.raises(WordingError, match=r"no\.such"):
        wording("no.such", brand=brand)
