"""What is never stored, what stays out of traces, and what must not be mistaken for either."""

import random
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csbot.nlu.pii import mask, never_store
from csbot.nlu.pii_numbers import is_card, is_chinese_identity_number

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def luhn_digit(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    prefix, length = draw(
        st.sampled_from(
            [
                ("4", 16),
                ("51", 16),
                ("2221", 16),
                ("34", 15),
                ("37", 15),
                ("6011", 16),
                ("622", 16),
                ("622", 19),
                ("3530", 16),
            ]
        )
    )
    body = prefix + "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=20, max_size=20)))
    body = body[: length - 1]
    return body + luhn_digit(body)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(min_value=date(1930, 1, 1), max_value=date(2020, 12, 31)))
    body = (
        draw(st.sampled_from(["110105", "310115", "440306", "510104"]))
        + f"{born:%Y%m%d}"
        + f"{draw(st.integers(0, 999)):03d}"
    )
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


@given(card_numbers(), st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2009", "\u2011", "\u200b"]))
def test_a_card_number_is_never_stored_however_it_is_written(number: str, separator: str) -> None:
    written = separator.join(number[place : place + 4] for place in range(0, len(number), 4))
    for form in (written, written.translate(FULL_WIDTH), written.translate(ARABIC_INDIC)):
        masked = never_store(f"my card is {form}, thanks")
        assert masked.text == f"my card is [card ••••{number[-4:]}], thanks"
        assert masked.kinds == ("card",)


@given(card_numbers())
def test_one_wrong_digit_is_no_card_number(number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert is_card(number)
    assert not is_card(wrong)


@given(identity_numbers())
def test_a_chinese_identity_number_is_never_stored(number: str) -> None:
    assert is_chinese_identity_number(number)
    for form in (number, number.lower(), f"{number[:6]} {number[6:14]} {number[14:]}", number.translate(FULL_WIDTH)):
        assert never_store(f"我的身份证号是{form}。").text == "我的身份证号是[identity-number]。"


@given(identity_numbers())
def test_one_wrong_digit_is_no_identity_number(number: str) -> None:
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    assert not is_chinese_identity_number(wrong)


@pytest.mark.parametrize(
    "iban", ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "fr14 2004 1010 0505 0001 3m02 606"]
)
def test_an_iban_is_never_stored_and_the_words_behind_it_stay(iban: str) -> None:
    assert never_store(f"send it to {iban} please today").text == "send it to [iban] please today"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("my ssn is 123-45-6789", "my ssn is [ssn]"),
        ("social security number: 123 45 6789", "social security number: [ssn]"),
        ("4111 1111 1111 1111 12/27 123", "[card ••••1111] 12/27 [security-code]"),
        ("the cvv is 123", "the cvv is [security-code]"),
        ("安全码是123", "安全码是[security-code]"),
        ("my password is hunter2!", "my password is [password]"),
        ("密码：abc123", "密码：[password]"),
        ("passport number E12345678", "passport number [passport]"),
        ("order 12345, card 4111111111111111", "order 12345, card [card ••••1111]"),
        ("12345 4111 1111 1111 1111", "12345 [card ••••1111]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card ••••1111]"),
    ],
)
def test_what_is_never_stored(text: str, stored: str) -> None:
    assert never_store(text).text == stored


@pytest.mark.parametrize(
    "text",
    [
        "My order number is 12345 and I would like to return a shirt.",
        "order 4111111111111112",
        "订单号 202611220000012345",
        "tracking 1Z999AA10123456784",
        "my parcel number is 9400 1000 0000 0000 0000 00",
        "call me on 13812345678 or +44 20 7946 0958",
        "415-555-2671, 415-555-2672",
        "+62 812 3456 7890",
        "ada@example.com",
        "2026-11-22 10:30",
        "1 2 3 4 5",
        "my password is not working",
        "SKU AB12-3456-7890-1234",
        "0000000000000000",
    ],
)
def test_order_numbers_phones_and_plain_text_are_stored_as_written(text: str) -> None:
    assert never_store(text).text == text


@given(st.integers(0, 10**12 - 1))
def test_an_order_number_of_up_to_twelve_digits_is_never_eaten(number: int) -> None:
    text = f"my order number is {number}"
    assert never_store(text).text == text


def test_random_numbers_as_long_as_cards_are_seldom_eaten() -> None:
    generator = random.Random(7)
    numbers = [str(generator.randrange(10**15, 10**16)) for _ in range(2000)]
    eaten = sum(never_store(f"order {number}").kinds != () for number in numbers)
    assert eaten / len(numbers) < 0.06


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("My name is Ada Lovelace.", "My name is [name]."),
        ("my name is ada", "my name is [name]"),
        ("Hello, I'm Ada Lovelace and", "Hello, I'm [name] and"),
        ("我叫王小明，想退货", "我叫[name]，想退货"),
        ("我叫王明想退货", "我叫[name]想退货"),
        ("write to ada.lovelace+shop@example.co.uk", "write to [email]"),
        ("写信到ada@example.com吧", "写信到[email]吧"),
        ("call 13812345678", "call [phone]"),
        ("电话：１３８１２３４５６７８", "电话：[phone]"),
        ("ring +44 20 7946 0958 after six", "ring [phone] after six"),
        ("(415) 555-2671", "[phone]"),
        ("I live at 221 Baker Street, Apt 4", "I live at [address]"),
        ("寄到北京市朝阳区建国路88号3单元502室", "寄到[address]"),
        ("born on 12/10/1815", "born on [birth-date]"),
        ("card 4111 1111 1111 1111", "card [card ••••1111]"),
    ],
)
def test_traces_hold_nothing_personal(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "My order number is 12345 and I would like to return a shirt.",
        "my name is not on the list",
        "I'm very unhappy",
        "This is the third time",
        "我叫了三次客服",
        "订单12345",
        "I paid 1,299.00 for 3 shirts",
        "I am Furious",
    ],
)
def test_traces_keep_what_is_not_personal(text: str) -> None:
    assert mask(text).text == text


@given(st.text(max_size=200))
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = never_store(text).text
    assert never_store(once).text == once


@given(st.text(max_size=200))
def test_any_text_can_be_masked(text: str) -> None:
    assert isinstance(mask(text).text, str)


@pytest.mark.parametrize("worst", ["1 ", "a1", "DE12 ", "1-", "my name is ", "a@", "路1号", "a.", "一"])
def test_masking_time_grows_with_the_text_and_no_faster(worst: str) -> None:
    text = (worst * 20_000)[:20_000]
    started = time.perf_counter()
    mask(text)
    assert time.perf_counter() - started < 3
