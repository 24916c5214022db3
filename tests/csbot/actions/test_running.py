"""What a flow may do in the business: at the assurance it needs, once, and always with an answer."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest

from csbot.actions import registry
from csbot.actions.journal import Superseded
from csbot.actions.registry import ActionFailed, Call, Outcome, UnknownAction, action
from csbot.actions.running import FAILED, NOT_ALLOWED, perform
from csbot.messages import Assurance


class Book:
    """A journal that runs what it is given, and remembers under which step."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str, dict[str, Any]]] = []

    def run(self, step: str, action: str, arguments: Mapping[str, Any], call: Callable[[str], Any]) -> Any:
        self.steps.append((step, action, dict(arguments)))
        return call("the-key")


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Call, str]]:
    """Four actions of a library, and what was asked of them."""
    monkeypatch.setattr(registry, "_actions", dict(registry._actions))
    asked: list[tuple[Call, str]] = []

    @action("library.renew", assurance=Assurance.VERIFIED, outcomes=("renewed",))
    def renew(call: Call, book: str, weeks: int = 3) -> Outcome:
        asked.append((call, book))
        return Outcome("renewed", {"weeks": weeks})

    @action("library.find", assurance=Assurance.CLAIMED, outcomes=("found",), reads=True)
    def find(call: Call, book: str) -> Outcome:
        asked.append((call, book))
        return Outcome("found")

    @action("library.odd", outcomes=("done",))
    def odd(call: Call, how: str) -> Outcome:
        if how == "raises":
            raise ZeroDivisionError
        if how == "fails":
            raise ActionFailed("the library is closed")
        if how == "superseded":
            raise Superseded("a person took over")
        return Outcome(how)

    return asked


def who(assurance: Assurance) -> Call:
    return Call("", uuid4(), "brand", "en", assurance, "ada", "")


@pytest.mark.parametrize(
    ("name", "assurance", "allowed"),
    [
        ("library.renew", Assurance.ANONYMOUS, False),
        ("library.renew", Assurance.CLAIMED, False),
        ("library.renew", Assurance.VERIFIED, True),
        ("library.find", Assurance.ANONYMOUS, False),
        ("library.find", Assurance.CLAIMED, True),
        ("library.find", Assurance.VERIFIED, True),
    ],
)
def test_an_action_runs_only_at_the_assurance_it_asks_for(
    calls: list[tuple[Call, str]], book: Book, name: str, assurance: Assurance, allowed: bool
) -> None:
    outcome = perform(registry.get(name), who(assurance), {"book": "Emma"}, journal=book, step="s")
    assert (outcome.name != NOT_ALLOWED) is allowed
    assert bool(calls) is allowed
    assert allowed or not book.steps


def test_what_changes_something_goes_through_the_journal_and_knows_its_key(
    calls: list[tuple[Call, str]], book: Book
) -> None:
    outcome = perform(
        registry.get("library.renew"), who(Assurance.VERIFIED), {"book": "Emma"}, journal=book, step="renew.2"
    )
    assert (outcome.name, outcome.values) == ("renewed", {"weeks": 3})
    assert book.steps == [("renew.2", "library.renew", {"book": "Emma"})]
    assert calls[0][0].key == "the-key" and calls[0][0].subject == "ada"


def test_what_only_reads_needs_no_journal(calls: list[tuple[Call, str]], book: Book) -> None:
    perform(registry.get("library.find"), who(Assurance.VERIFIED), {"book": "Emma"}, journal=book, step="s")
    assert calls and not book.steps


@pytest.mark.parametrize(
    "arguments", [{}, {"book": 7}, {"book": "Emma", "weeks": "three"}, {"book": "Emma", "colour": "red"}]
)
def test_wrong_arguments_are_a_failure_and_ask_nothing_of_the_business(
    calls: list[tuple[Call, str]], book: Book, arguments: dict[str, Any]
) -> None:
    outcome = perform(registry.get("library.renew"), who(Assurance.VERIFIED), arguments, journal=book, step="s")
    assert outcome.name == FAILED and "library.renew" in outcome.values["reason"]
    assert not calls and not book.steps


@pytest.mark.parametrize("how", ["raises", "fails", "an outcome it never declared"])
def test_whatever_the_business_does_there_is_an_answer(
    calls: list[tuple[Call, str]], book: Book, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = perform(registry.get("library.odd"), who(Assurance.ANONYMOUS), {"how": how}, journal=book, step="s")
    assert outcome.name == FAILED
    assert "library.odd" in caplog.text


def test_turn_that_is_over_is_not_mistaken_for_a_failed_action(calls: list[tuple[Call, str]], book: Book) -> None:
    with pytest.raises(Superseded):
        perform(registry.get("library.odd"), who(Assurance.ANONYMOUS), {"how": "superseded"}, journal=book, step="s")


def test_unknown_action_is_named_with_those_there_are(calls: list[tuple[Call, str]]) -> None:
    with pytest.raises(UnknownAction, match=r"library\.lend.*library\.find"):
        registry.get("library.lend")
