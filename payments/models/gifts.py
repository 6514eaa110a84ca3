"""A package bought for somebody else: the buyer pays, whoever claims it owns the credits."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.credits import CreditLot
from payments.models.orders import Order


class Gift(models.Model):
    """An order for somebody else. Its lot stays frozen with the buyer until it is claimed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="gift")
    from_name = models.CharField(max_length=120)
    to_name = models.CharField(max_length=120, blank=True)
    to_email = models.EmailField()
    message = models.TextField(max_length=500, blank=True)
    # Only its hash: whoever reads the database cannot claim. Sending again makes a new code.
    code_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    times_sent = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="gifts_claimed",
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_lot = models.OneToOneField(
        CreditLot, null=True, blank=True, on_delete=models.PROTECT, related_name="gift"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed_by=None, claimed_at=None, claimed_lot=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False, claimed_lot__isnull=False),
                name="gift_claimed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Gift of order {self.order_id}"


class CreditNotice(models.Model):
    """A message about a lot that was queued: each kind goes out once (P15)."""

    class Kind(models.TextChoices):
        MONTH = "month", "Ends in 30 days"
        WEEK = "week", "Ends in 7 days"
        LAST = "last", "One left"
        NONE = "none", "None left"

    lot = models.ForeignKey(CreditLot, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    ends_on = models.DateField(help_text="The last day it spoke of: a new one is told anew.")
    queued_at = models.DateTimeField()

    class Meta:
        ordering = ["queued_at"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "kind", "ends_on"], name="notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of lot {self.lot_id}"
