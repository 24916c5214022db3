"""What flows may do in the demo shop. Every action that changes something is safe to repeat under its key."""

import hmac
import secrets
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from csbot.actions.registry import Call, Outcome, action
from csbot.demo import terms
from csbot.demo.catalogue import sold_under_names
from csbot.demo.models import Order, OrderItem, Remedy, Return
from csbot.demo.orders import money, order_of, product_names, title_of, told
from csbot.flows.slots.postcode import normal
from csbot.messages import Assurance

VERIFIED = Assurance.VERIFIED
RECENT = 4
# What a complaint is about, when goods are to be made good; lateness and the rest go other ways.
ABOUT_GOODS = ("damaged", "wrong", "missing", "quality")


@action("shop.check_owner", outcomes=("proven", "refused"), reads=True)
def check_owner(call: Call, number: str, proof: str) -> Outcome:
    """Whether `proof` (e-mail address or postcode) belongs to the order. An unknown order is refused like a wrong
    proof, after the same comparisons."""
    order = Order.objects.filter(number=number).select_related("customer").first()
    given, code = proof.strip().lower().encode(), normal(proof).encode()
    email = order.customer.email.lower().encode() if order else secrets.token_hex(8).encode()
    known = [order.customer.postcode, str(order.address.get("postcode", ""))] if order else [secrets.token_hex(4)] * 2
    matches = [hmac.compare_digest(given, email), *(hmac.compare_digest(code, normal(each).encode()) for each in known)]
    if order is None or not any(matches) or not code:
        return Outcome("refused")
    return Outcome("proven", {"subject": order.customer_id})


@action("shop.address_on_file", outcomes=("known", "unknown"), reads=True)
def address_on_file(call: Call, number: str) -> Outcome:
    """Where a one-time code for this order is sent."""
    order = Order.objects.filter(number=number).select_related("customer").first()
    if order is None:
        return Outcome("unknown")
    return Outcome("known", {"subject": order.customer_id, "email": order.customer.email})


@action("shop.find_order", assurance=VERIFIED, outcomes=("found", "unknown"), reads=True)
def find_order(call: Call, number: str) -> Outcome:
    """The verified customer's order."""
    order = order_of(number, call.subject)
    return Outcome("found", told(order)) if order else Outcome("unknown")


@action("shop.recent_orders", assurance=VERIFIED, outcomes=("listed",), reads=True)
def recent_orders(call: Call) -> Outcome:
    """The newest orders of the verified customer, to choose from."""
    orders = Order.objects.filter(customer_id=call.subject).prefetch_related("items__product")[:RECENT]
    return Outcome(
        "listed",
        {
            "options": [
                {
                    "value": order.number,
                    "title": {language: f"{order.number} · {name}" for language, name in _first_name(order).items()},
                    "names": [name for line in order.items.all() for name in product_names(line.product)],
                }
                for order in orders
            ]
        },
    )


def _first_name(order: Order) -> dict[str, str]:
    lines = list(order.items.all())
    more = " …" if len(lines) > 1 else ""
    return {language: f"{name}{more}" for language, name in lines[0].product.names.items()} if lines else {"en": "–"}


@action("shop.catalogue", outcomes=("listed",), reads=True)
def catalogue(call: Call) -> Outcome:
    """Everything the shop sells, by all its names."""
    return Outcome("listed", {"options": sold_under_names()})


RETURN_OUTCOMES = ("possible", "past_window", "not_delivered", "cancelled", "already", "not_returnable")


@action("shop.check_return", assurance=VERIFIED, outcomes=RETURN_OUTCOMES, reads=True)
def check_return(call: Call, number: str, items: list[str]) -> Outcome:
    """Whether these lines may be sent back, and what would be paid for them."""
    order = order_of(number, call.subject)
    if order is None:
        return Outcome("not_delivered")
    return _return_check(order, _lines(order, items))


def _return_check(order: Order, lines: list[OrderItem]) -> Outcome:
    last = terms.last_return_day(order)
    if order.status == Order.Status.CANCELLED:
        return Outcome("cancelled")
    if last is None:
        return Outcome("not_delivered")
    back = Return.objects.filter(order=order, items__in=lines).first()
    if back is not None:
        return Outcome("already", {"number": back.number})
    if timezone.localdate() > last:
        return Outcome("past_window", {"last_day": {"date": last.isoformat()}})
    kept = [line for line in lines if not line.product.returnable]
    if kept:
        return Outcome("not_returnable", {"names": [title_of(line) for line in kept]})
    return Outcome(
        "possible",
        {
            "refund": money(terms.refund_for(order, lines), order.currency),
            "postage": money(terms.RETURN_POSTAGE.get(order.currency, Decimal(0)), order.currency),
            "last_day": {"date": last.isoformat()},
        },
    )


def _lines(order: Order, items: list[str]) -> list[OrderItem]:
    return [line for line in order.items.all() if str(line.pk) in items]


