"""What changing an article leaves behind: out-of-date marks, versions, a raised revision."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from kb.content import TextData
from kb.editing import remove_text, restore, set_status, write
from kb.models import Article, ArticleText, Collection


def marks(article: Article) -> dict[str, bool]:
    return dict(article.texts.values_list("language", "out_of_date"))


def text(article: Article, language: str) -> ArticleText:
    return ArticleText.objects.get(article=article, language=language)


def test_changing_one_language_marks_the_other_out_of_date(returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "Now 60 days.")})
    assert marks(returns) == {"en": False, "zh": True}


def test_saving_a_text_makes_it_current_and_marks_the_others(returns: Article) -> None:
    english, chinese = text(returns, "en"), text(returns, "zh")
    english.text = "Now 60 days."
    english.save()
    assert marks(returns) == {"en": False, "zh": True}
    chinese.refresh_from_db()
    chinese.text = "现在 60 天。"
    chinese.save()
    assert marks(returns) == {"en": True, "zh": False}


def test_languages_changed_together_are_current_together(returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "Now 60 days."), "zh": TextData("退货", "现在 60 天。")})
    assert marks(returns) == {"en": False, "zh": False}


def test_another_wording_marks_nothing(returns: Article) -> None:
    write(
        returns, {"en": TextData("Returns", text(returns, "en").text, ("send it back?",), text(returns, "en").spoken)}
    )
    assert marks(returns) == {"en": False, "zh": False}


def test_a_person_may_say_that_a_text_is_still_right(returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "Now 60 days.")})
    write(returns, {}, current=["zh"])
    assert marks(returns) == {"en": False, "zh": False}


def test_each_change_is_a_version_with_who_and_when(returns: Article) -> None:
    bo = User.objects.create_user("bo")
    first = returns.versions.get()
    version = write(returns, {"en": TextData("Returns", "Now 60 days.")}, by=bo, note="longer")
    assert version is not None
    assert (version.number, version.by, version.note) == (first.number + 1, bo, "longer")
    assert version.snapshot["texts"]["en"]["text"] == "Now 60 days."
    assert text(returns, "en").updated_by == bo
    assert write(returns, {"en": TextData("Returns", "Now 60 days.")}, by=bo) is None
    assert returns.versions.count() == 2


def test_restoring_a_version_is_a_new_version(returns: Article) -> None:
    first = returns.versions.get()
    returns.tags = ("other",)
    write(returns, {"en": TextData("Returns", "Now 60 days."), "de": TextData("Rückgabe", "60 Tage.")})
    remove_text(returns, "zh")
    version = restore(first, note="back")
    assert version is not None
    assert version.number == 4
    assert version.snapshot == first.snapshot
    returns.refresh_from_db()
    assert returns.tags == ("returns",)
    assert marks(returns) == {"en": False, "zh": False}
    assert "30 days" in text(returns, "en").text
    assert restore(first) is None


def test_an_article_without_words_is_not_published(shop: Collection) -> None:
    article = Article.objects.create(collection=shop, key="empty")
    assert not set_status(article, Article.Status.PUBLISHED)
    assert Article.objects.get(key="empty").status == Article.Status.DRAFT


def test_every_change_raises_the_collections_revision(returns: Article) -> None:
    def revision() -> int:
        return Collection.objects.get(key="shop").revision

    seen = [revision()]
    for change in (
        lambda: write(returns, {"en": TextData("Returns", "Changed.")}),
        lambda: set_status(returns, "draft"),
        lambda: text(returns, "zh").delete(),
        lambda: returns.save(),
        lambda: Article.objects.filter(pk=returns.pk).delete(),
    ):
        change()
        seen.append(revision())
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (TextData("", "text"), "title"),
        (TextData("title", "  "), "text"),
        (TextData("title", "<script>x</script>"), "text"),
        (TextData("t" * 201, "text"), "title"),
        (TextData("title", "x" * 20_001), "text"),
        (TextData("title", "text", ("w" * 301,)), "questions"),
        (TextData("title", "text", tuple(f"w{n}" for n in range(101))), "questions"),
    ],
)
def test_a_bad_text_is_refused_and_changes_nothing(returns: Article, data: TextData, field: str) -> None:
    before = Article.objects.get(pk=returns.pk)
    returns.tags = ("changed",)
    with pytest.raises(ValidationError) as refused:
        write(returns, {"en": data})
    assert field in refused.value.message_dict
    assert Article.objects.get(pk=returns.pk).tags == before.tags
    assert returns.versions.count() == 1


def test_a_page_address_that_runs_code_is_refused(returns: Article) -> None:
    returns.url = "javascript:alert(1)"
    with pytest.raises(ValidationError, match="https://"):
        write(returns, {})


def test_tags_are_found_whole(shop: Collection) -> None:
    assert Article.objects.filter(tags__contains="delivery").count() == 1
    assert Article.objects.filter(tags__contains="deliver").count() == 0
