"""Imports beside people's edits, gaps that count up, votes."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from kb.content import ArticleData, TextData
from kb.curation import import_articles, record_gap, vote
from kb.editing import write
from kb.errors import ContentError
from kb.importers.writing import accept, dismiss
from kb.models import Article, Collection, Gap, Proposal, Vote
from kb.search import search
from tests.kb.conftest import ARTICLES


def newer(text: str, key: str = "returns") -> list[ArticleData]:
    """The pack's next release, in which the English text of one article is another."""
    return [
        replace(data, texts={**data.texts, "en": replace(data.texts["en"], text=text)}) if data.key == key else data
        for data in ARTICLES
    ]


def english(key: str) -> str:
    return Article.objects.get(key=key).texts.get(language="en").text


def test_import_publishes_and_the_same_import_changes_nothing(db: None) -> None:
    assert import_articles("shop", ARTICLES, source="pack").created == [data.key for data in ARTICLES]
    revisions = set(Article.objects.values_list("key", "revision"))
    report = import_articles("shop", ARTICLES, source="pack")
    assert report.unchanged == [data.key for data in ARTICLES]
    assert str(report) == "4 unchanged"
    assert set(Article.objects.values_list("key", "revision")) == revisions


def test_untouched_text_follows_the_pack(shop: Collection) -> None:
    report = import_articles("shop", newer("Pack says 45 days."), source="pack")
    assert report.updated == ["returns"]
    assert english("returns") == "Pack says 45 days."
    assert set(Article.objects.get(key="returns").texts.values_list("out_of_date", flat=True)) == {False}


def test_reimport_drafts_beside_a_persons_edit_and_never_overwrites_it(returns: Article) -> None:
    cy = User.objects.create_user("cy")
    write(returns, {"en": TextData("Returns", "A person says 99 days.")}, by=cy)
    assert import_articles("shop", ARTICLES, source="pack").unchanged[0] == "returns"
    assert not Proposal.objects.exists()
    for expected in (["returns"], []):
        assert import_articles("shop", newer("Pack says 45 days."), source="pack").drafted == expected
    assert english("returns") == "A person says 99 days."
    proposal = Proposal.objects.get()
    assert (proposal.language, proposal.content["text"]) == ("en", "Pack says 45 days.")


def test_person_uses_the_imported_draft(returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "A person says 99 days.")})
    import_articles("shop", newer("Pack says 45 days."), source="pack")
    accept(Proposal.objects.get())
    assert english("returns") == "Pack says 45 days."
    assert not Proposal.objects.exists()
    assert import_articles("shop", newer("Pack says 50 days."), source="pack").updated == ["returns"]


def test_person_dismisses_the_imported_draft_for_good(returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "A person says 99 days.")})
    import_articles("shop", newer("Pack says 45 days."), source="pack")
    dismiss(Proposal.objects.get())
    assert import_articles("shop", newer("Pack says 45 days."), source="pack").drafted == []
    assert english("returns") == "A person says 99 days."
    assert import_articles("shop", newer("Pack says 50 days."), source="pack").drafted == ["returns"]


def test_what_a_person_deleted_stays_deleted(returns: Article) -> None:
    returns.delete()
    report = import_articles("shop", newer("Pack says 45 days."), source="pack")
    assert report.kept_deleted == ["returns"]
    assert not Article.objects.filter(key="returns").exists()


def test_what_a_person_unpublished_stays_unpublished(returns: Article) -> None:
    returns.status = Article.Status.DRAFT
    returns.save()
    import_articles("shop", newer("Pack says 45 days."), source="pack")
    assert Article.objects.get(key="returns").status == Article.Status.DRAFT


def test_audience_that_a_person_narrowed_is_not_widened(returns: Article) -> None:
    returns.audience = Article.Audience.VERIFIED
    write(returns, {})
    changed = [replace(data, tags=("new",)) if data.key == "returns" else data for data in ARTICLES]
    assert import_articles("shop", changed, source="pack").drafted == ["returns"]
    assert Article.objects.get(key="returns").audience == "verified"


