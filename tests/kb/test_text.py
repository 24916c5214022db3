"""The forms of a text, and what may not be in it."""

import pytest

from kb import text as markup

ARTICLE = """Returns are easy.

- Go to **Orders** and choose [Return](https://shop.example/returns)
- Print the label
1. Pack *it*
2. Post it

Questions? See https://shop.example/help or `mail` us."""


def test_spoken_form_has_no_markup_and_no_addresses() -> None:
    assert markup.spoken(ARTICLE) == (
        "Returns are easy. Go to Orders and choose Return. Print the label. Pack it. Post it. "
        "Questions? See or mail us."
    )


def test_spoken_chinese_keeps_chinese_stops() -> None:
    assert markup.spoken(
        "请按以下步骤:\n\n- 打开**订单**\n- 选择[退货](https://a.example/x)"
    ) == "请按以下步骤:打开订单。选择退货。".replace(":打", ": 打")


def test_plain_form_keeps_every_word() -> None:
    plain = markup.plain(ARTICLE)
    assert "**" not in plain
    assert "choose Return" in plain
    assert "shop.example/returns" not in plain


def test_html_is_paragraphs_lists_and_safe_links() -> None:
    page = markup.to_html(ARTICLE)
    assert "<p>Returns are easy.</p><ul><li>Go to <strong>Orders</strong> and choose <a href=" in page
    assert 'href="https://shop.example/returns"' in page


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&amp;lt;script&amp;gt;alert(1)",
        "<scr<script>ipt>alert(1)</script>",
        "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '[x](https://a.example/"onmouseover="alert(1))',
        "[<img src=x onerror=alert(1)>](https://a.example)",
        "**<b onclick=alert(1)>**",
        "[x](//evil.example)",
    ],
)
def test_scripts_are_inert_in_every_form(evil: str) -> None:
    stored = markup.sanitise(f"Hello {evil} there")
    assert "<" not in stored
    page = markup.to_html(f"Hello {evil} there").lower()
    assert "<script" not in page
    assert "<img" not in page
    assert "javascript:" not in page.replace("[x](javascript:alert(1))", "")
    assert " onmouseover=" not in page.replace("&quot;", "").replace("%22", "")
    assert 'href="//' not in page


@pytest.mark.parametrize("text", ["a < b", "AT&T", "1 < 2 && 3 > 2", "x &y; z", "5 > 3", "I ❤ 退货 <3", "Tom & Jerry"])
def test_honest_text_comes_back_as_written(text: str) -> None:
    assert markup.sanitise(text) == text
    assert markup.sanitise(markup.sanitise(text)) == text


def test_invisible_and_direction_characters_go() -> None:
    assert markup.sanitise("re\u200bturn\u202e policy\x00\x07") == "return policy"
    assert markup.sanitise("👨‍👩‍👧 שלום") == "👨‍👩‍👧 שלום"


def test_long_text_is_cut_between_sentences() -> None:
    text = " ".join(f"This is sentence number {n} of the long text." for n in range(60))
    pieces = markup.passages(text)
    assert len(pieces) > 3
    assert all(piece.endswith(".") for piece in pieces)
    assert " ".join(pieces) == text


def test_short_text_is_one_passage() -> None:
    assert markup.passages("One.\n\nTwo.") == ["One. Two."]
    assert markup.passages("") == []
