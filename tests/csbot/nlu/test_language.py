"""Which language a customer writes, from texts as short and mixed as customers write them."""

import time

import pytest

from csbot.nlu.language import detect

BOTH = ("en", "zh")


@pytest.mark.parametrize(
    "text",
    [
        "Can I return an item I bought online?",
        "retrun my shrit",
        "where's my order",
        "I want a human",
        "thank you",
        "what does 退货 mean?",
        "My name is 王小明 and my order is 12345",
        "Please translate 你好 for me",
        "refund pls",
    ],
)
def test_english_is_recognised_even_with_chinese_words_in_it(text: str) -> None:
    assert detect(text, expected=BOTH, previous="zh").language == "en"


@pytest.mark.parametrize(
    "text",
    [
        "我想咨询一下产品的退货政策?",
        "那邮费谁付?",
        "转人工",
        "好",
        "退",
        "我想退貨",
        "請問郵費誰付",
        "return 订单12345",
        "订单12345",
        "我的 iPhone 15 Pro Max 坏了",
        "iPhone 15 Pro Max case 有货吗",
        "M码的shirt还有吗",
        "T恤",
        "请把 invoice 发到 ada@example.com",
    ],
)
def test_chinese_is_recognised_traditional_too_and_with_english_names_in_it(text: str) -> None:
    assert detect(text, expected=BOTH, previous="en").language == "zh"


@pytest.mark.parametrize("previous", BOTH)
@pytest.mark.parametrize(
    "text",
    ["ok", "OK!", "12345", "😀", "no, 54321", "AB-12345", "XL", "ada@example.com", "?", "", "   ", "hi", "٣", "DHL"],
)
def test_what_says_nothing_keeps_the_language_of_before(text: str, previous: str) -> None:
    assert detect(text, expected=BOTH, previous=previous).language == previous


def test_a_name_does_not_switch_the_conversation_to_english() -> None:
    assert detect("Ada Lovelace", expected=BOTH, previous="zh").language == "zh"


def test_without_any_sign_the_bots_first_language_is_taken_with_no_confidence() -> None:
    found = detect("12345", expected=("zh", "en"))
    assert (found.language, found.confidence) == ("zh", 0.0)


def test_a_language_nobody_expects_keeps_the_previous_one_unsurely() -> None:
    found = detect("Где мой заказ?", expected=BOTH, previous="zh")
    assert found.language == "zh"
    assert found.confidence < 0.5


def test_languages_of_one_script_are_told_apart_by_their_common_words() -> None:
    expected = ("en", "es", "fr", "de", "it", "pt", "nl", "zh")
    for text, language in {
        "¿Dónde está mi pedido?": "es",
        "Wo ist meine Bestellung?": "de",
        "Où est ma commande, s'il vous plaît ?": "fr",
        "Vorrei restituire la mia camicia": "it",
        "Onde está o meu pedido?": "pt",
        "Waar is mijn bestelling?": "nl",
        "Where is my order?": "en",
    }.items():
        assert detect(text, expected=expected).language == language, text


def test_variants_of_chinese_are_told_apart_when_both_are_expected() -> None:
    assert detect("我想退貨", expected=("zh", "zh-Hant")).language == "zh-Hant"
    assert detect("我想退货", expected=("zh", "zh-Hant")).language == "zh"


def test_japanese_is_not_taken_for_chinese_when_it_is_expected() -> None:
    assert detect("注文を返品したいです", expected=("zh", "ja", "en")).language == "ja"


def test_confidence_is_between_nought_and_one_and_grows_with_the_text() -> None:
    short = detect("退", expected=BOTH).confidence
    long = detect("我想退货，请问怎么办理", expected=BOTH).confidence
    assert 0 < short < long <= 1


def test_no_expected_language_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match="expected is empty"):
        detect("hello", expected=())


def test_a_megabyte_is_read_no_slower_than_a_page() -> None:
    text = "hello 你好 " * 100_000
    started = time.perf_counter()
    detect(text, expected=BOTH)
    assert time.perf_counter() - started < 0.5
