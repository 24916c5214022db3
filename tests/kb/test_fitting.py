"""Weights learnt from questions whose answers are known."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kb.importers.articles import Question
from kb.models import Collection, Weights
from kb.retrieval.fitting import fit, unaided
from kb.retrieval.fusion import Parameters, leads, shipped
from kb.retrieval.gathering import candidates
from kb.search import search

SAID = {
    "returns": ["send back", "return an item", "I want to return", "policy for returns", "give something back"],
    "shipping": ["delivery price", "shipping time", "how much to ship", "how long is delivery", "costs of shipping"],
    "gift-cards": ["gift card", "sell cards as a gift", "card valid how long", "gift cards please", "buy a gift card"],
}
NONE = ["who won the match", "weather tomorrow", "tell a joke", "book a flight", "meaning of life"]


def questions() -> list[Question]:
    known = [
        Question(text, key, "en", use)
        for key, texts in SAID.items()
        for at, text in enumerate(texts * 2)
        for use in (["check"] if at % 5 == 4 else ["fit"])
    ]
    return known + [Question(text, None, "en", use) for text in NONE for use in ("fit", "check")]


def test_fitted_weights_are_stored_and_in_force_at_the_next_question(shop: Collection) -> None:
    before = search("send back", ["shop"], language="en")[0].score
    (done,) = fit("shop", questions())
    assert done.stored
    assert done.report["fitted"]["recall_at_1"] == 1.0
    assert done.report["fitted"]["left_unanswered_rightly"] >= 0.8
    assert done.report["fitted"]["brier"] <= done.report["shipped"]["brier"] + 0.05
    assert Weights.objects.get().parameters == done.parameters.as_json()
    assert search("send back", ["shop"], language="en")[0].score != before


def test_check_questions_never_teach(shop: Collection) -> None:
    lied = [
        Question(question.text, "gift-cards", "en", "check") if question.use == "check" else question
        for question in questions()
    ]
    assert fit("shop", questions(), store=False)[0].parameters == fit("shop", lied, store=False)[0].parameters


def test_few_questions_leave_the_shipped_weights(shop: Collection) -> None:
    (done,) = fit("shop", questions()[:5])
    assert not done.stored
    assert done.parameters == shipped("en", dense=False)
    assert not Weights.objects.exists()


def test_command_reports_and_names_what_is_wrong(shop: Collection, tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(
        "".join(
            f"- {{q: {q.text!r}, article: {q.article or 'null'}, language: en, use: {q.use}}}\n" for q in questions()
        )
    )
    out = StringIO()
    call_command("csbot_kb_fit", "shop", str(path), stdout=out)
    assert "en lexical: R@1 100.0%" in out.getvalue()
    with pytest.raises(CommandError, match="no collection 'bank'"):
        call_command("csbot_kb_fit", "bank", str(path))
    path.write_text("- {q: x}\n")
    with pytest.raises(CommandError, match=r"questions\.yaml:1"):
        call_command("csbot_kb_fit", "shop", str(path))


def test_a_better_score_never_makes_a_worse_hit() -> None:
    weights = Parameters(1, 1, 1, 1, 1, bias=-3, slope=0.5, lead=0.5)
    chances = [
        weights.probability(strength / 10, lead) for strength, lead in zip(range(0, 50), range(-25, 25), strict=True)
    ]
    assert chances == sorted(chances)
    assert leads([3.0, 1.0, 2.0]) == [1.0, -2.0, -1.0]
    assert leads([3.0]) == [3.0]
    assert leads([]) == []


def test_words_are_calibrated_without_the_wording_that_a_question_may_have_inspired(shop: Collection) -> None:
    question = Question("What is your return policy?", "returns", "en", "fit")
    found = candidates(question.text, ["shop"], language="en", verified=True)
    right = next(one for one in found if one.candidate.document.key == "returns")
    sober = unaided(question, right.index, right.candidate)
    assert right.candidate.wording == pytest.approx(1.0)
    assert sober.wording < right.candidate.wording
    assert 0 < sober.lexical < right.candidate.lexical
