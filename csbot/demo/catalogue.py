"""What the shop sells, by all its names: asked for in nearly every turn of a flow, changed a few times a day."""

import threading
import time
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save

from csbot.demo.models import Product
from csbot.demo.orders import product_names

# Another process sees a product that was edited here after this long; this one at once.
FRESH_SECONDS = 5.0

_lock = threading.Lock()
_read: tuple[float, list[dict[str, Any]]] | None = None


def sold_under_names() -> list[dict[str, Any]]:
    """Every product as a choice: its number, its title by language, and all it is called. Not to be changed."""
    global _read
    with _lock:
        if _read is not None and time.monotonic() - _read[0] < FRESH_SECONDS:
            return _read[1]
    listed = [
        {"value": product.sku, "title": product.names, "names": product_names(product)}
        for product in Product.objects.all()
    ]
    with _lock:
        _read = (time.monotonic(), listed)
    return listed


def forget() -> None:
    """Reads the products again at the next question."""
    global _read
    with _lock:
        _read = None


def watch() -> None:
    """Forgets what was read whenever a product changes in this process."""
    for signal in (post_save, post_delete):
        signal.connect(_changed, sender=Product, dispatch_uid="csbot_demo.catalogue")


def _changed(**_: Any) -> None:
    forget()
    transaction.on_commit(forget)  # somebody may have read the old products while this was not yet committed
