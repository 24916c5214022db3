"""An address is a claim until something proves it; identity is per brand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from csbot import contacts, conversations
from csbot.messages import Vouched
from csbot.models import Address, Brand, Contact, Conversation
from tests.csbot.core.conftest import ada

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand() -> Brand:
    return Brand.objects.get()


def test_the_same_visitor_is_the_same_contact(brand: Brand) -> None:
    first = contacts.identify(brand, "visitor", "v1", name="Ada")
    assert contacts.identify(brand, "visitor", "v1") == first
    assert Address.objects.get().verified_at is None


def test_the_same_address_at_another_brand_is_another_person(brand: Brand) -> None:
    other = Brand.objects.create(key="other", name="Other")
    assert contacts.identify(brand, "email", "ada@example.org") != contacts.identify(other, "email", "ada@example.org")
    with pytest.raises(ValueError, match="different brands"):
        contacts.merge(Contact.objects.get(brand=brand), Contact.objects.get(brand=other))


def test_signing_in_merges_the_visitor_into_the_person_with_all_they_said(brand: Brand) -> None:
    person = contacts.vouch(
        contacts.identify(brand, "visitor", "phone-browser"), Vouched("ada", "ada@example.org", "Ada")
    )
    received = conversations.receive(ada(1))
    visitor = Conversation.objects.get(pk=received.conversation).contact
    assert contacts.vouch(visitor, Vouched("ada")) == person
    visitor.refresh_from_db()
    assert visitor.merged_into == person
    assert Conversation.objects.get(pk=received.conversation).contact == person


def test_a_proof_takes_an_address_from_a_mere_claim(brand: Brand) -> None:
    claimant = contacts.identify(brand, "email", "ada@example.org")
    owner = contacts.identify(brand, "visitor", "ada")
    contacts.verify_address(owner, "email", "Ada@Example.org")
    address = Address.objects.get(kind="email")
    assert (address.contact, address.verified_at is not None) == (owner, True)
    claimant.refresh_from_db()
    assert claimant.merged_into is None


def test_two_proofs_of_one_address_are_one_person(brand: Brand) -> None:
    laptop, phone = contacts.identify(brand, "visitor", "laptop"), contacts.identify(brand, "visitor", "phone")
    contacts.verify_address(laptop, "email", "ada@example.org")
    contacts.verify_address(phone, "email", "ada@example.org")
    assert set(Address.objects.values_list("contact", flat=True)) == {phone.pk}


def test_the_newest_verified_address_is_where_mail_goes(brand: Brand) -> None:
    contact = contacts.identify(brand, "email", "claimed@example.org")
    assert contacts.email_of(contact.pk) == ""
    contacts.verify_address(contact, "email", "old@example.org")
    Address.objects.filter(value="old@example.org").update(verified_at=timezone.now() - timedelta(days=1))
    contacts.verify_address(contact, "email", "new@example.org")
    assert contacts.email_of(contact.pk) == "new@example.org"