@action("shop.start_return", assurance=VERIFIED, outcomes=("started", *RETURN_OUTCOMES[1:]))
def start_return(call: Call, number: str, items: list[str]) -> Outcome:
    """Registers the return."""
    with transaction.atomic():
        Order.objects.select_for_update().filter(number=number, customer_id=call.subject).first()
        order = order_of(number, call.subject)
        if order is None:
            return Outcome("not_delivered")
        lines = _lines(order, items)
        back = Return.objects.filter(key=call.key).first()
        if back is None:
            checked = _return_check(order, lines)
            if checked.name != "possible":
                return checked
            before = order.returns.count()
            back = Return.objects.create(
                number=f"R{order.number}" + (f"-{before + 1}" if before else ""),
                order=order,
                registered_at=timezone.now(),
                refund=terms.refund_for(order, lines),
                key=call.key,
            )
            back.items.set(lines)
            returned = Return.items.through.objects.filter(return__order=order).count()
            if returned >= order.items.count():
                Order.objects.filter(pk=order.pk).update(status=Order.Status.RETURNED)
    return Outcome("started", {"number": back.number, "refund": money(back.refund, order.currency)})


REFUND_OUTCOMES = ("refunded", "arrived", "on_the_way", "cancelled", "none")


@action("shop.refund_of", assurance=VERIFIED, outcomes=REFUND_OUTCOMES, reads=True)
def refund_of(call: Call, number: str) -> Outcome:
    """How far the newest refund of the order is."""
    order = order_of(number, call.subject)
    back = order.returns.last() if order else None
    if order is None or (back is None and order.status != Order.Status.CANCELLED):
        return Outcome("none")
    if back is None:
        return Outcome("cancelled", {"refund": money(order.total, order.currency)})
    values = {"number": back.number, "refund": money(back.refund, order.currency)}
    if back.refunded_at:
        return Outcome("refunded", {**values, "day": {"date": timezone.localdate(back.refunded_at).isoformat()}})
    expected = terms.refund_expected_by(back)
    if back.arrived_at and expected:
        arrived = {"date": timezone.localdate(back.arrived_at).isoformat()}
        return Outcome("arrived", {**values, "arrived": arrived, "expected": {"date": expected.isoformat()}})
    registered = {"date": timezone.localdate(back.registered_at).isoformat()}
    return Outcome("on_the_way", {**values, "registered": registered})


@action("shop.cancel_order", assurance=VERIFIED, outcomes=("cancelled", "too_late", "already"))
def cancel_order(call: Call, number: str) -> Outcome:
    """Cancels an order that is not packed yet."""
    mine = Order.objects.filter(number=number, customer_id=call.subject)
    done = mine.filter(status=Order.Status.PLACED).update(status=Order.Status.CANCELLED, cancelled_at=timezone.now())
    order = mine.first()
    if order is not None and (done or order.status == Order.Status.CANCELLED):
        refund = {"refund": money(order.total, order.currency)}
        return Outcome("cancelled" if done else "already", refund)
    return Outcome("too_late")


@action("shop.change_address", assurance=VERIFIED, outcomes=("changed", "too_late"))
def change_address(call: Call, number: str, address: str) -> Outcome:
    """Sends an order that is not packed yet somewhere else."""
    done = Order.objects.filter(number=number, customer_id=call.subject, status=Order.Status.PLACED).update(
        address={"line": address}
    )
    return Outcome("changed" if done else "too_late")


REMEDIES = ("voucher", "shipping", "over_limit", "already", "person")


@action("shop.remedy_for", assurance=VERIFIED, outcomes=REMEDIES, reads=True)
def remedy_for(call: Call, number: str, problem: str, items: list[str] | None = None) -> Outcome:
    """What the bot may give for this problem on its own, within the limit and once per order."""
    order = order_of(number, call.subject)
    if order is None:
        return Outcome("person")
    return _remedy(order, problem, _lines(order, items or []))


def _remedy(order: Order, problem: str, lines: list[OrderItem]) -> Outcome:
    if Remedy.objects.filter(order=order).exists():
        return Outcome("already")
    limit = terms.REMEDY_LIMIT.get(order.currency, Decimal(0))
    if problem == "late":
        if 0 < order.shipping_price <= limit:
            return Outcome("shipping", {"amount": money(order.shipping_price, order.currency)})
        return Outcome("voucher", {"amount": money(terms.SMALL_VOUCHER[order.currency], order.currency)})
    if problem in ABOUT_GOODS and lines:
        worth = sum((line.price * line.quantity for line in lines), Decimal(0))
        if worth <= limit:
            return Outcome("voucher", {"amount": money(worth, order.currency)})
        return Outcome("over_limit", {"limit": money(limit, order.currency)})
    return Outcome("person")


@action("shop.give_remedy", assurance=VERIFIED, outcomes=("given", "already", "over_limit"))
def give_remedy(call: Call, number: str, problem: str, items: list[str] | None = None) -> Outcome:
    """Gives what `shop.remedy_for` offered: a voucher's code, or the shipping price back."""
    with transaction.atomic():
        Order.objects.select_for_update().filter(number=number, customer_id=call.subject).first()
        order = order_of(number, call.subject)
        if order is None:
            return Outcome("over_limit")
        made = Remedy.objects.filter(order=order, key=call.key).first()
        if made is None:
            offered = _remedy(order, problem, _lines(order, items or []))
            if offered.name not in ("voucher", "shipping"):
                return Outcome("already" if offered.name == "already" else "over_limit")
            made = Remedy.objects.create(
                order=order,
                kind=offered.name,
                problem=problem,
                amount=Decimal(offered.values["amount"]["amount"]),
                code=f"HP-{secrets.token_hex(3).upper()}" if offered.name == "voucher" else "",
                key=call.key,
            )
    values = {"kind": made.kind, "code": made.code, "amount": money(made.amount, order.currency)}
    return Outcome("given", values)
