"""Three tries are three, however many ask at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from csbot.flows.tries import Tries
from csbot.models import Brand, ProofCount
from csbot.privacy import retention


@pytest.fixture
def brand(db: None) -> str:
    return Brand.objects.get().key


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_from_many_contacts_three_are_had() -> None:
    brand = Brand.objects.get().key

    def one(contact: int) -> bool:
        try:
            return Tries.at(brand, contact, "proof", {"number": "12345"}).take()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        had = list(pool.map(one, range(12)))
    assert sum(had) == 3
    # Whoever got none has lost none of their own.
    assert sorted(ProofCount.objects.values_list("tries", flat=True)) == [1, 1, 1, 3]


def test_the_same_thing_written_otherwise_is_the_same_thing(brand: str) -> None:
    Tries.at(brand, 1, "proof", {"email": "Ada@Example.org "}).take()
    assert Tries.at(brand, 2, "proof", {"email": "ada@example.org"}).left() == 2
    assert Tries.at(brand, 2, "proof", {"email": "eve@example.org"}).left() == 3


def test_brands_count_apart(brand: str) -> None:
    other = Brand.objects.create(key="other", name="Other")
    Tries.at(brand, 1, "proof", {"number": "1"}).take()
    assert Tries.at(other.key, 1, "proof", {"number": "1"}).left() == 3


def test_counts_name_nobody_and_are_forgotten_after_their_window(brand: str, settings: object) -> None:
    settings.CSBOT_PROOF_SECONDS = -1  # type: ignore[attr-defined]
    Tries.at(brand, 1, "proof", {"number": "12345"}).take()
    assert not ProofCount.objects.filter(about__contains="12345").exists()
    retention.forget_expired()
    assert not ProofCount.objects.exists()
