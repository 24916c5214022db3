"""Who may open the staff page, and what each sees there."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client

from csbot.conversations import Refused
from csbot.desk import lists, work
from csbot.desk.sessions import same_origin
from csbot.handoff import rights
from csbot.models import Conversation, Membership, Queue
from tests.csbot.staff import Shop, open_shop


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def waiting(user: User) -> list[str]:
    return [row["conversation"] for row in lists.snapshot(user, "en")["waiting"]]


def test_an_agent_opens_the_staff_page(shop: Shop) -> None:
    page = client_of(shop.bo).get("/csbot/desk/")
    assert page.status_code == 200
    assert b"csbot/desk" in page.content


def test_a_member_of_staff_without_a_role_does_not(shop: Shop) -> None:
    assert client_of(shop.cy).get("/csbot/desk/").status_code == 403


def test_a_content_owner_does_not(shop: Shop) -> None:
    Membership.objects.create(user=shop.cy, brand=shop.brand, role=Membership.Role.CONTENT)
    assert client_of(shop.cy).get("/csbot/desk/").status_code == 403


def test_a_stranger_is_asked_to_log_in(shop: Shop) -> None:
    page = Client().get("/csbot/desk/")
    assert page.status_code == 302
    assert page["Location"].startswith("/login/")


def test_an_agent_sees_only_the_queues_they_belong_to(shop: Shop) -> None:
    returns = Queue.objects.create(brand=shop.brand, key="returns", names={"en": "Returns"}, topics=["returns"])
    returns.members.add(shop.di)
    general, special = shop.ada_writes("ada"), shop.ada_writes("eve")
    shop.waits(general)
    shop.waits(special, topic="returns")
    assert waiting(shop.bo) == [str(general.pk)]
    assert waiting(shop.di) == [str(general.pk), str(special.pk)]


def test_belonging_to_a_queue_is_not_enough_without_a_role_at_the_brand(shop: Shop) -> None:
    shop.queue.members.add(shop.cy)
    shop.waits(shop.ada_writes())
    assert waiting(shop.cy) == []


def test_a_manager_sees_the_whole_brand_and_no_other(shop: Shop) -> None:
    other = open_shop("globex")
    mine, theirs = shop.ada_writes(), other.ada_writes()
    shop.waits(mine)
    other.waits(theirs)
    assert waiting(shop.mo) == [str(mine.pk)]
    assert not rights.may_see(shop.mo, theirs)


def test_a_superuser_sees_everything(shop: Shop) -> None:
    other = open_shop("globex")
    shop.waits(shop.ada_writes())
    other.waits(other.ada_writes())
    assert len(waiting(User.objects.create_superuser("root"))) == 2


def test_a_superuser_who_was_switched_off_sees_nothing(shop: Shop) -> None:
    shop.waits(shop.ada_writes())
    assert waiting(User.objects.create_superuser("root", is_active=False)) == []


def test_nobody_at_all_sees_nothing(shop: Shop) -> None:
    conversation = shop.ada_writes()
    assert not rights.may_see(AnonymousUser(), conversation)
    assert not rights.may_see(shop.cy, conversation)


def test_a_conversation_nobody_handed_over_is_the_managers_only(shop: Shop) -> None:
    conversation = shop.ada_writes()
    assert rights.may_see(shop.mo, conversation)
    assert not rights.may_see(shop.bo, conversation)


@pytest.mark.parametrize("action", ["take", "note", "say", "hand_back", "close", "requeue", "read"])
def test_cy_the_outsider_cannot_tell_a_conversation_from_none(shop: Shop, action: str) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    more: dict[str, tuple[Any, ...]] = {
        "note": ("hi",), "say": ("hi", (), ""), "hand_back": ("",), "close": ("resolved",), "requeue": (None,),
        "read": (1,),
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        getattr(work, action)(shop.cy, conversation.pk, *more.get(action, ()))
    assert refused.value.code == "unknown_conversation"
    assert Conversation.objects.get(pk=conversation.pk).last_seq == 1


@pytest.mark.parametrize("action", ["say", "hand_back", "close", "requeue"])
def test_only_the_holder_speaks_closes_and_gives_back(shop: Shop, action: str) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    more: dict[str, tuple[Any, ...]] = {
        "say": ("hi", (), ""), "hand_back": ("",), "close": ("resolved",), "requeue": (None,),
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        getattr(work, action)(shop.di, conversation.pk, *more[action])
    assert refused.value.code == "not_yours"


def test_files_are_uploaded_by_the_holder_only(shop: Shop) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)

    def put(user: User) -> int:
        file = SimpleUploadedFile("label.txt", b"Return label")
        return client_of(user).post(f"/csbot/desk/{conversation.pk}/upload", {"file": file}).status_code

    assert put(shop.bo) == 201
    assert put(shop.di) == 404
    assert put(shop.cy) == 404


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("https://localhost", "localhost:443", True),
        ("http://LOCALHOST:8000", "localhost:8000", True),
        ("http://localhost:9000", "localhost:8000", False),
        ("https://shop.example", "localhost:8000", False),
        ("http://localhost:8000.evil.example", "localhost:8000", False),
        ("http://evil@localhost:8000", "localhost:8000", False),
        ("null", "localhost:8000", False),
        ("", "localhost:8000", False),
        ("http://evil.example", "evil.example", False),
        ("http://[::1", "localhost", False),
    ],
)
def test_the_staff_socket_opens_from_this_sites_own_pages_only(origin: str, host: str, same: bool) -> None:
    assert same_origin({b"origin": origin.encode(), b"host": host.encode()}) is same


def test_words_for_scripts_are_data_not_code(shop: Shop) -> None:
    page = client_of(shop.bo).get("/csbot/desk/").content.decode()
    data = page.split('type="application/json">')[1].split("</script>")[0]
    assert json.loads(data)["words"]["take"] == "Take"
    assert "<script>" not in page


def test_a_conversation_is_passed_on_within_its_brand_only(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    other, unused = open_shop("elsewhere").queue, Queue.objects.create(brand=shop.brand, key="old", enabled=False)
    for queue in (other.pk, unused.pk, 10**9):
        with pytest.raises(Refused) as refusal:
            work.requeue(shop.bo, conversation.pk, queue)
        assert refusal.value.code == "unknown_queue"
    work.requeue(shop.bo, conversation.pk, shop.queue.pk)
    assert Conversation.objects.get(pk=conversation.pk).agent is None


def test_a_conversation_is_closed_with_an_outcome_that_there_is(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    with pytest.raises(Refused) as refusal:
        work.close(shop.bo, conversation.pk, "fine")
    assert refusal.value.code == "bad_outcome" and "resolved" in str(refusal.value)
    assert Conversation.objects.get(pk=conversation.pk).status == "open"


def test_looking_on_is_no_reading(shop: Shop) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    marks = conversation.entries.filter(kind="read")
    work.read(shop.mo, conversation.pk, 1)
    assert not marks.exists()
    work.read(shop.bo, conversation.pk, 1)
    assert marks.exists()
