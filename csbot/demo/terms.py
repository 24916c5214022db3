"""The shop's terms, as its articles state them: what the actions reckon with."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from csbot.demo.models import Order, OrderItem, Return

RETURN_DAYS = 30
RETURN_POSTAGE = {"EUR": Decimal("4.95"), "CNY": Decimal("15.00")}
STANDARD_SHIPPING = {"EUR": (Decimal("4.95"), Decimal("50.00")), "CNY": (Decimal("15.00"), Decimal("299.00"))}
"""Its price, and the amount from which it is free."""
REMEDY_LIMIT = {"EUR": Decimal("30.00"), "CNY": Decimal("220.00")}
"""What the bot may give on its own for one order; above it a person decides."""
SMALL_VOUCHER = {"EUR": Decimal("5.00"), "CNY": Decimal("35.00")}
SHIPPING_DAYS = {"standard": 4, "express": 1}
REFUND_DAYS = 7


def last_return_day(order: Order) -> date | None:
    """The last day on which a return may be registered; None before delivery."""
    return order.delivered_at and (timezone.localdate(order.delivered_at) + timedelta(days=RETURN_DAYS))


def expected_by(order: Order) -> date:
    """The day on which the parcel should be there at the latest."""
    return working_days_after(order.shipped_at or order.placed_at, SHIPPING_DAYS.get(order.shipping_method, 4))


def refund_expected_by(back: Return) -> date | None:
    """The day on which the money should be there at the latest; None before the parcel has arrived."""
    return working_days_after(back.arrived_at, REFUND_DAYS) if back.arrived_at else None


def refund_for(order: Order, lines: list[OrderItem]) -> Decimal:
    """What is paid back for `lines`: their prices less the return postage; of a whole order, the shipping too."""
    paid = sum((line.price * line.quantity for line in lines), Decimal(0))
    if len(lines) == len(order.items.all()):
        paid += standard_shipping(order)
    return max(paid - RETURN_POSTAGE.get(order.currency, Decimal(0)), Decimal(0))


def standard_shipping(order: Order) -> Decimal:
    """What the customer paid for shipping, without the surcharge for express."""
    if order.shipping_method != "express":
        return order.shipping_price
    price, free_from = STANDARD_SHIPPING.get(order.currency, (Decimal(0), Decimal(0)))
    goods = order.total - order.shipping_price
    return min(order.shipping_price, Decimal(0) if goods >= free_from else price)


def working_days_after(moment: datetime, days: int) -> date:
    """The day that is so many working days (Monday to Friday) after `moment`."""
    day = timezone.localdate(moment)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
