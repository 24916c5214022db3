"""The sample shop's business: what is on the shelf, who buys, what they ordered, and what became of it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """Something the shop sells. `names` and `aliases` are by language, `prices` by currency."""

    sku = models.CharField(_("article number"), max_length=20, primary_key=True)
    names = models.JSONField(_("names"), default=dict)
    aliases = models.JSONField(_("also called"), default=dict)
    category = models.CharField(_("category"), max_length=40)
    prices = models.JSONField(_("prices"), default=dict)
    variants = models.JSONField(_("variants"), default=list)
    returnable = models.BooleanField(_("can be returned"), default=True)
    place = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["place"]

    def __str__(self) -> str:
        return str(self.names.get("en") or self.sku)


class Customer(models.Model):
    """Someone with an account. `key` is what the shop's log-in vouches for."""

    key = models.SlugField(_("key"), primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=10)
    currency = models.CharField(_("currency"), max_length=3)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20)
    address = models.JSONField(_("address"), default=dict)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """An order and how far it is. Times that have not come are None."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        PACKED = "packed", _("packed")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        RETURNED = "returned", _("returned")
        REFUNDED = "refunded", _("refunded")
        CANCELLED = "cancelled", _("cancelled")

    number = models.CharField(_("number"), max_length=5, primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders", verbose_name=_("customer"))
    status = models.CharField(_("status"), max_length=10, choices=Status)
    placed_at = models.DateTimeField(_("ordered"))
    packed_at = models.DateTimeField(_("packed"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    shipping_method = models.CharField(_("shipping"), max_length=20)
    shipping_price = models.DecimalField(_("shipping price"), max_digits=9, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=9, decimal_places=2)
    payment = models.CharField(_("paid with"), max_length=20)
    address = models.JSONField(_("address"), default=dict)
    carrier = models.CharField(_("carrier"), max_length=40, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering: ClassVar = ["-placed_at"]

    def __str__(self) -> str:
        return self.number


class OrderItem(models.Model):
    """One line of an order, with the price that was charged."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    variant = models.CharField(_("variant"), max_length=40, blank=True)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    price = models.DecimalField(_("price"), max_digits=9, decimal_places=2)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.product_id}"


class Return(models.Model):
    """A registered return of some of an order's lines."""

    number = models.CharField(_("number"), max_length=20, primary_key=True)
    order = models.ForeignKey(Order, models.CASCADE, related_name="returns")
    items = models.ManyToManyField(OrderItem, related_name="returns")
    registered_at = models.DateTimeField(_("registered"))
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    refunded_at = models.DateTimeField(_("refunded"), null=True, blank=True)
    refund = models.DecimalField(_("refund"), max_digits=9, decimal_places=2)
    key = models.CharField(max_length=64, blank=True, db_index=True)  # the idempotency key that registered it

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering: ClassVar = ["registered_at"]

    def __str__(self) -> str:
        return self.number


class Remedy(models.Model):
    """What a complaint ended in. One order gets at most one from the bot; anything more is a person's to decide."""

    class Kind(models.TextChoices):
        VOUCHER = "voucher", _("voucher")
        SHIPPING = "shipping", _("shipping refunded")
        REPLACEMENT = "replacement", _("replacement")

    order = models.OneToOneField(Order, models.CASCADE, related_name="remedy")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    problem = models.CharField(_("problem"), max_length=20)
    amount = models.DecimalField(_("amount"), max_digits=9, decimal_places=2)
    code = models.CharField(_("voucher code"), max_length=20, blank=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    key = models.CharField(max_length=64, blank=True, db_index=True)

    class Meta:
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.get_kind_display()}"