def test_article_of_a_person_with_the_packs_key_is_not_overwritten(db: None) -> None:
    collection = Collection.objects.create(key="shop", name="Shop")
    mine = Article(collection=collection, key="returns", status="published")
    write(mine, {"en": TextData("Mine", "My own words.")})
    assert import_articles("shop", ARTICLES, source="pack").drafted == ["returns"]
    assert english("returns") == "My own words."


def test_article_that_left_the_pack_is_reported_and_kept(shop: Collection) -> None:
    assert import_articles("shop", ARTICLES[1:], source="pack").gone == ["returns"]
    assert Article.objects.filter(key="returns").exists()


def test_bad_articles_are_refused_together_and_nothing_is_imported(db: None) -> None:
    bad = [
        ARTICLES[0],
        ArticleData("x", {"en": TextData("", "text")}, where="shop.yaml:7"),
        ArticleData("y", {}, where="shop.yaml:9"),
        ArticleData("z", {"en": TextData("t", "t")}, audience="staff", where="shop.yaml:12"),
        replace(ARTICLES[0], where="shop.yaml:20"),
    ]
    with pytest.raises(ContentError) as refused:
        import_articles("shop", bad, source="pack")
    said = [str(problem) for problem in refused.value.problems]
    assert [line.split(": ")[0] for line in said] == [f"shop.yaml:{n}" for n in (7, 9, 12, 20)]
    assert not Collection.objects.exists()


def test_same_question_is_one_gap_counted_up(shop: Collection) -> None:
    near = search("gift", ["shop"], language="en")
    first = record_gap("Do you repair bikes?", collections=["shop"], language="en", reason="nothing_near", near=near)
    again = record_gap("do you repair BIKES", collections=["shop"], language="en", reason="low_score", reference="c1")
    assert first.pk == again.pk
    assert (again.count, again.reason, again.references) == (2, "low_score", ["c1"])
    assert again.last_seen > first.first_seen
    assert again.near[0]["title"] == "Gift cards"
    other = record_gap("Do you repair bikes?", collections=["bank"], language="en", reason="nothing_near")
    assert other.pk != first.pk
    assert Gap.objects.count() == 2


def test_gap_keeps_the_newest_references_once_each(db: None) -> None:
    for number in [*range(15), 14]:
        gap = record_gap("修自行车吗", collections=["shop"], language="zh-CN", reason="x", reference=f"c{number}")
    assert (gap.count, gap.language) == (16, "zh")
    assert gap.references == [f"c{n}" for n in range(5, 15)]


def test_dismissed_gap_that_is_asked_again_opens_again(db: None) -> None:
    gap = record_gap("Do you repair bikes?", collections=["shop"], language="en", reason="x")
    Gap.objects.update(status=Gap.Status.DISMISSED)
    record_gap("Do you repair bikes?", collections=["shop"], language="en", reason="x")
    gap.refresh_from_db()
    assert gap.status == Gap.Status.OPEN


@pytest.mark.parametrize("question", ["", "?!", "😀", "x" * 10_000, "<b>bikes</b>"])
def test_odd_questions_become_gaps_without_harm(db: None, question: str) -> None:
    gap = record_gap(question, collections=[], language="en", reason="r" * 200)
    assert len(gap.question) <= 500
    assert "<" not in gap.question


def test_vote_of_a_conversation_may_change_but_counts_once(returns: Article) -> None:
    vote(str(returns.pk), "en", helpful=True, reference="c1")
    vote(str(returns.pk), "en", helpful=False, reference="c1")
    vote(str(returns.pk), "en", helpful=True)
    assert list(Vote.objects.order_by("pk").values_list("helpful", flat=True)) == [False, True]


@pytest.mark.parametrize("article", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_vote_on_what_is_gone_is_dropped(db: None, article: str) -> None:
    vote(article, "en", helpful=True)
    assert not Vote.objects.exists()
