"""Orders as the actions tell them to flows: plain JSON, texts in every language there is."""

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from csbot.demo import terms
from csbot.demo.models import Order, OrderItem, Product


def order_of(number: str, subject: str) -> Order | None:
    """The order, if it exists and belongs to `subject`: nobody learns which of the two it was."""
    if not subject:
        return None
    return (
        Order.objects.filter(number=number, customer_id=subject)
        .select_related("customer")
        .prefetch_related(Prefetch("items", OrderItem.objects.select_related("product")))
        .first()
    )


def told(order: Order) -> dict[str, Any]:
    """What a flow may say about an order of its own customer."""
    return {
        "number": order.number,
        "status": order.status,
        "placed": {"date": timezone.localdate(order.placed_at).isoformat()},
        "expected": {"date": terms.expected_by(order).isoformat()},
        "delivered": {"date": timezone.localdate(order.delivered_at).isoformat()} if order.delivered_at else None,
        "total": money(order.total, order.currency),
        "carrier": order.carrier,
        "tracking": order.tracking,
        "address": address_line(order.address),
        "email": order.customer.email,
        "items": [item_option(item) for item in order.items.all()],
        "names": [title_of(item) for item in order.items.all()],
    }


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """Money in the shape that wordings show."""
    return {"amount": str(amount.quantize(Decimal("0.01"))), "currency": currency}


def title_of(item: OrderItem) -> dict[str, str]:
    """The line's product and variant, by language."""
    titles = {}
    variant: dict[str, str] = next((each for each in item.product.variants if each["key"] == item.variant), {})
    for language, name in item.product.names.items():
        detail = variant.get(language)
        titles[language] = (f"{name}（{detail}）" if language == "zh" else f"{name} ({detail})") if detail else name
    return titles


def item_option(item: OrderItem) -> dict[str, Any]:
    """The line as something a customer may choose."""
    variant: dict[str, str] = next((each for each in item.product.variants if each["key"] == item.variant), {})
    names = product_names(item.product)
    names += [text for language, text in variant.items() if language != "key"]
    return {"value": str(item.pk), "title": title_of(item), "names": names}


def product_names(product: Product) -> list[str]:
    """Everything a product is called, in every language."""
    return [*product.names.values(), *(alias for aliases in product.aliases.values() for alias in aliases)]


def address_line(address: dict[str, str]) -> str:
    """A stored address in one line."""
    if "line" in address:
        return address["line"]
    if address.get("country") == "CN":
        return f"{address['city']}{address['street']}，{address['postcode']}"
    return f"{address['street']}, {address['postcode']} {address['city']}"
