"""The sample shop agrees with itself: what its articles promise is what its goods cost and its actions reckon with."""

import re
from decimal import Decimal
from typing import Any

import pytest
import yaml

from csbot.demo import terms
from csbot.demo.models import Order
from csbot.packs.loading import pack_path

SHOP = pack_path("shop")
PRICE = {
    "en": re.compile(r"€([\d,]+) / CNY ([\d,]+)"),
    "zh": re.compile(r"([\d,]+) 元／([\d,]+) 欧元"),
}
LISTED = 12


def article(key: str, language: str) -> str:
    found: list[dict[str, Any]] = [
        each for path in sorted((SHOP / "articles").glob("*.yaml")) for each in yaml.safe_load(path.read_text("utf-8"))
    ]
    return next(str(each["texts"][language]["text"]) for each in found if each["key"] == key)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_prices_in_the_article_are_those_of_the_goods(language: str) -> None:
    goods = yaml.safe_load((SHOP / "business.yaml").read_text("utf-8"))["products"]
    charged = {(Decimal(each["price"]["EUR"]), Decimal(each["price"]["CNY"])) for each in goods}
    told = [
        tuple(Decimal(part.replace(",", "")) for part in pair)
        for pair in PRICE[language].findall(article("prices", language))
    ]
    euros_first = [pair if language == "en" else pair[::-1] for pair in told]
    assert len(euros_first) >= LISTED - 1
    assert set(euros_first) <= charged


@pytest.mark.parametrize("language", ["en", "zh"])
def test_terms_in_the_articles_are_those_that_the_actions_reckon_with(language: str) -> None:
    returns = article("return-policy", language)
    assert str(terms.RETURN_DAYS) in returns
    assert str(terms.RETURN_POSTAGE["EUR"]) in returns and str(int(terms.RETURN_POSTAGE["CNY"])) in returns
    costs = article("shipping-costs", language)
    for currency, decimals in (("EUR", 2), ("CNY", 0)):
        price, free_from = terms.STANDARD_SHIPPING[currency]
        assert f"{price:.{decimals}f}" in costs and f"{free_from:.0f}" in costs
    assert f"5–{terms.REFUND_DAYS}" in article("refund-time", language)


@pytest.mark.parametrize(
    ("method", "paid", "goods", "back"),
    [
        ("standard", "4.95", "40.00", "4.95"),
        ("standard", "0.00", "80.00", "0.00"),
        ("express", "9.95", "40.00", "4.95"),  # the surcharge stays
        ("express", "9.95", "139.00", "0.00"),  # standard would have been free
    ],
)
def test_whole_order_brings_its_standard_shipping_back(method: str, paid: str, goods: str, back: str) -> None:
    total = Decimal(goods) + Decimal(paid)
    order = Order(shipping_method=method, shipping_price=Decimal(paid), total=total, currency="EUR")
    assert terms.standard_shipping(order) == Decimal(back)
