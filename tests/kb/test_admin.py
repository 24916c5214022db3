"""The content owner's pages: what Django's admin shows and does."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from kb.content import TextData
from kb.curation import import_articles, record_gap, vote
from kb.editing import write
from kb.models import Article, Collection, Gap, Proposal
from kb.search import search
from tests.kb.test_curation import newer

pytestmark = pytest.mark.urls("tests.kb.urls")
LIST = "admin:csbot_kb_article_changelist"


@pytest.fixture
def owner(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("dora", password="x"))
    return client


def form_of(article: Article, **changes: str) -> dict[str, str]:
    """What a browser would post from the article's page."""
    article.refresh_from_db()
    data = {
        "collection": str(article.collection_id), "key": article.key, "tags": ", ".join(article.tags),
        "audience": article.audience, "status": article.status, "url": article.url, "seen": str(article.revision),
    }  # fmt: skip
    for row in article.texts.all():
        for part in ("title", "text", "spoken"):
            data[f"{row.language}_{part}"] = getattr(row, part)
        data[f"{row.language}_questions"] = "\n".join(row.questions)
    return data | changes


def change_page(article: Article) -> str:
    return reverse("admin:csbot_kb_article_change", args=(article.pk,))


def test_list_shows_languages_and_votes(owner: Client, returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "60 days.")})
    vote(str(returns.pk), "en", helpful=True)
    page = owner.get(reverse(LIST)).content.decode()
    assert "简体中文 out of date" in page
    assert "简体中文 missing" in page  # the credit limit has no Chinese text
    assert "1 of 1" in page


@pytest.mark.parametrize("q", ["faulty items", "Do you sell gift", "礼品卡卖", "credit-limit", "30 天"])
def test_search_looks_in_texts_and_wordings_of_every_language(owner: Client, shop: Collection, q: str) -> None:
    found = owner.get(reverse(LIST), {"q": q}).context["cl"].result_list
    assert len(found) == 1


@pytest.mark.parametrize(
    ("filters", "keys"),
    [
        ({"language": "missing-zh"}, {"credit-limit"}),
        ({"language": "old-zh"}, {"returns"}),
        ({"language": "out_of_date"}, {"returns"}),
        ({"tag": "delivery"}, {"shipping"}),
        ({"audience__exact": "verified"}, {"credit-limit"}),
        ({"status__exact": "draft"}, set()),
        ({"review": "due"}, set()),
        ({"review": "none"}, {"returns", "shipping", "gift-cards", "credit-limit"}),
        ({"draft": "waiting"}, set()),
    ],
)
def test_filters_narrow_the_list(owner: Client, returns: Article, filters: dict[str, str], keys: set[str]) -> None:
    write(returns, {"en": TextData("Returns", "60 days.")})
    assert {row.key for row in owner.get(reverse(LIST), filters).context["cl"].result_list} == keys


def test_languages_are_edited_side_by_side_and_marks_show(owner: Client, returns: Article) -> None:
    answer = owner.post(change_page(returns), form_of(returns, en_text="Now 60 days."))
    assert answer.status_code == 302, answer.context["errors"]
    page = owner.get(change_page(returns)).content.decode()
    assert 'id="text-en"' in page
    assert 'id="text-zh"' in page
    assert page.count("kb-panel-old") == 1
    assert search("return policy", ["shop"], language="en")[0].text == "Now 60 days."
    assert returns.versions.first().by.username == "dora"
    owner.post(change_page(returns), form_of(returns, zh_current="on"))
    assert "kb-panel-old" not in owner.get(change_page(returns)).content.decode()


def test_both_languages_changed_at_once_are_both_current(owner: Client, returns: Article) -> None:
    owner.post(change_page(returns), form_of(returns, en_text="60 days.", zh_text="60 天。"))
    assert set(returns.texts.values_list("out_of_date", flat=True)) == {False}


