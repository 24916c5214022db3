"""Recognising customers: an address is a claim until something proves it, and identity is per brand."""

from django.db import transaction
from django.utils import timezone

from csbot.messages import Vouched
from csbot.models import Address, Brand, Contact, Conversation
from csbot.prepared import Select, parameter

_EMAILS = Select(
    lambda: Address.objects.filter(
        contact_id=parameter(Contact, "pk", "contact"), kind=Address.Kind.EMAIL, verified_at__isnull=False
    ).order_by("-verified_at")
)


def identify(brand: Brand, kind: str, value: str, *, name: str = "", language: str = "") -> Contact:
    """The contact known by this address, made on first sight. The address proves nothing yet."""
    address = Address.objects.select_related("contact").filter(brand=brand, kind=kind, value=value).first()
    if address is None:
        with transaction.atomic():
            contact = Contact.objects.create(brand=brand, name=name, language=language)
            address, created = Address.objects.get_or_create(
                brand=brand, kind=kind, value=value, defaults={"contact": contact}
            )
            if not created:  # another process met the same visitor at the same moment
                contact.delete()
    return address.contact


def vouch(contact: Contact, who: Vouched) -> Contact:
    """The contact of the signed-in user `who`, into which `contact` is merged when it is another one."""
    known = (
        Address.objects.select_related("contact")
        .filter(brand_id=contact.brand_id, kind=Address.Kind.USER, value=who.subject)
        .first()
    )
    if known is None:
        known = Address.objects.create(
            brand_id=contact.brand_id,
            contact=contact,
            kind=Address.Kind.USER,
            value=who.subject,
            verified_at=timezone.now(),
        )
    elif known.contact_id != contact.pk:
        merge(contact, known.contact)
    owner = known.contact
    if who.email:
        verify_address(owner, Address.Kind.EMAIL, who.email)
    if who.name and owner.name != who.name:
        owner.name = who.name
        owner.save(update_fields=["name"])
    return owner


def verify_address(contact: Contact, kind: str, value: str) -> Contact:
    """Records that `contact` has proved to own the address. Whoever else was known by it is merged into the result."""
    value = value.strip().lower() if kind == Address.Kind.EMAIL else value
    address, _created = Address.objects.select_related("contact").get_or_create(
        brand_id=contact.brand_id, kind=kind, value=value, defaults={"contact": contact}
    )
    if address.contact_id != contact.pk:
        if address.verified_at is not None:
            merge(address.contact, contact)
        address.contact = contact  # a mere claim of somebody else gives way to the proof
    address.verified_at = timezone.now()
    address.save()
    return contact


def merge(source: Contact, target: Contact) -> None:
    """Moves everything of `source` to `target`; `source` stays as a signpost. Raises ValueError across brands."""
    if source.brand_id != target.brand_id:
        raise ValueError("Contacts of different brands are different people: they are never merged.")
    if source.pk == target.pk:
        return
    with transaction.atomic():
        Address.objects.filter(contact=source).update(contact=target)
        Conversation.objects.filter(contact=source).update(contact=target)
        Contact.objects.filter(merged_into=source).update(merged_into=target)
        source.merged_into = target
        source.save(update_fields=["merged_into"])


def email_of(contact_id: int) -> str:
    """The newest verified e-mail address of a contact, or "" when there is none."""
    newest = _EMAILS.first(contact=contact_id)
    return newest.value if newest else ""
