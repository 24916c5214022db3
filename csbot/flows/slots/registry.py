"""The slot types there are: ours, and those a host project names in `CSBOT_SLOT_TYPES` (name → dotted path)."""

import threading
from collections.abc import Collection

from django.utils.module_loading import import_string

from csbot import conf
from csbot.flows.slots.reading import SlotType

BUILT_IN = {
    "order_number": "csbot.flows.slots.order_number.OrderNumber",
    "product_item": "csbot.flows.slots.product_item.ProductItem",
    "email": "csbot.flows.slots.email.Email",
    "postcode": "csbot.flows.slots.postcode.Postcode",
    "address": "csbot.flows.slots.address.Address",
    "yes_no": "csbot.flows.slots.yes_no.YesNo",
    "choice": "csbot.flows.slots.choice.Choice",
    "reason": "csbot.flows.slots.reason.Reason",
    "date": "csbot.flows.slots.day.Day",
    "amount": "csbot.flows.slots.amount.Amount",
    "text": "csbot.flows.slots.words.Words",
}

_types: dict[str, SlotType] = {}
_lock = threading.Lock()


def names() -> Collection[str]:
    """The names that a flow may use."""
    return {**BUILT_IN, **conf.SLOT_TYPES()}.keys()


def slot_type(name: str) -> SlotType:
    """The type `name`, made once per process. Raises KeyError for a name that is not one of `names()`."""
    path = {**BUILT_IN, **conf.SLOT_TYPES()}[name]
    with _lock:
        if path not in _types:
            _types[path] = import_string(path)()
        return _types[path]