def test_new_article_gets_a_key_and_is_live_when_published(owner: Client, shop: Collection) -> None:
    add = reverse("admin:csbot_kb_article_add")
    assert owner.get(add).status_code == 200
    data = {"collection": str(shop.pk), "audience": "public", "status": "published", "tags": "repairs, bikes",
            "en_title": "Bike repairs", "en_text": "We repair bikes.",
            "en_questions": "Do you repair bikes?\n\n"}  # fmt: skip
    answer = owner.post(add, data)
    assert answer.status_code == 302, answer.context["errors"]
    article = Article.objects.get(key="bike-repairs")
    assert article.tags == ("repairs", "bikes")
    assert list(article.texts.values_list("language", "questions")) == [("en", ["Do you repair bikes?"])]
    assert search("bike repair", ["shop"], language="en")[0].key == "bike-repairs"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"en_title": ""}, "en_title"),
        ({"en_text": "<script>alert(1)</script>"}, "en_text"),
        ({"zh_title": "长" * 201}, "zh_title"),
        ({"en_questions": "w" * 301}, "en_questions"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({f"{tag}_{part}": "" for tag in ("en", "zh") for part in ("title", "text", "questions", "spoken")}, "status"),
    ],
)
def test_mistake_is_shown_at_its_field_and_changes_nothing(
    owner: Client, returns: Article, changes: dict[str, str], field: str
) -> None:
    answer = owner.post(change_page(returns), form_of(returns, **changes))
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert returns.versions.count() == 1


def test_second_editor_does_not_overwrite_the_first(owner: Client, returns: Article) -> None:
    stale = form_of(returns, en_text="Written by the slow one.")
    write(returns, {"en": TextData("Returns", "Written by the quick one.")})
    answer = owner.post(change_page(returns), stale)
    assert "Somebody changed this article" in answer.content.decode()
    assert returns.texts.get(language="en").text == "Written by the quick one."


def test_language_whose_fields_are_emptied_is_removed(owner: Client, returns: Article) -> None:
    empty = {f"zh_{part}": "" for part in ("title", "text", "questions", "spoken")}
    owner.post(change_page(returns), form_of(returns, **empty))
    assert list(returns.texts.values_list("language", flat=True)) == ["en"]
    assert search("退货政策", ["shop"], language="zh") == []


def test_publish_and_unpublish_from_the_list(owner: Client, returns: Article) -> None:
    for action, status in (("unpublish", "draft"), ("publish", "published")):
        owner.post(reverse(LIST), {"action": action, "_selected_action": [str(returns.pk)]})
        returns.refresh_from_db()
        assert returns.status == status
    assert [version.note for version in returns.versions.all()[:2]] == ["published", "unpublished"]


def test_history_shows_what_changed_and_restores_it(owner: Client, returns: Article) -> None:
    owner.post(change_page(returns), form_of(returns, en_text="You have sixty days.", zh_text="现在 60 天内可以退货。"))
    address = reverse("admin:csbot_kb_article_history", args=(returns.pk,))
    page = owner.get(address).content.decode()
    assert "<ins>" in page
    assert "<del>" in page
    assert "dora" in page
    restore = reverse("admin:csbot_kb_article_restore", args=(returns.pk, 1))
    assert owner.get(restore).status_code == 405
    owner.post(restore)
    assert "30 days" in returns.texts.get(language="en").text
    assert returns.versions.first().note == "version 1 restored"


def test_imported_draft_is_used_or_dismissed(owner: Client, returns: Article) -> None:
    write(returns, {"en": TextData("Returns", "A person says 99 days.")})
    import_articles("shop", newer("Pack says 45 days."), source="pack")
    page = owner.get(change_page(returns)).content.decode()
    assert "A newer text came from pack" in page
    assert "Pack says 45 days." in page
    owner.post(reverse("admin:csbot_kb_article_proposal", args=(Proposal.objects.get().pk,)), {"use": "1"})
    assert returns.texts.get(language="en").text == "Pack says 45 days."


