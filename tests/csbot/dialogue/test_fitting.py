"""A reply that is too long for its channel is said in parts, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csbot.dialogue.guarding import cut, fitting
from csbot.messages import Button, Expects, Outbound, Source

WORDS = st.text(alphabet="ab .!?。！？，\n1é好", max_size=400)


@given(WORDS, st.integers(1, 60))
def test_parts_fit_are_never_empty_and_hold_every_character(text: str, limit: int) -> None:
    parts = list(cut(text, limit))
    assert all(0 < len(part) <= limit and part == part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_cut_between_paragraphs_then_sentences_then_words() -> None:
    assert list(cut("One two.\n\nThree four. Five six.", 22)) == ["One two.", "Three four. Five six."]
    assert list(cut("Three four. Five six.", 16)) == ["Three four.", "Five six."]
    assert list(cut("one two three", 9)) == ["one two", "three"]
    assert list(cut("退货免费。运费由我们付。", 8)) == ["退货免费。", "运费由我们付。"]
    assert list(cut("x" * 7, 3)) == ["xxx", "xxx", "x"]


@pytest.mark.parametrize("whole", ["€44.05", "shop.example/returns", "12345"])
def test_number_and_address_are_not_cut_nor_changed(whole: str) -> None:
    parts = list(cut(f"The refund of your shirt is {whole} for you. " * 9, 60))
    assert " ".join(parts).count(whole) == 9


def test_sources_stay_with_the_first_part_buttons_and_question_with_the_last() -> None:
    message = Outbound(
        "First sentence. Second sentence.",
        buttons=(Button("Yes", "yes"),),
        sources=(Source("1", "Returns", 0.9),),
        expects=Expects("yes_no"),
    )
    first, last = fitting(message, 20)
    assert (first.text, first.buttons, first.expects, len(first.sources)) == ("First sentence.", (), None, 1)
    assert (last.text, last.buttons, last.expects, last.sources) == (
        "Second sentence.",
        message.buttons,
        message.expects,
        (),
    )


def test_what_is_spoken_is_cut_as_it_is_spoken() -> None:
    message = Outbound("**Short**", spoken="This is said aloud. It is a good deal longer.")
    assert fitting(message, 30, "chat") == [message]
    assert [part.text for part in fitting(message, 30, "spoken")] == [
        "This is said aloud.",
        "It is a good deal longer.",
    ]
