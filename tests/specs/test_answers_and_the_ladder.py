"""Questions are answered from the knowledge base; follow-ups lean on the answer; nothing is made up."""

from csbot.models import Brand
from csbot.packs.loading import load
from csbot.testing import Chat
from kb.models import Gap


def test_return_policy_is_answered_in_chinese_and_the_follow_up_leans_on_it(lin: Chat) -> None:
    answer = lin.say("我想咨询一下产品的退货政策?")
    assert "30 天" in answer.text and answer.sources[0]["title"] == "退货政策"
    follow_up = lin.say("那邮费谁付?")
    assert follow_up.sources[0]["title"] == "退货邮费由谁承担"


def test_trace_begins_with_one_plain_sentence(visitor: Chat) -> None:
    trace = visitor.say("What is your return policy?").trace
    assert trace is not None
    assert trace.summary.startswith("Answered from *Returns* (0.")
    assert {"screen", "understand", "track", "decide", "respond", "guard"} <= {stage["stage"] for stage in trace.stages}


def test_greeting_says_that_it_is_a_bot_and_offers_three_topics(visitor: Chat) -> None:
    opened = visitor.open()
    assert "bot" in opened.text and len(opened.buttons) == 3


def test_pressing_a_topic_starts_its_flow(visitor: Chat) -> None:
    visitor.open()
    assert visitor.press("Return an item").facts["flow"] == "return_item"


def test_what_nothing_answers_climbs_the_ladder_to_a_person_and_is_a_gap(bo: object, visitor: Chat) -> None:
    said = [visitor.say(text) for text in ("glorp the zibber", "frotz my quux", "quux and zibber")]
    assert all(not reply.sources for reply in said)
    assert said[-1].statuses == ["queued"]
    assert Gap.objects.filter(question="glorp the zibber").exists()


def test_traces_hold_nothing_personal(visitor: Chat) -> None:
    trace = visitor.say("my e-mail is eve@example.org, what is your return policy?").trace
    assert trace is not None
    assert "eve@example.org" not in f"{trace.summary}{trace.stages}"


def test_question_of_another_brand_finds_nothing_here(visitor: Chat) -> None:
    from csbot.models import Bot, Inbox

    other = Brand.objects.create(key="other", name="Other")
    bot = Bot.objects.create(brand=other, key="other", name="Other", languages=["en"])
    Inbox.objects.create(brand=other, bot=bot, key="other", name="Other")
    answer = Chat("other", language="en").say("What is your return policy?")
    assert not answer.sources and answer.facts["decision"] == "clarify"


def test_pack_loaded_twice_is_the_same_pack() -> None:
    assert len(load("shop").lines) == 2  # the count and the articles: nothing is new


def test_can_you_do_lists_what_it_can(visitor: Chat) -> None:
    answer = visitor.say("what can you do?")
    assert "return an item you bought" in answer.text and len(answer.buttons) == 6


def test_several_messages_are_one_turn(visitor: Chat) -> None:
    visitor.open()
    assert "order number" in visitor.say("hello\nI want to return something").text
