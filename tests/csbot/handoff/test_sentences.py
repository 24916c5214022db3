"""What the bot tried, read by an agent who works in Chinese."""

import re

import pytest
from django.utils import translation

from csbot.handoff.sentences import FORMS, in_language

NAMES = {"return_item": "退货", "order_number": "订单号", "our service team": "客服组"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("not understood (2)", "没有听懂（第 2 次）"),
        ("return_item: no answer to order_number", "退货：没有得到“订单号”的回答"),
        (
            "Answered from *Returns* (0.87); next best *Shipping: costs.* (0.41).",
            "根据 *Returns* 作答（0.87）；其次是 *Shipping: costs.*（0.41）。",
        ),
        (
            "The customer asked for a person. Passed to the queue our service team.",
            "客户要求人工。已转到队列“客服组”。",
        ),
        (
            "The flow return_item: not understood, asked again (1). Then went on with return_item.",
            "流程“退货”：没有听懂，再次询问（第 1 次）。然后继续“退货”。",
        ),
        ("The flow return_item: took order_number. The flow is done.", "流程“退货”：记下了订单号。流程完成。"),
        ("A sentence of another engine {x}", "A sentence of another engine {x}"),
        ("", ""),
    ],
)
def test_a_chinese_agent_reads_chinese(written: str, read: str) -> None:
    assert in_language(written, "zh", names=NAMES) == read


def test_an_english_agent_reads_what_was_written() -> None:
    assert in_language("return_item: no answer to order_number", "en", names=NAMES) == (
        "return_item: no answer to order_number"
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_translated_and_keeps_what_fills_it(form: str) -> None:
    with translation.override("zh-hans"):
        chinese = translation.gettext(form)
    assert chinese != form
    assert set(re.findall(r"\{\w+\}", chinese)) <= set(re.findall(r"\{\w+\}", form))


def test_a_value_that_looks_like_a_form_fills_nothing() -> None:
    assert in_language("return_item: {flow.__class__}", "zh", names=NAMES) == "退货：{flow.__class__}"
