"""Purchases: an order freezes the terms, its attempts are the tries to be paid for it."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from payments.models.catalogue import Package, Policy, ServiceVariant
from payments.models.documents import LegalEntity
from payments.models.promotions import PromotionCode
from payments.models.rules import TaxTiming
from payments.money import currency_field

if TYPE_CHECKING:
    from accounts.models import User


class OrderQuerySet(models.QuerySet["Order"]):
    def of(self, buyer: "User") -> Self:
        return self.filter(buyer=buyer)

    def open(self) -> Self:
        return self.filter(status=Order.Status.OPEN)

    def paid(self) -> Self:
        return self.filter(status=Order.Status.PAID)


class Order(models.Model):
    """One purchase by one buyer in one currency."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        CANCELLED = "cancelled", "Cancelled"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=16, unique=True, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders"
    )
    currency = currency_field()
    total_minor = models.BigIntegerField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="orders")
    # A booking that waits for this money. Opaque here: bookings live in a higher app.
    reserved_for = models.UUIDField(null=True, blank=True, db_index=True)
    # The page that led here, as a number and as it was called: pages live in a higher app.
    source_page = models.CharField(max_length=200, blank=True, help_text="Its path then.")
    article_id = models.PositiveBigIntegerField(null=True, blank=True)
    article_title = models.CharField(max_length=255, blank=True)
    agreed_texts = models.JSONField(
        default=list, blank=True, help_text="Which words of the terms were agreed to: code/number."
    )
    sold_by = models.ForeignKey(
        LegalEntity, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    promotion = models.ForeignKey(
        PromotionCode, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    discount_minor = models.BigIntegerField(default=0, help_text="Taken off its lines already.")

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_minor__gte=0, discount_minor__gte=0), name="order_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False)
                | (~Q(status="paid") & Q(paid_at=None)),
                name="order_paid_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "paid", "cancelled"]), name="order_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["article_id", "paid_at"],
                condition=Q(article_id__isnull=False),
                name="order_by_article",
            ),
            models.Index(fields=["buyer", "-placed_at"], name="order_by_buyer"),
            models.Index(fields=["status", "placed_at"], name="order_by_status"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("payments:order", args=[self.public_id])

    @property
    def is_paid(self) -> bool:
        return self.status == self.Status.PAID


class OrderLine(models.Model):
    """The terms of one package as they were when it was sold. Never changed afterwards.

    A top-up line has no package and no lot: it is what a session costs above its credit.
    """

    class Kind(models.TextChoices):
        PACKAGE = "package", "Package"
        TOP_UP = "top_up", "Top-up"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.PACKAGE)
    package = models.ForeignKey(
        Package, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )
    name = models.CharField(max_length=120)
    units = models.PositiveSmallIntegerField(help_text="None in a top-up.")
    list_price_minor = models.BigIntegerField(default=0, help_text="Before the discount.")
    discount_minor = models.BigIntegerField(default=0)
    price_minor = models.BigIntegerField(help_text="What the buyer pays, tax included.")
    single_price_minor = models.BigIntegerField(
        default=0, help_text="What one session of it cost by itself, for refunds by that price."
    )
    tax_minor = models.BigIntegerField()
    tax_rate_bp = models.PositiveSmallIntegerField()
    tax_timing = models.CharField(max_length=10, choices=TaxTiming.choices, default=TaxTiming.SALE)
    validity_days = models.PositiveSmallIntegerField()
    valid_from = models.CharField(
        max_length=13, choices=Package.ValidFrom.choices, default=Package.ValidFrom.PURCHASE
    )
    variants = models.ManyToManyField(ServiceVariant, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="package", units__gt=0, package__isnull=False)
                | Q(kind="top_up", units=0, package=None),
                name="line_has_units",
            ),
            models.CheckConstraint(
                condition=Q(price_minor__gte=models.F("tax_minor"), tax_minor__gte=0),
                name="line_tax_within_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in order {self.order_id}"

    @property
    def net_minor(self) -> int:
        """The price without tax: what the credits are worth."""
        return self.price_minor - self.tax_minor


class AttemptQuerySet(models.QuerySet["PaymentAttempt"]):
    def live(self) -> Self:
        """Those a buyer could still be paying, or has paid without our knowing it yet."""
        return self.filter(status__in=PaymentAttempt.LIVE)

    def due_a_look(self, before: datetime) -> Self:
        return self.live().filter(created_at__lt=before)


class PaymentAttempt(models.Model):
    """One try to be paid for an order. The row is committed before Stripe hears of it."""

    class Method(models.TextChoices):
        CARD = "card", "Card, online"
        CASH = "cash", "Cash"
        TERMINAL = "terminal", "Card terminal"
        TRANSFER = "transfer", "Bank transfer"
        NONE = "none", "Nothing to pay"

    class Status(models.TextChoices):
        CREATED = "created", "Being prepared"
        OPEN = "open", "Open"
        PROCESSING = "processing", "On its way"
        PAID = "paid", "Paid"
        EXPIRED = "expired", "Expired"
        FAILED = "failed", "Failed"
        SURPLUS = "surplus", "Paid, though the order was paid already"

    LIVE = (Status.CREATED, Status.OPEN, Status.PROCESSING)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=8, choices=Method.choices, default=Method.CARD)
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CREATED)
    idempotency_key = models.CharField(max_length=120, unique=True)
    stripe_session_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    stripe_payment_intent_id = models.CharField(max_length=120, unique=True, null=True, blank=True)
    url = models.URLField(max_length=2000, blank=True)
    # What was asked of Stripe, kept so that a retry sends the very same request.
    success_url = models.URLField(max_length=2000, blank=True)
    cancel_url = models.URLField(max_length=2000, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    livemode = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Who took it at the desk.",
    )
    reference = models.CharField(
        max_length=80, blank=True, help_text="The slip of the terminal, the line of the bank."
    )
    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["order", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="attempts_in_one_line"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=["created", "open", "processing"]),
                name="one_live_attempt_per_order",
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="paid"), name="one_paid_attempt_per_order"
            ),
            models.CheckConstraint(
                condition=Q(status="paid", paid_at__isnull=False)
                | (~Q(status="paid") & Q(paid_at=None)),
                name="attempt_paid_has_moment",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="attempt_not_negative"),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="attempt_by_status")]

    def __str__(self) -> str:
        return f"{self.order} attempt {self.number}"

    def is_over(self, at: datetime) -> bool:
        """Open as far as we know, but past its end: only Stripe knows whether it was paid."""
        ended = self.expires_at is not None and self.expires_at <= at
        return self.status == self.Status.OPEN and ended
