"""Nothing leaves that is somebody else's or not this bot's to say."""

from types import SimpleNamespace
from typing import Any

import pytest

from csbot.dialogue.decision import Say
from csbot.dialogue.guarding import forbidden, unsupported
from csbot.messages import Assurance, Outbound


def turn(assurance: Assurance = Assurance.ANONYMOUS, subject: str = "") -> Any:
    return SimpleNamespace(bot=SimpleNamespace(collections=("shop",)), assurance=assurance, subject=subject)


@pytest.mark.parametrize(
    ("assurance", "subject", "said"),
    [
        (Assurance.VERIFIED, "ada", True),
        (Assurance.VERIFIED, "", False),
        (Assurance.CLAIMED, "ada", False),
        (Assurance.ANONYMOUS, "", False),
    ],
)
def test_what_an_action_told_is_said_to_a_proven_customer_only(assurance: Assurance, subject: str, said: bool) -> None:
    assert (unsupported(turn(assurance, subject), Say("order.status", personal=True)) == "") is said
    assert unsupported(turn(assurance, subject), Say("greeting")) == ""


@pytest.mark.parametrize(("collection", "said"), [("shop", True), ("another-brands", False)])
def test_an_article_is_said_by_a_bot_that_reads_its_collection_only(collection: str, said: bool) -> None:
    hit: Any = SimpleNamespace(collection=collection, key="returns")
    assert (unsupported(turn(), Say(hit=hit)) == "") is said


def test_a_forbidden_phrase_is_found_in_what_is_read_and_what_is_heard(settings: Any) -> None:
    settings.CSBOT_FORBIDDEN_PHRASES = ("Money Back",)
    assert forbidden(Outbound("We give your money back."))
    assert forbidden(Outbound("Fine.", spoken="Your MONEY BACK."))
    assert not forbidden(Outbound("We give you a voucher."))
