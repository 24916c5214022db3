"""Conversations outlive deploys: a state that an earlier release wrote is read by this one."""

from typing import Any

import pytest

from csbot.dialogue import state
from csbot.dialogue.state import DialogueState, Frame, Pending, load

BY_RELEASE_1 = {
    "schema": 1,
    "stack": [
        {
            "flow": "return_item",
            "digest": "0011223344556677",
            "step": 2,
            "slots": {"order_number": "12345"},
            "data": {},
            "asked": "items",
            "tries": 1,
            "heard": ["a shirt"],
            "acted": False,
        }
    ],
    "pending": {"kind": "resume", "data": {}},
    "ladder": 1,
    "failures": ["return_item: no answer to items"],
    "known": {"order_number": "12345"},
    "said": {"greeting": 1},
    "proof_tries": 2,  # no longer counted here
    "greeted": True,
    "language": "en",
    "slots": {"order_number": "12345"},
}


def test_state_is_read_back_as_it_was_written() -> None:
    before = DialogueState(
        stack=[Frame("a", "d", slots={"n": "1"}, asked="?confirm", acted=True), Frame("b", "e")],
        pending=Pending("choose", {"of": ["x"]}),
        said={"greeting": 2},
        silences=1,
        company=True,
    )
    assert load(before.to_json()) == before


def test_state_of_the_first_release_goes_on_where_it_stood() -> None:
    read = load(BY_RELEASE_1)
    assert read.frame is not None and (read.frame.asked, read.frame.slots) == ("items", {"order_number": "12345"})
    assert (read.pending, read.ladder, read.greeted) == (Pending("resume"), 1, True)


def test_every_earlier_schema_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "ladder": data.pop("rungs")}

    def three(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "ladder": data["ladder"] + 10}

    monkeypatch.setattr(state, "SCHEMA", 3)
    monkeypatch.setattr(state, "UPGRADES", {1: two, 2: three})
    document = {"schema": 1, "rungs": 2}
    assert load(document).ladder == 12
    assert document == {"schema": 1, "rungs": 2}
    assert load({"schema": 2, "ladder": 1}).ladder == 11
    assert load({"schema": 3, "ladder": 1}).ladder == 1
    assert load(DialogueState(ladder=5).to_json()).ladder == 5


def test_there_is_a_way_up_from_every_schema_that_was_ever_released() -> None:
    assert set(state.UPGRADES) == set(range(1, state.SCHEMA))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"schema": 99, "ladder": 3},  # of a later release, before it was rolled back
        {"schema": "new", "ladder": 3},
        {"schema": 1, "stack": [{"step": 2}]},
        {"schema": 1, "stack": [7]},
        {"schema": 1, "stack": 7},
        {"schema": 1, "pending": ["guess"]},
        {"schema": -1},
    ],
)
def test_what_cannot_be_read_begins_anew_and_fails_no_turn(document: dict[str, Any]) -> None:
    assert load(document) == DialogueState()
