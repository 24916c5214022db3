"""csbot in the admin: brand by brand, nobody sees or changes what is not theirs."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import translation

from csbot import contacts, conversations, deliveries
from csbot.handoff import presence
from csbot.models import (
    Address,
    Bot,
    Contact,
    Conversation,
    Delivery,
    Flow,
    Handoff,
    Holiday,
    Inbox,
    Intent,
    IntentExample,
    Membership,
    OpeningHours,
    Queue,
    Wording,
)
from csbot.wordings import wording
from tests.csbot.staff import Shop, open_shop

PAGES = (
    "brand",
    "inbox",
    "bot",
    "intent",
    "flow",
    "contact",
    "conversation",
    "queue",
    "handoff",
    "ticket",
    "delivery",
    "wording",
)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def mo(shop: Shop) -> Client:
    return client_of(shop.mo)


@pytest.fixture
def cora(shop: Shop) -> Client:
    user = User.objects.create_user("cora")
    Membership.objects.create(user=user, brand=shop.brand, role=Membership.Role.CONTENT)
    return client_of(user)


@pytest.fixture(params=["en", "zh-hans"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


# Rights.


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_manager_in_both_languages(shop: Shop, mo: Client, page: str, language: str) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    mo.cookies["django_language"] = language
    assert mo.get(f"/admin/csbot/{page}/").status_code == 200


@pytest.mark.parametrize("page", ["brand", "inbox", "bot", "intent", "flow", "queue"])
def test_every_form_opens_for_a_superuser(shop: Shop, page: str) -> None:
    root = client_of(User.objects.create_superuser("root"))
    assert root.get(f"/admin/csbot/{page}/add/").status_code == 200


def test_a_membership_lets_its_user_in_and_leaving_takes_the_group_away(shop: Shop) -> None:
    user = User.objects.create_user("nia")
    membership = Membership.objects.create(user=user, brand=shop.brand, role=Membership.Role.MANAGER)
    user.refresh_from_db()
    assert user.is_staff
    assert set(user.groups.values_list("name", flat=True)) == {"csbot manager"}
    membership.delete()
    assert not user.groups.exists()


def test_roles_are_groups_with_permissions_after_migrate(db: None) -> None:
    manager = Group.objects.get(name="csbot manager").permissions
    content = Group.objects.get(name="csbot content").permissions
    assert manager.filter(codename="change_queue").exists()
    assert not content.filter(codename="change_queue").exists()
    assert content.filter(codename="change_flow").exists()
    assert content.filter(content_type__app_label="csbot_kb", codename="change_article").exists()
    assert not Group.objects.get(name="csbot agent").permissions.exists()


@pytest.mark.parametrize("page", PAGES)
def test_cy_the_outsider_opens_nothing(shop: Shop, page: str) -> None:
    assert client_of(shop.cy).get(f"/admin/csbot/{page}/").status_code == 403


def test_permissions_without_a_role_at_a_brand_open_nothing(shop: Shop) -> None:
    shop.cy.groups.add(Group.objects.get(name="csbot manager"))
    assert client_of(shop.cy).get("/admin/csbot/queue/").status_code == 403


def test_a_manager_neither_lists_nor_opens_nor_chooses_from_another_brand(shop: Shop, mo: Client) -> None:
    other = open_shop("globex")
    theirs = other.ada_writes()
    other.waits(theirs)
    assert "globex" not in mo.get("/admin/csbot/inbox/").content.decode()
    for address in (
        f"/admin/csbot/queue/{other.queue.pk}/change/",
        f"/admin/csbot/inbox/{other.inbox.pk}/change/",
        f"/admin/csbot/conversation/{theirs.pk}/change/",
        f"/admin/csbot/contact/{theirs.contact_id}/change/",
    ):
        assert mo.get(address).status_code == 302, address
    form = mo.get("/admin/csbot/inbox/add/").content.decode()
    assert "globex" not in form
    assert f'value="{other.bot.pk}"' not in form.split('name="bot"')[1].split("</select>")[0]
    assert (
        mo.get(f"/admin/csbot/wording/say/?key=greeting&language=en&form=chat&brand={other.brand.pk}").status_code
        == 404
    )


def test_the_content_owner_edits_intents_and_words_but_no_queues(shop: Shop, cora: Client) -> None:
    assert cora.get("/admin/csbot/intent/add/").status_code == 200
    assert cora.get("/admin/csbot/flow/add/").status_code == 200
    assert cora.get("/admin/csbot/wording/").status_code == 200
    assert cora.get(f"/admin/csbot/queue/{shop.queue.pk}/change/").status_code in (302, 403)


# Queues and who waits.


def test_a_queue_is_made_with_names_hours_and_holidays(shop: Shop, mo: Client) -> None:
    answer = mo.post(
        "/admin/csbot/queue/add/",
        {
            "brand": shop.brand.pk, "key": "returns", "names_en": "Returns", "names_zh": "退货",
            "members": [shop.bo.pk],
            "topics": "returns\nexchanges, returns", "languages": ["en"], "time_zone": "Europe/Amsterdam",
            "ticket_email": "returns@acme.example", "untaken_after": 60, "enabled": "on",
            "hours-TOTAL_FORMS": 2, "hours-INITIAL_FORMS": 0,
            "hours-0-weekday": 0, "hours-0-opens": "09:00", "hours-0-closes": "12:00",
            "hours-1-weekday": 0, "hours-1-opens": "13:00", "hours-1-closes": "17:30",
            "holidays-TOTAL_FORMS": 1, "holidays-INITIAL_FORMS": 0,
            "holidays-0-date": "2026-12-25", "holidays-0-name": "Christmas",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["errors"]
    made = Queue.objects.get(key="returns")
    assert made.names == {"en": "Returns", "zh": "退货"}
    assert made.topics == ["returns", "exchanges"]
    assert OpeningHours.objects.filter(queue=made).count() == 2
    assert Holiday.objects.get(queue=made).name == "Christmas"


def test_a_time_zone_that_does_not_exist_is_refused(shop: Shop, mo: Client) -> None:
    answer = mo.post(
        "/admin/csbot/queue/add/",
        {
            "brand": shop.brand.pk, "key": "x", "names_en": "X", "time_zone": "Mars/Olympus", "untaken_after": 60,
            "hours-TOTAL_FORMS": 0, "hours-INITIAL_FORMS": 0, "holidays-TOTAL_FORMS": 0, "holidays-INITIAL_FORMS": 0,
        },
    )  # fmt: skip
    assert "Mars/Olympus" in str(answer.context["errors"])


def act(client: Client, action: str, *handoffs: Handoff, **more: object) -> None:
    data = {"action": action, "_selected_action": [row.pk for row in handoffs], **more}
    assert client.post("/admin/csbot/handoff/?state=all", data).status_code == 302


def test_the_manager_sees_who_waits_and_why(shop: Shop, mo: Client) -> None:
    shop.waits(shop.ada_writes(), "anger", detail="The parcel is late")
    page = mo.get("/admin/csbot/handoff/").content.decode()
    assert "upset" in page
    assert "The parcel is late" in page


def test_the_manager_assigns_to_an_agent(shop: Shop, mo: Client) -> None:
    conversation = shop.ada_writes()
    act(mo, "assign", shop.waits(conversation), to_agent=shop.bo.pk)
    conversation.refresh_from_db()
    assert conversation.agent == shop.bo


def test_nobody_is_assigned_who_does_not_serve_the_queue(shop: Shop, mo: Client) -> None:
    conversation = shop.ada_writes()
    handoff = shop.waits(conversation)
    act(mo, "assign", handoff, to_agent=shop.mo.pk)
    act(mo, "assign", handoff, to_agent=shop.cy.pk)
    act(mo, "assign", handoff)
    conversation.refresh_from_db()
    assert conversation.agent is None


def test_the_manager_requeues_and_moves(shop: Shop, mo: Client) -> None:
    returns = Queue.objects.create(brand=shop.brand, key="returns", names={"en": "Returns"})
    waiting, held = shop.ada_writes("ada"), shop.ada_writes("eve")
    first = shop.waits(waiting)
    second = shop.waits(held)
    shop.holds(shop.bo, held)
    act(mo, "requeue", first, Handoff.objects.get(pk=second.pk), to_queue=returns.pk)
    assert set(Handoff.objects.filter(queue=returns, ended_at=None).values_list("conversation", flat=True)) == {
        waiting.pk,
        held.pk,
    }


def test_the_manager_closes(shop: Shop, mo: Client) -> None:
    conversation = shop.ada_writes()
    act(mo, "close", shop.waits(conversation))
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.CLOSED


# Bots.


def flow_post(bot: Bot, text: str) -> dict[str, object]:
    return {"bot": bot.pk, "key": "return_item", "enabled": "on", "definition": text}


def test_a_flow_that_would_not_run_is_refused_with_its_line(shop: Shop, cora: Client) -> None:
    answer = cora.post("/admin/csbot/flow/add/", flow_post(shop.bot, "flow: return_item\nsteps:\n  - dance: now\n"))
    assert answer.status_code == 200
    assert "line" in str(answer.context["errors"])
    assert not Flow.objects.exists()


def test_a_thing_that_is_no_yaml_is_refused_not_crashed_on(shop: Shop, cora: Client) -> None:
    answer = cora.post("/admin/csbot/flow/add/", flow_post(shop.bot, "{: [\x07"))
    assert answer.status_code == 200


def test_an_intent_is_edited_with_its_examples_and_the_bot_learns_of_it(shop: Shop, cora: Client) -> None:
    before = Bot.objects.get(pk=shop.bot.pk).revision
    answer = cora.post(
        "/admin/csbot/intent/add/",
        {
            "bot": shop.bot.pk, "key": "opening_hours", "titles_en": "Opening hours", "titles_zh": "营业时间",
            "topic": "shop",
            "examples-TOTAL_FORMS": 2, "examples-INITIAL_FORMS": 0,
            "examples-0-language": "en", "examples-0-text": "When are you open?",
            "examples-1-language": "zh", "examples-1-text": "你们几点开门？",
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["errors"]
    assert Intent.objects.get().titles == {"en": "Opening hours", "zh": "营业时间"}
    assert IntentExample.objects.count() == 2
    assert Bot.objects.get(pk=shop.bot.pk).revision > before


def test_an_intent_that_names_a_flow_which_does_not_exist_is_refused(shop: Shop, cora: Client) -> None:
    answer = cora.post(
        "/admin/csbot/intent/add/",
        {
            "bot": shop.bot.pk, "key": "x", "titles_en": "X", "flow": "nowhere",
            "examples-TOTAL_FORMS": 0, "examples-INITIAL_FORMS": 0,
        },
    )  # fmt: skip
    assert "flow" in answer.context["adminform"].form.errors


def test_the_bots_page_says_how_training_stands(shop: Shop, mo: Client) -> None:
    assert "nothing to learn" in mo.get(f"/admin/csbot/bot/{shop.bot.pk}/change/").content.decode()
    Intent.objects.create(bot=shop.bot, key="x", titles={"en": "X"})
    assert "not trained yet" in mo.get(f"/admin/csbot/bot/{shop.bot.pk}/change/").content.decode()


def test_the_packs_newer_flow_waits_until_a_person_decides(shop: Shop, cora: Client) -> None:
    flow = Flow.objects.create(bot=shop.bot, key="x", definition="mine", draft="theirs: [")
    assert "The pack has a newer version" in cora.get(f"/admin/csbot/flow/{flow.pk}/change/").content.decode()
    cora.post(f"/admin/csbot/flow/{flow.pk}/draft/", {"accept": "1"})
    flow.refresh_from_db()
    assert (flow.definition, flow.draft) == ("mine", "theirs: [")  # what would not run is not put into force
    cora.post(f"/admin/csbot/flow/{flow.pk}/draft/", {"dismiss": "1"})
    flow.refresh_from_db()
    assert (flow.definition, flow.draft) == ("mine", "")


def test_an_origin_that_is_none_is_refused(shop: Shop, mo: Client) -> None:
    data = {
        "brand": shop.brand.pk, "name": "W", "key": "w", "channel": "webchat", "bot": shop.bot.pk, "mode": "bot_first",
        "bot_share": 100, "colour": "#0b6e4f", "side": "right", "origins": "shop.example",
    }  # fmt: skip
    assert "origins" in mo.post("/admin/csbot/inbox/add/", data).context["adminform"].form.errors
    assert mo.post("/admin/csbot/inbox/add/", {**data, "origins": "https://Shop.example/"}).status_code == 302
    assert Inbox.objects.get(key="w").origins == ["https://shop.example"]


# Contacts, conversations, deliveries.


def test_two_contacts_of_one_person_become_one(shop: Shop, mo: Client) -> None:
    first = contacts.identify(shop.brand, Address.Kind.EMAIL, "ada@example.com", name="")
    second = contacts.identify(shop.brand, Address.Kind.PHONE, "+31600000000", name="Ada")
    mo.post("/admin/csbot/contact/", {"action": "merge", "_selected_action": [first.pk, second.pk]})
    first.refresh_from_db()
    assert first.name == "Ada"
    assert first.addresses.count() == 2
    assert Contact.objects.get(pk=second.pk).merged_into == first


def test_a_conversation_is_read_and_never_changed(shop: Shop, mo: Client) -> None:
    conversation = shop.ada_writes()
    shop.waits(conversation)
    shop.holds(shop.bo, conversation)
    conversations.say(conversation.pk, shop.bo, "<script>alert(1)</script>")
    address = f"/admin/csbot/conversation/{conversation.pk}/change/"
    page = mo.get(address).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert mo.post(address, {"contact": 1}).status_code == 403


def test_a_dead_letter_is_sent_again_from_the_admin(shop: Shop, mo: Client) -> None:
    row = deliveries.queue_email(shop.ada_writes(), "ada@example.com", "Hello", "…")
    Delivery.objects.update(status=Delivery.Status.DEAD, attempts=10)
    mo.post("/admin/csbot/delivery/", {"action": "send_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Delivery.Status.PENDING, 0)


# Wordings.


def say(shop: Shop, **more: object) -> str:
    inbox = f"&inbox={shop.inbox.pk}" if more.get("inbox") else ""
    return f"/admin/csbot/wording/say/?key=agent_gone&language=en&form=chat&brand={shop.brand.pk}{inbox}"


def test_a_wording_is_changed_previewed_and_reset(shop: Shop, cora: Client) -> None:
    default = wording("agent_gone", brand=shop.brand, inbox="acme-web")
    page = cora.post(say(shop), {"text": "Bo had to run.", "show": "1"})
    assert "Bo had to run." in page.context["preview"]
    assert not Wording.objects.exists()
    cora.post(say(shop), {"text": "Bo had to run.", "save": "1"})
    assert wording("agent_gone", brand=shop.brand, inbox="acme-web") == "Bo had to run."
    assert "Bo had to run." in cora.get("/admin/csbot/wording/?changed=on").content.decode()
    cora.post(say(shop), {"reset": "1"})
    assert wording("agent_gone", brand=shop.brand, inbox="acme-web") == default


def test_an_inboxs_own_wording_leaves_the_brands_alone(shop: Shop, cora: Client) -> None:
    cora.post(say(shop, inbox=True), {"text": "Only here.", "save": "1"})
    assert wording("agent_gone", brand=shop.brand, inbox="acme-web") == "Only here."
    assert wording("agent_gone", brand=shop.brand) != "Only here."
    cora.post(say(shop, inbox=True), {"reset": "1"})
    assert not Wording.objects.exists()


@pytest.mark.parametrize("text", ["", "Hello {nobody}", "Hello {"])
def test_a_wording_that_could_not_be_said_is_refused(shop: Shop, cora: Client, text: str) -> None:
    page = cora.post(say(shop), {"text": text, "save": "1"})
    assert page.status_code == 200
    assert page.context["form"].errors
    assert not Wording.objects.exists()


def test_an_agent_who_is_here_is_counted_in_the_list_of_queues(shop: Shop, mo: Client) -> None:
    presence.seen(shop.bo)
    assert '<td class="field-here">1</td>' in mo.get("/admin/csbot/queue/").content.decode()


class TextFields(HTMLParser):
    """The one-line text fields of a page: what a browser would send for them as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "text":
            self.found[given.get("name") or ""] = given.get("value") or ""


@pytest.mark.parametrize(("page", "field"), [("intent", "titles"), ("queue", "names")])
def test_a_text_per_language_stands_in_fields_that_can_be_written_in(shop: Shop, page: str, field: str) -> None:
    root = client_of(User.objects.create_superuser("root", password="x"))
    Intent.objects.create(bot=shop.bot, key="return", titles={"en": 'Return "this" <item>', "zh": "退货"})
    Queue.objects.update(names={"en": 'Return "this" <item>', "zh": "退货"})
    row = (Intent.objects.get(key="return") if page == "intent" else Queue.objects.first()) or Queue()
    fields = TextFields(root.get(f"/admin/csbot/{page}/{row.pk}/change/").content.decode()).found
    assert (fields.get(f"{field}_en"), fields.get(f"{field}_zh")) == ('Return "this" <item>', "退货")
