"""Stocks the demo's business from a pack's `business.yaml`, with dates counted back from today."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from csbot.demo.models import Customer, Order, OrderItem, Product, Return

TIMES = ("packed", "shipped", "delivered", "cancelled")


def on_pack_loaded(folder: Path, **_: Any) -> None:
    """Loads the business of the pack that was just loaded, when it has one."""
    path = folder / "business.yaml"
    if path.is_file():
        load_business(path)


def load_business(path: Path, now: datetime | None = None, *, afresh: bool = False) -> int:
    """Adds the products, customers and orders that are not there yet; how many orders were new.

    What customers changed since (a return, a cancelled order) stays; `afresh` puts everything back as the file has it.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    moment = now or timezone.now()
    with transaction.atomic():
        if afresh:
            Order.objects.filter(number__in=[order["number"] for order in data["orders"]]).delete()
        for place, product in enumerate(data["products"]):
            _product(product, place)
        for customer in data["customers"]:
            _customer(customer)
        there = set(Order.objects.values_list("number", flat=True))
        fresh = [order for order in data["orders"] if order["number"] not in there]
        for order in fresh:
            _order(order, moment)
    return len(fresh)


def _product(data: Mapping[str, Any], place: int) -> None:
    Product.objects.update_or_create(
        sku=data["sku"],
        defaults={
            "names": data["name"],
            "aliases": data["aliases"],
            "category": data["category"],
            "prices": data["price"],
            "variants": data["variants"],
            "returnable": data.get("returnable", True),
            "place": place,
        },
    )


def _customer(data: Mapping[str, Any]) -> None:
    Customer.objects.update_or_create(
        key=data["key"],
        defaults={
            name: data[name] for name in ("name", "email", "language", "currency", "phone", "postcode", "address")
        },
    )


def _order(data: Mapping[str, Any], now: datetime) -> None:
    placed = now - timedelta(days=data.get("ordered_days_ago", 0), minutes=data.get("ordered_minutes_ago", 0))
    order = Order.objects.create(
        number=data["number"],
        customer_id=data["customer"],
        status=data["status"],
        placed_at=placed,
        currency=data["currency"],
        shipping_method=data["shipping"]["method"],
        shipping_price=data["shipping"]["price"],
        total=data["total"],
        payment=data["payment"],
        address=data["address"],
        carrier=data.get("carrier", ""),
        tracking=data.get("tracking", ""),
        **{f"{name}_at": _ago(data, name, now) for name in TIMES},
    )
    for line in data["items"]:
        OrderItem.objects.create(
            order=order,
            product_id=line["sku"],
            variant=line.get("variant", ""),
            quantity=line["quantity"],
            price=line["price"],
        )
    back = data.get("return")
    if back:
        registered = Return.objects.create(
            number=back["number"],
            order=order,
            registered_at=_ago(back, "registered", now) or now,
            arrived_at=_ago(back, "arrived", now),
            refunded_at=_ago(back, "refunded", now),
            refund=back["refund"],
        )
        registered.items.set(order.items.filter(product_id__in=back["items"]))


def _ago(data: Mapping[str, Any], name: str, now: datetime) -> datetime | None:
    days = data.get(f"{name}_days_ago")
    return None if days is None else now - timedelta(days=days)
