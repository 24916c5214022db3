"""Slot types read what people write and say, and leave alone what is none of theirs."""

from typing import Any

import pytest

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.flows.slots.reading import Found, Question, Several, Wrong
from csbot.flows.slots.registry import slot_type

SHIRT = Option(
    "1",
    {"en": "Linen shirt (white, M)", "zh": "亚麻衬衫（白色 M）"},
    ("Linen shirt", "shirt", "亚麻衬衫", "衬衫", "white, M"),
)
JEANS = Option("2", {"en": "Straight jeans", "zh": "直筒牛仔裤"}, ("Straight jeans", "jeans", "直筒牛仔裤", "牛仔裤"))
COAT = Option("9", {"en": "Wool coat", "zh": "羊毛大衣"}, ("Wool coat", "coat", "大衣"))
OXFORD = Option("8", {"en": "Oxford shirt", "zh": "牛津纺衬衫"}, ("Oxford shirt", "牛津纺衬衫"))


def read(kind: str, text: str, *, asked: bool = True, language: str = "en", **config: Any) -> Any:
    options = config.pop("options", ())
    others = config.pop("others", ())
    many = config.pop("many", False)
    slot = Slot("it", kind, "ask", many=many, config=config)
    return slot_type(kind).read(text, Question(slot, language, asked, options=options, others=others))


@pytest.mark.parametrize(
    "text",
    ["12345", "#12345", "it's 12 345", "１２３４５", "一二三四五", "one two three four five", "twelve three forty-five",
     "order number is 12345, thanks", "订单号：12345", "I bought 2 shirts with order 12345 for €49.00"],
)  # fmt: skip
def test_order_number_however_it_is_written(text: str) -> None:
    assert read("order_number", text).value == "12345"


@pytest.mark.parametrize(("text", "reason"), [("1234", "length"), ("123456", "length"), ("abcde", "not_a_number")])
def test_an_attempt_at_an_order_number_is_told_what_is_wrong(text: str, reason: str) -> None:
    assert read("order_number", text) == Wrong(reason, read("order_number", text).values)


def test_talk_is_no_attempt_at_an_order_number() -> None:
    assert read("order_number", "what is your return policy") is None


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("the shirt please", "en", "1"), ("shrit", "en", "1"), ("the linen one", "en", "1"), ("the second one", "en", "2"),
     ("衬衫", "zh", "1"), ("第二个", "zh", "2"), ("2", "en", "2"), ("my jeans", "en", "2")],
)  # fmt: skip
def test_item_by_name_typo_part_or_place(text: str, language: str, value: str) -> None:
    found = read("product_item", text, language=language, options=(SHIRT, JEANS))
    assert isinstance(found, Found) and found.value["value"] == value


def test_longer_name_of_another_product_is_not_the_shorter_one_here() -> None:
    found = read("product_item", "the oxford shirt", options=(SHIRT, JEANS), others=(COAT, OXFORD))
    assert isinstance(found, Wrong) and found.reason == "not_in_order"


def test_what_fits_two_things_asks_which() -> None:
    twin = Option("3", {"en": "Linen shirt (indigo, M)"}, ("Linen shirt", "shirt"))
    assert isinstance(read("product_item", "the shirt", options=(SHIRT, twin)), Several)


def test_both_is_all_of_them_where_several_may_be_chosen() -> None:
    found = read("product_item", "both", options=(SHIRT, JEANS), many=True)
    assert [each["value"] for each in found.value] == ["1", "2"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("email", "write to Ada@Example.org!", "ada@example.org"), ("email", "ada at example dot org", "ada@example.org"),
     ("postcode", "it's 1016 hd", "1016HD"), ("postcode", "two two seven six five", "22765"),
     ("yes_no", "yes please", True),
     ("yes_no", "no thanks", False), ("amount", "49,50 euros", {"amount": "49.50", "currency": "EUR"}),
     ("amount", "1,234.5", {"amount": "1234.50", "currency": "EUR"}), ("text", " it  pinches ", "it pinches")],
)  # fmt: skip
def test_other_kinds(kind: str, text: str, value: Any) -> None:
    assert read(kind, text).value == value


def test_address_wants_all_its_parts() -> None:
    assert read("address", "please send it to 5 Mill Lane, 1234 AB Utrecht").value == "5 Mill Lane, 1234 AB Utrecht"
    assert isinstance(read("address", "Mill Lane 5"), Wrong)
    assert read("address", "上海市静安区愚园路88弄6号", language="zh").value.startswith("上海市")
