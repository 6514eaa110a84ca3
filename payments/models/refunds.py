"""Giving money back: what was asked, which units it takes, what became of it."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.credits import CreditLot
from payments.models.orders import Order, PaymentAttempt
from payments.models.stripe import Refund
from payments.money import currency_field


class RefundRequestQuerySet(models.QuerySet["RefundRequest"]):
    def standing(self) -> Self:
        """Those that took money and units, or are about to."""
        return self.filter(status__in=RefundRequest.STANDING)


class RefundRequest(models.Model):
    """A refund, committed before Stripe hears of it. Its units leave the lot with the request."""

    class Origin(models.TextChoices):
        PORTAL = "portal", "Asked for here"
        EXTERNAL = "external", "Made at Stripe, units chosen here"

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        PENDING = "pending", "On its way"
        SUCCEEDED = "succeeded", "Paid back"
        FAILED = "failed", "Failed"
        CANCELED = "canceled", "Cancelled"

    STANDING = (Status.REQUESTED, Status.PENDING, Status.SUCCEEDED)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refund_requests")
    attempt = models.ForeignKey(
        PaymentAttempt, on_delete=models.PROTECT, related_name="refund_requests"
    )
    number = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.PORTAL)
    method = models.CharField(
        max_length=8, choices=PaymentAttempt.Method.choices, default=PaymentAttempt.Method.CARD
    )
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.REQUESTED)
    formula = models.CharField(max_length=16, blank=True, help_text="The rule the amount follows.")
    sums = models.JSONField(default=dict, help_text="Both alternatives as they were shown.")
    reason = models.CharField(max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=120, unique=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    stripe_refund = models.OneToOneField(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="request"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        permissions = [("refund_orders", "Can pay back orders")]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="refunds_in_one_line"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="refund_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "pending"], settled_at=None)
                | Q(status__in=["succeeded", "failed", "canceled"], settled_at__isnull=False),
                name="refund_settled_has_moment",
            ),
        ]
        indexes = [models.Index(fields=["status", "next_try_at"], name="refund_waiting")]

    def __str__(self) -> str:
        return f"Refund {self.number} of {self.order}"


class RefundPart(models.Model):
    """The units of one lot that a refund takes, and what they were worth."""

    request = models.ForeignKey(RefundRequest, on_delete=models.PROTECT, related_name="parts")
    lot = models.ForeignKey(CreditLot, on_delete=models.PROTECT, related_name="refund_parts")
    units = models.PositiveSmallIntegerField()
    value_minor = models.BigIntegerField(help_text="Without tax.")
    tax_minor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "lot"], name="refund_part_once"),
            models.CheckConstraint(
                condition=Q(units__gt=0, value_minor__gte=0, tax_minor__gte=0),
                name="refund_part_has_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units} of lot {self.lot_id}"
