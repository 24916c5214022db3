"""How customers feel, by what they write in English and Chinese."""

import pytest

from csbot.nlu import sentiment_zh
from csbot.nlu.sentiment import score, trend


@pytest.mark.parametrize(
    "text",
    [
        "I am very happy with your service",
        "Thank you so much, that was really helpful!",
        "You guys are great",
        "this made my day",
    ],
)
def test_pleased_english_customers_are_seen(text: str) -> None:
    assert score(text, "en") > 0.3


@pytest.mark.parametrize(
    "text",
    [
        "This is the third time, I am furious!",
        "My parcel never arrived",
        "still no refund",
        "how many times do I have to ask",
        "this is ridiculous, nobody answers",
        "great, another week of waiting",
        "I'm fed up with you",
        "the mug arrived broken and your support is useless",
    ],
)
def test_angry_english_customers_are_seen_even_without_a_word_of_anger(text: str) -> None:
    assert score(text, "en") < -0.3


@pytest.mark.parametrize(
    "text",
    [
        "My order number is 12345 and I would like to return a shirt.",
        "Can you help me please?",
        "no, 54321",
        "order no. 12345",
        "Yes please",
        "I'd like to cancel my order",
        "I want to speak to a human",
        "Where is my order?",
    ],
)
def test_plain_english_requests_show_no_feeling(text: str) -> None:
    assert abs(score(text, "en")) < 0.15


@pytest.mark.parametrize(
    "text",
    [
        "我对你们的服务非常满意",
        "真是太感谢你们了",
        "谢谢你的帮助，问题解决了",
        "物流很快，东西也很好",
        "客服态度超级好👍",
        "服務很好，謝謝",
    ],
)
def test_pleased_chinese_customers_are_seen(text: str) -> None:
    assert score(text, "zh") > 0.4


@pytest.mark.parametrize(
    "text",
    [
        "我很生气",
        "怎么还没发货",
        "这已经是第三次了，我要投诉！",
        "太慢了",
        "质量太差了，我很失望",
        "質量太差了，我很失望",
        "你们太让我失望了",
        "到底什么时候退款？？",
        "凭什么不给退",
        "我等了三个星期了！！",
        "呵呵",
        "不太满意",
        "不是很好",
        "😡😡",
        "退我钱",
    ],
)
def test_angry_chinese_customers_are_seen_even_without_a_word_of_anger(text: str) -> None:
    assert score(text, "zh") < -0.25


@pytest.mark.parametrize(
    "text",
    [
        "你好，我想咨询一下产品的退货政策?",
        "那邮费谁付?",
        "转人工",
        "好的",
        "我要退货",
        "质量好吗",
        "怎么投诉",
        "有没有大一点的",
        "请问多久能到",
        "不好意思，打扰一下",
        "最晚什么时候发货",
        "有推荐的款式吗",
        "订单12345",
    ],
)
def test_plain_chinese_requests_show_no_feeling(text: str) -> None:
    assert abs(score(text, "zh")) < 0.2


def test_a_negation_turns_a_chinese_feeling_round() -> None:
    assert score("满意", "zh") > 0 > score("不是很满意", "zh")
    assert score("没有不满意", "zh") > 0


def test_an_adverb_of_degree_scales_a_chinese_feeling() -> None:
    assert score("极其失落", "zh") < score("失落", "zh") < score("有点失落", "zh") < 0


def test_what_follows_but_counts_more() -> None:
    assert score("东西不错，但是物流太慢了", "zh") < 0 < score("物流有点慢，但是东西非常好", "zh")


def test_exclamation_marks_strengthen_a_feeling_and_make_none() -> None:
    assert score("太差了！！！", "zh") < score("太差了", "zh")
    assert score("订单12345！！！", "zh") == 0


def test_the_chinese_lexicon_is_large_and_on_its_scale() -> None:
    lexicon, longest = sentiment_zh._lexicon()
    assert len(lexicon.words) >= 600
    assert all(-4 <= valence <= 4 and valence for valence in lexicon.words.values())
    assert longest < 16


def test_a_language_that_is_not_read_is_not_judged() -> None:
    assert score("¡Estoy furioso!", "es") == 0.0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", ["", " ", "😀" * 3000, "差" * 100_000, "\ud800", "!" * 5000])
def test_any_text_has_a_score_on_the_scale(text: str, language: str) -> None:
    assert -1 <= score(text, language) <= 1


def test_the_trend_says_where_the_feeling_is_going() -> None:
    assert trend([]) == trend([0.5]) == 0.0
    assert trend([0.2, 0.2, 0.2]) == 0.0
    assert trend([0.6, 0.1, -0.4, -0.8]) < -0.5
    assert trend([-0.8, -0.2, 0.5]) > 0.5
    assert trend([1, -1]) == -1.0


def test_the_trend_forgets_what_was_long_ago() -> None:
    assert trend([-1.0] * 20 + [0.3] * 6) == 0.0