def test_try_page_answers_as_the_bot_would(owner: Client, shop: Collection) -> None:
    address = reverse("admin:csbot_kb_article_try")
    assert owner.get(address).status_code == 200
    page = owner.get(address, {"q": "how much is delivery", "language": "en"}).content.decode()
    assert "Shipping costs" in page
    assert '<a href="https://shop.example/shipping"' in page
    assert "See our page." in page
    assert "wording" in page
    assert (
        "credit limit"
        not in owner.get(address, {"q": "credit limit", "language": "en"}).content.decode().split("</form>")[-1]
    )
    assert (
        "Your credit limit"
        in owner.get(address, {"q": "credit limit", "language": "en", "audience": "verified"}).content.decode()
    )
    assert "运费" in owner.get(address, {"q": "运费多少", "language": "zh", "collection": ["shop"]}).content.decode()
    assert owner.get(address, {"q": "", "language": "xx"}).status_code == 200


def test_gap_becomes_a_draft_article_once(owner: Client, shop: Collection) -> None:
    near = search("gift", ["shop"], language="en")
    gap = record_gap("Do you repair bikes?", collections=["shop"], language="en", reason="low_score", near=near)
    page = owner.get(reverse("admin:csbot_kb_gap_change", args=(gap.pk,))).content.decode()
    assert "Draft an article from this gap" in page
    assert "Gift cards" in page
    for _again in range(2):
        answer = owner.post(reverse("admin:csbot_kb_gap_draft", args=(gap.pk,)))
    gap.refresh_from_db()
    assert gap.article is not None
    assert answer["Location"] == change_page(gap.article)
    assert (gap.status, gap.article.status) == ("drafted", "draft")
    assert gap.article.texts.get().questions == ["Do you repair bikes?"]
    assert Article.objects.count() == 5
    owner.post(change_page(gap.article), form_of(gap.article, status="published", en_text="Yes, we do."))
    gap.refresh_from_db()
    assert gap.status == "answered"
    assert Gap.objects.count() == 1


def test_gap_list_dismisses(owner: Client, db: None) -> None:
    gap = record_gap("Do you repair bikes?", collections=[], language="en", reason="x")
    owner.post(reverse("admin:csbot_kb_gap_changelist"), {"action": "dismiss", "_selected_action": [gap.pk]})
    gap.refresh_from_db()
    assert gap.status == "dismissed"


def test_who_may_only_look_changes_nothing(client: Client, returns: Article) -> None:
    bo = User.objects.create_user("bo", is_staff=True)
    bo.user_permissions.add(Permission.objects.get(codename="view_article"))
    client.force_login(bo)
    assert client.get(change_page(returns)).status_code == 200
    assert client.post(reverse("admin:csbot_kb_article_restore", args=(returns.pk, 1))).status_code == 403
    assert client.post(change_page(returns), form_of(returns, en_text="Mine now.")).status_code == 403
    gap = record_gap("Bikes?", collections=["shop"], language="en", reason="x")
    assert client.post(reverse("admin:csbot_kb_gap_draft", args=(gap.pk,))).status_code == 403


def test_outsider_sees_none_of_it(client: Client, returns: Article) -> None:
    for address in (reverse(LIST), change_page(returns), reverse("admin:csbot_kb_article_try")):
        assert client.get(address).status_code == 302


def test_pages_speak_chinese(owner: Client, returns: Article, settings: Any) -> None:
    owner.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    write(returns, {"en": TextData("Returns", "60 days.")})
    assert "机器人会怎么回答" in owner.get(reverse("admin:csbot_kb_article_try")).content.decode()
    page = owner.get(change_page(returns)).content.decode()
    assert "已过时" in page
    assert "其他说法" in page


def test_every_page_is_free_of_inline_scripts_and_styles(owner: Client, returns: Article) -> None:
    gap = record_gap("Bikes?", collections=["shop"], language="en", reason="x")
    for address in (
        reverse(LIST), change_page(returns), reverse("admin:csbot_kb_article_try") + "?q=returns&language=en",
        reverse("admin:csbot_kb_article_history", args=(returns.pk,)),
        reverse("admin:csbot_kb_gap_change", args=(gap.pk,)),
        reverse("admin:csbot_kb_collection_change", args=(returns.collection_id,)),
    ):  # fmt: skip
        page = owner.get(address).content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick=" not in page
        assert "<script>" not in page
