"""What happens without a word of the customer's: silence, timers, an action that has come to its end."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from csbot import conversations, sweeper, turns
from csbot.actions import registry
from csbot.actions.registry import ActionFailed, Call, Outcome
from csbot.conversations import happen
from csbot.demo.models import Return
from csbot.entries import lock
from csbot.messages import Happening
from csbot.models import Conversation, Delivery, Timer
from csbot.testing import Chat, Reply


def happens(chat: Chat, what: Happening, detail: dict[str, Any] | None = None) -> Reply:
    with transaction.atomic():
        happen(lock(chat.conversation.pk), what, detail)
    return chat.collect()


def timer(chat: Chat, kind: str) -> Reply:
    """A timer of this kind comes due, and the sweeper finds it."""
    Timer.objects.create(conversation=chat.conversation, kind=kind, due_at=timezone.now() - timedelta(seconds=1))
    sweeper.fire_due_timers()
    return chat.collect()


@pytest.mark.parametrize("silent", [lambda chat: happens(chat, Happening.SILENCE), lambda chat: timer(chat, "silence")])
def test_silence_is_asked_about_once_and_ends_the_conversation_the_second_time(
    visitor: Chat, silent: Callable[[Chat], Reply]
) -> None:
    visitor.say("hello")
    asked = silent(visitor)
    assert asked.text == "Are you still there? Take your time, I'll wait."
    assert "Talk to a person" in asked.buttons
    ended = silent(visitor)
    assert "Write again whenever you like" in ended.text
    assert ended.statuses == ["closed"]


def test_who_speaks_after_a_silence_has_not_been_silent(visitor: Chat) -> None:
    visitor.say("hello")
    happens(visitor, Happening.SILENCE)
    visitor.say("what is your return policy")
    assert happens(visitor, Happening.SILENCE).statuses == []
    assert visitor.conversation.status == Conversation.Status.OPEN


def test_silence_in_a_task_loses_nothing_of_it(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    happens(ada, Happening.SILENCE)
    assert "Linen shirt" in ada.say("My order number is 12345 and I would like to return a shirt.").text


def test_timer_that_nothing_waits_for_is_passed_over_in_silence_and_goes_into_the_trace(visitor: Chat) -> None:
    visitor.say("hello")
    reply = timer(visitor, "of-an-extension")
    assert (reply.messages, reply.statuses) == ([], [])
    assert reply.trace is not None and "timer" in reply.trace.summary
    assert not Timer.objects.exists()


def test_timer_of_a_conversation_that_a_person_holds_says_nothing(visitor: Chat, bo: Any) -> None:
    visitor.say("hello")
    conversations.take(visitor.conversation.pk, bo)
    assert timer(visitor, "silence").messages == []


def test_action_that_finished_goes_on_with_the_question_that_is_open_and_acts_on_nothing(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    again = happens(ada, Happening.ACTION_FINISHED)
    assert again.buttons == ["Yes", "No"] and "Linen shirt" in again.text
    assert not Return.objects.filter(order="12345").exists()
    assert "R12345" in ada.say("yes").text


def test_action_that_finished_when_no_task_is_open_says_nothing(visitor: Chat) -> None:
    visitor.say("hello")
    assert happens(visitor, Happening.ACTION_FINISHED).messages == []


@pytest.fixture
def business_is_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """`shop.start_return` fails, until what the fixture gives is called."""
    working = registry.get("shop.start_return")

    def away(call: Call, number: str, items: list[str]) -> Outcome:
        raise ActionFailed("timeout")

    monkeypatch.setitem(registry._actions, "shop.start_return", replace(working, run=away))
    return lambda: monkeypatch.setitem(registry._actions, "shop.start_return", working)


def confirmed(ada: Chat) -> Reply:
    ada.say("Can I return an item I bought online?")
    ada.say("My order number is 12345 and I would like to return a shirt.")
    return ada.say("yes")


@pytest.mark.parametrize("words", ["yes", "yes, once more", "try again please", "Retry"])
def test_failed_action_is_said_plainly_and_tried_again_on_demand(
    ada: Chat, business_is_away: Callable[[], None], words: str
) -> None:
    failed = confirmed(ada)
    assert failed.buttons == ["Try again", "Talk to a person"]
    assert not Delivery.objects.exists() and not Return.objects.filter(order="12345").exists()
    still = ada.press("Try again")
    assert still.buttons == ["Try again", "Talk to a person"]
    business_is_away()
    assert "R12345" in ada.say(words).text
    assert Return.objects.filter(order="12345").count() == 1
    assert Delivery.objects.count() == 1


def test_question_in_between_leaves_the_second_try_open(ada: Chat, business_is_away: Callable[[], None]) -> None:
    confirmed(ada)
    answer = ada.say("what does shipping cost?")
    assert answer.sources and answer.messages[-1]["text"] == "Shall I try again?"
    assert answer.buttons == ["Try again", "Talk to a person"]
    business_is_away()
    assert "R12345" in ada.press("Try again").text


def test_action_that_finished_is_no_leave_to_try_another_again(ada: Chat, business_is_away: Callable[[], None]) -> None:
    confirmed(ada)
    business_is_away()
    assert happens(ada, Happening.ACTION_FINISHED).text == "Shall I try again?"
    assert not Return.objects.filter(order="12345").exists()


def test_failed_action_is_given_up_on_a_no(ada: Chat, business_is_away: Callable[[], None]) -> None:
    confirmed(ada)
    ada.say("no")
    assert ada.conversation.state.get("stack") in (None, [])
    assert not Return.objects.filter(order="12345").exists()


def test_agent_sees_what_failed(ada: Chat, business_is_away: Callable[[], None], bo: Any) -> None:
    confirmed(ada)
    ada.press("Talk to a person")
    assert "timeout" in str(ada.conversation.handoffs.get().summary)


def test_long_answer_comes_in_parts_and_its_source_once(visitor: Chat, settings: Any) -> None:
    whole = visitor.say("what is your return policy").text
    settings.CSBOT_REPLY_CHARACTERS = {"chat": 120, "spoken": 120}
    parts = Chat("shop", language="en").say("what is your return policy")
    assert len(parts.messages) > 1
    assert all(len(message["text"]) <= 120 for message in parts.messages)
    assert parts.text.split() == whole.split()
    assert len(parts.sources) == 1


def test_whatever_comes_between_a_code_and_its_question_the_code_is_never_written(visitor: Chat) -> None:
    visitor.say("where is my order")
    visitor.say("12345")
    visitor.press("Send me a code")
    code = re.search(r"\d{6}", Delivery.objects.get().payload["body"])
    assert code
    happens(visitor, Happening.SILENCE)
    visitor.say("one moment please")
    visitor.say("what does shipping cost?")
    assert "was delivered on" in visitor.say(code.group()).text
    assert not visitor.conversation.entries.filter(text__contains=code.group()).exists()
    assert code.group() not in str(visitor.conversation.state)


def test_conversation_of_an_earlier_release_goes_on(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    state = {**ada.conversation.state, "proof_tries": 1, "a_field_of_then": 3}
    Conversation.objects.filter(pk=ada.conversation.pk).update(state=state)
    assert "Linen shirt" in ada.say("12345, the shirt").text


def test_conversation_whose_state_nobody_can_read_begins_anew_and_is_answered(ada: Chat) -> None:
    ada.say("Can I return an item I bought online?")
    Conversation.objects.filter(pk=ada.conversation.pk).update(state={"schema": 1, "stack": [{"step": 1}]})
    assert "30 days" in ada.say("what is your return policy").text
    assert turns.claim(ada.conversation.pk) is None
