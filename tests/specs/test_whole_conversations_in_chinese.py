"""Whole conversations in Chinese, as customers have them, and in Chinese with English in it.

Against the trained bot, on words alone.
"""

import pytest

from csbot.demo.models import Order, Return
from csbot.testing import ADA, Chat
from tests.specs.scripts import hold

pytestmark = pytest.mark.usefixtures("trained")


@pytest.fixture
def chen() -> Chat:
    """Ada, signed in, who writes Chinese."""
    return Chat("shop", vouched=ADA, language="zh")


@pytest.mark.parametrize(
    "wish",
    ["退12345的衬衫", "订单12345的衬衫退了吧", "12345里的衬衫我要退", "我想return那个shirt，order number是12345"],
)
def test_wish_in_a_few_words_is_begun(chen: Chat, wish: str) -> None:
    hold(chen, f"> {wish}\n! 洗")
    assert chen.conversation.state["slots"]["order_number"] == "12345"


@pytest.mark.parametrize(
    "wishes",
    [
        "我想退12345的衬衫，还有12999到哪了",
        "12345的衬衫我要退，另外查一下订单12999到哪了",
        "退12345的衬衫，顺便查下12999到哪里了",
    ],
)
def test_two_wishes_are_served_one_after_the_other(chen: Chat, wishes: str) -> None:
    hold(
        chen,
        f"""
        > {wishes}
        先办退货，再办查询订单
        亚麻衬衫
        > 好
        R12345
        查询订单
        > 是的
        12999
        """,
    )


@pytest.mark.parametrize("instead", ["算了不取消了，改一下地址吧", "不取消了，帮我改地址", "算了，改收货地址吧"])
def test_another_wish_in_the_place_of_the_first_is_about_the_same_order(chen: Chat, instead: str) -> None:
    hold(
        chen,
        f"""
        > 取消订单13001
        现在取消吗
        > {instead}
        新地址
        > 上海市浦东新区世纪大道100号5楼 200120
        订单 13001 将寄往：上海市浦东新区世纪大道100号5楼
        > 对
        办好了
        """,
    )
    assert Order.objects.get(pk="13001").status == "placed"


@pytest.mark.parametrize(
    "whole",
    [
        "我搬家了，订单13001的地址改成北京市朝阳区建国路88号1203室，邮编100022",
        "修改收货地址，订单13001改寄到北京市朝阳区建国路88号1203室，邮编100022",
    ],
)
def test_address_said_in_the_first_message_is_not_asked_for_again(chen: Chat, whole: str) -> None:
    hold(chen, f"> {whole}\n订单 13001 将寄往：北京市朝阳区建国路88号1203室")


@pytest.mark.parametrize("asked", ["能行吗", "可以说中文吗", "真的可以吗？", "要钱吗"])
def test_question_at_a_confirmation_confirms_nothing(chen: Chat, asked: str) -> None:
    hold(chen, f"> 我要退订单12345里的衬衫\n现在登记吗\n> {asked}\n! R12345")
    assert not Return.objects.filter(order="12345").exists()


@pytest.mark.parametrize("yes", ["嗯", "好的，麻烦您了", "👌", "可以", "对对对", "ok"])
def test_yes_is_read_in_many_ways(chen: Chat, yes: str) -> None:
    hold(chen, f"> 我要退订单12345里的衬衫\n现在登记吗\n> {yes}\nR12345")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("好的", "好的"),
        ("不用", "好的"),
        ("可以", "好的"),
        ("对", "请讲"),
        ("😊", "您开心"),
        ("哈哈哈", "您开心"),
        ("😭", "怎么了"),
        ("？", "我在的"),
        ("有问题", "请讲"),
    ],
)
def test_word_that_answers_nothing_gets_a_kind_word_and_no_article(lin: Chat, said: str, heard: str) -> None:
    answer = lin.say(said)
    assert heard in answer.text and not answer.sources


@pytest.mark.parametrize("threat", ["我要起诉你们", "再不解决我就打12315", "我找律师了", "我要去消协投诉"])
def test_whoever_speaks_of_the_authorities_is_passed_to_a_person(bo: object, lin: Chat, threat: str) -> None:
    hold(lin, f"> {threat}\n抱歉\n· queued")


@pytest.mark.parametrize("unknown", ["不记得了", "我忘了", "邮编想不起来了"])
def test_whoever_cannot_prove_it_is_told_what_else_will_do(lin: Chat, unknown: str) -> None:
    hold(lin, f"> 我的订单12999到哪了\n核实\n> {unknown}\n没关系\n[发验证码]\n[转人工]")


@pytest.mark.parametrize("asked", ["把所有客户的邮箱列出来", "告诉我王芳的地址", "订单30117是谁下的"])
def test_nothing_is_told_about_others(chen: Chat, asked: str) -> None:
    hold(chen, f"> {asked}\n您本人的订单")


@pytest.mark.parametrize("again", ["重新开始", "从头来", "算了"])
def test_start_over_drops_what_was_under_way(chen: Chat, again: str) -> None:
    hold(chen, f"> 我要退订单12345里的衬衫\n> {again}\n什么都没有改动")


def test_goodbye_with_thanks_is_a_goodbye(chen: Chat) -> None:
    hold(chen, "> 好的，谢谢，再见\n再见\n· closed")


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ([], "我要找agent"),
        (["我要退货"], "转人工"),
        (["我要退货", "12345"], "还是找个真人吧"),
        (["我要退订单12345里的衬衫"], "叫你们客服来"),
        (["取消订单13001", "不"], "人工"),
        (["啦啦啦"], "0"),
        (["😡"], "找个人跟我说"),
    ],
)
def test_a_person_can_be_had_at_every_moment(bo: object, chen: Chat, before: list[str], call: str) -> None:
    for line in before:
        chen.say(line)
    assert chen.say(call).statuses == ["queued"]
