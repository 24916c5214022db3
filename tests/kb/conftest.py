"""A small knowledge base that the tests of this room share."""

from collections.abc import Sequence

import pytest

from kb.content import ArticleData, TextData
from kb.curation import import_articles
from kb.models import Article, Collection

ARTICLES = [
    ArticleData(
        key="returns",
        tags=("returns",),
        texts={
            "en": TextData(
                "Returns",
                "Send anything back within **30 days** of delivery.\n\nFaulty items are collected free of charge.",
                ("What is your return policy?", "Can I send something back?"),
                "You have thirty days to send something back.",
            ),
            "zh": TextData(
                "退货",
                "收到商品后 **30 天**内可以退货。质量问题由我们承担邮费。",
                ("你们的退货政策是什么?", "东西不合适可以退吗?"),
            ),
        },
    ),
    ArticleData(
        key="shipping",
        tags=("shipping", "delivery"),
        url="/shop/shipping",
        texts={
            "en": TextData(
                "Shipping costs",
                "Standard delivery costs 4.95 EUR and takes 2-4 working days. See [our page](https://shop.example/shipping).",
                ("How much is delivery?", "How long does shipping take?"),
            ),
            "zh": TextData("运费", "标准配送 15 元,2 到 4 个工作日送达。", ("运费多少钱?", "快递几天能到?")),
        },
    ),
    ArticleData(
        key="gift-cards",
        tags=("payment",),
        texts={
            "en": TextData("Gift cards", "Gift cards are valid for three years.", ("Do you sell gift cards?",)),
            "zh": TextData("礼品卡", "礼品卡有效期为三年。", ("有礼品卡卖吗?",)),
        },
    ),
    ArticleData(
        key="credit-limit",
        audience="verified",
        texts={
            "en": TextData(
                "Your credit limit", "Your credit limit is reviewed each spring.", ("What is my credit limit?",)
            )
        },
    ),
]


@pytest.fixture(autouse=True)
def lexical(settings: pytest.FixtureRequest) -> None:
    """No test loads a model unless it asks for one."""
    settings.CSBOT_EMBEDDER = ""  # type: ignore[attr-defined]


@pytest.fixture
def shop(db: None) -> Collection:
    import_articles("shop", ARTICLES, source="pack")
    return Collection.by_key("shop")


@pytest.fixture
def returns(shop: Collection) -> Article:
    return Article.objects.get(collection=shop, key="returns")


class CountingEmbedder:
    """A real, if humble, embedder: hashed words as a vector. It counts what it was asked to embed."""

    name = "counting"
    languages = frozenset({"en"})
    dimensions = 64
    source = "the tests"
    asked: list[str] = []  # noqa: RUF012  # shared on purpose: the loader makes the instance

    def embed(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
        import zlib

        import numpy as np

        self.asked.extend(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.strip("?.,!").encode()) % self.dimensions] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
