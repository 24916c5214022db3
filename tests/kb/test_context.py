"""Questions that lean on the answer before."""

import pytest

from kb.models import Article, Collection
from kb.retrieval.context import Context
from kb.retrieval.kinds import holds, kinds_asked
from kb.search import search


def about(key: str, question: str, lean: float = 1.0) -> Context:
    return Context(str(Article.objects.get(collection__key="shop", key=key).pk), question, lean)


@pytest.mark.parametrize(
    ("language", "question", "before"),
    [("en", "and for how long?", "Do you sell gift cards?"), ("zh", "那多久过期?", "有礼品卡卖吗?")],
)
def test_a_question_that_names_no_subject_is_about_the_last_one(
    shop: Collection, language: str, question: str, before: str
) -> None:
    hits = search(question, ["shop"], language=language, context=about("gift-cards", before))
    alone = search(question, ["shop"], language=language)
    assert hits[0].key == "gift-cards"
    assert not alone or alone[0].key != "gift-cards" or alone[0].score < hits[0].score


def test_what_the_question_names_itself_counts_more_than_what_was_said_before(shop: Collection) -> None:
    cards = about("gift-cards", "Are there any cards?")
    hits = search("and what does delivery cost?", ["shop"], language="en", context=cards)
    assert hits[0].key == "shipping"


def test_an_articles_own_words_stand_alone_however_short(shop: Collection) -> None:
    asked = "How much is delivery?"
    assert search(asked, ["shop"], language="en", context=about("gift-cards", "Gift cards?")) == search(
        asked, ["shop"], language="en"
    )


def test_a_last_article_that_is_gone_leaves_the_question_as_it_is(shop: Collection) -> None:
    gone = about("gift-cards", "Do you sell gift cards?")
    Article.objects.get(pk=gone.article).delete()
    assert search("for how long?", ["shop"], language="en", context=gone) == search(
        "for how long?", ["shop"], language="en"
    )


def test_words_that_nobody_knows_make_the_answer_less_likely(shop: Collection) -> None:
    context = about("gift-cards", "Do you sell gift cards?")
    known, unknown = (
        search(text, ["shop"], language="en", context=context)[0].score
        for text in ("and for three years?", "and for three zebras?")
    )
    assert unknown < known


def test_what_may_not_be_read_is_not_found_by_leaning_either(shop: Collection) -> None:
    limit = about("credit-limit", "What is my credit limit?")
    assert all(hit.key != "credit-limit" for hit in search("when?", ["shop"], language="en", context=limit))
    found = search("when is it reviewed?", ["shop"], language="en", audience="verified", context=limit)
    assert found[0].key == "credit-limit"


def test_the_kind_of_answer_is_read_off_the_question_and_found_in_texts() -> None:
    assert kinds_asked("how long is it valid?", "en") == ("time",)
    assert kinds_asked("要加多少钱", "zh")[0] == "money"
    assert kinds_asked("which colour?", "en") == ()
    assert holds("It takes 2-4 working days.", ("time",)) == 1.0
    assert holds("收取 15 元", ("money",)) == 1.0
    assert holds("It is blue.", ("time",)) == -1.0
    assert holds("It is blue.", ()) == 0.0
