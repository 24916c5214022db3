"""What customers say in two words: a number alone, "ok", "and my refund?", "never mind" to nobody, 退货寄到哪里."""

from csbot.testing import Chat


def test_number_after_an_answer_asks_the_same_of_another_order(ada: Chat) -> None:
    ada.say("where is my order 54321")
    assert "11111" in ada.say("11111").text


def test_number_out_of_the_blue_is_kept_while_the_customer_says_what_for(ada: Chat) -> None:
    asked = ada.say("12345")
    assert "12345" in asked.text and "Return an item" in asked.buttons
    assert "Which item" in ada.press("Return an item").text


def test_question_that_goes_on_is_about_the_same_order(ada: Chat) -> None:
    ada.say("where is my order 54321")
    assert "54321" in ada.say("and my refund?").text


def test_number_that_the_shop_does_not_know_is_not_offered_again(ada: Chat) -> None:
    assert "99887" not in ada.say("where is my order 99887").buttons


def test_ok_after_anything_else_is_no_yes(ada: Chat) -> None:
    ada.say("where is my order 54321")
    assert "What is it?" not in ada.say("ok").text


def test_two_words_that_mean_no_mean_no(ada: Chat) -> None:
    ada.say("where is my order 54321")
    assert ada.say("nah I'm good").statuses == ["closed"]


def test_not_having_the_number_is_no_wish_to_stop(ada: Chat) -> None:
    ada.say("I want to return something")
    assert "confirmation e-mail" in ada.say("forgot it").text


def test_never_mind_with_nothing_under_way_is_taken_kindly(ada: Chat) -> None:
    ada.say("hello")
    assert ada.say("never mind").facts["decision"] == "repair"


def test_english_word_in_a_chinese_conversation_is_answered_in_chinese() -> None:
    lin = Chat("shop", language="en")  # the page is English, the customer is not
    lin.say("我要退货")
    assert "订单" in lin.say("shirt").text


def test_traditional_characters_are_read_as_simplified(lin: Chat) -> None:
    assert lin.say("運費多少錢？").sources[0]["title"] == "运费"


def test_fragment_that_the_last_article_says_nothing_of_is_not_answered_from_it(ada: Chat) -> None:
    ada.say("How much does gift wrapping cost?")
    assert all(source["title"] != "Gift wrapping" for source in ada.say("student disc?").sources)
