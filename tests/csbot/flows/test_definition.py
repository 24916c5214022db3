"""A flow with a mistake says which file, which line, and what is wrong."""

import pytest

from csbot.flows.definition import Surroundings, parse
from csbot.located import LocatedError

SURROUNDINGS = Surroundings(slot_types=["text", "order_number"], wordings={"ask", "done"})
GOOD = """
flow: greet
title: {en: Greet}
slots:
  who: {type: text, ask: ask}
steps:
  - collect: who
  - label: finish
    say: done
  - end
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(LocatedError) as caught:
        parse(text, "flows/greet.yaml", SURROUNDINGS)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_flow_is_typed_data() -> None:
    flow = parse(GOOD, "flows/greet.yaml", SURROUNDINGS)
    assert (flow.key, len(flow.steps), flow.labels) == ("greet", 3, {"finish": 1})


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ("type: text", "type: txet", 5, "unknown type 'txet'"),
        ("collect: who", "collect: whom", 7, "no slot 'whom'"),
        ("say: done", "say: dnoe", 9, "no wording 'dnoe'"),
        ("say: done", "goto: nowhere", 9, "no label 'nowhere'"),
        ("say: done", "act: shop.fly", 9, "no action 'shop.fly'"),
        ("say: done", "act: shop.find_order", 8, "needs the argument 'number'"),
        ("collect: who", "colect: who", 7, "no kind of step"),
        ("flow: greet", "flwo: greet", 2, "'flwo' is not a part of a flow"),
        ("title: {en: Greet}", "title: {en: Greet", 4, "expected"),
    ],
)
def test_a_mistake_is_named_with_its_line(before: str, after: str, line: int, what: str) -> None:
    found = mistakes(GOOD.replace(before, after))
    assert any(f"flows/greet.yaml, line {line}:" in problem and what in problem for problem in found), found


def test_an_action_that_needs_proof_needs_a_verify_step_before_it() -> None:
    text = GOOD.replace("say: done", "act: shop.find_order\n    with: {number: who}")
    assert "no verify step stands before it" in mistakes(text)[0]


def test_every_mistake_is_listed_at_once() -> None:
    assert len(mistakes(GOOD.replace("type: text", "type: txet").replace("say: done", "say: dnoe"))) == 2


def test_tags_that_would_build_objects_and_aliases_are_refused() -> None:
    assert mistakes("flow: !!python/object/apply:os.system [ls]")
    assert "alias" in mistakes("flow: &a x\ntitle: *a")[0]
