"""The inbox of Stripe's events and a thin mirror of its objects: only what the books need."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.chart import CHOICES
from payments.models.orders import PaymentAttempt
from payments.money import currency_field


class EventQuerySet(models.QuerySet["StripeEvent"]):
    def due(self, at: datetime) -> Self:
        waiting = self.filter(status=StripeEvent.Status.PENDING)
        return waiting.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=at))

    def needing_a_person(self) -> Self:
        return self.filter(status=StripeEvent.Status.FAILED)


class StripeEvent(models.Model):
    """Stored before it is handled, once by its id, whatever arrives twice."""

    class Status(models.TextChoices):
        PENDING = "pending", "Waiting"
        DONE = "done", "Handled"
        FAILED = "failed", "Failed"
        FOREIGN = "foreign", "Not ours"
        IGNORED = "ignored", "Nothing to do"

    id = models.CharField(primary_key=True, max_length=120)
    type = models.CharField(max_length=80)
    api_version = models.CharField(max_length=40, blank=True)
    livemode = models.BooleanField(default=False)
    payload = models.JSONField()
    signature_verified = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["status", "next_attempt_at"], name="event_waiting")]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    @property
    def object_id(self) -> str:
        found = self.payload.get("data", {}).get("object", {})
        return str(found.get("id") or "") if isinstance(found, dict) else ""


class StripeCursor(models.Model):
    """How far a periodic reading of Stripe has come."""

    name = models.CharField(primary_key=True, max_length=40)
    read_until_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.read_until_at}"


class Charge(models.Model):
    """A successful or failed charge at Stripe."""

    id = models.CharField(primary_key=True, max_length=120)
    attempt = models.ForeignKey(
        PaymentAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="charges"
    )
    payment_intent_id = models.CharField(max_length=120, blank=True, db_index=True)
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    amount_refunded_minor = models.BigIntegerField(default=0)
    status = models.CharField(max_length=16)
    method = models.CharField(max_length=40, blank=True, help_text="card, sepa_debit, ...")
    is_disputed = models.BooleanField(default=False)
    livemode = models.BooleanField()
    created_at = models.DateTimeField()
    # Null until Stripe knows it: it comes with charge.updated, up to an hour later.
    balance_transaction_id = models.CharField(max_length=120, unique=True, null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.id


class Refund(models.Model):
    """Money on its way back to a buyer."""

    id = models.CharField(primary_key=True, max_length=120)
    charge = models.ForeignKey(
        Charge, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds"
    )
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    status = models.CharField(max_length=16)
    reason = models.CharField(max_length=40, blank=True)
    failure_reason = models.CharField(max_length=60, blank=True)
    pending_reason = models.CharField(max_length=60, blank=True)
    failure_balance_transaction_id = models.CharField(max_length=120, blank=True)
    livemode = models.BooleanField()
    created_at = models.DateTimeField()
    balance_transaction_id = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.id


class Dispute(models.Model):
    """A buyer's bank has asked for the money back."""

    id = models.CharField(primary_key=True, max_length=120)
    charge = models.ForeignKey(
        Charge, null=True, blank=True, on_delete=models.PROTECT, related_name="disputes"
    )
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    status = models.CharField(max_length=32)
    reason = models.CharField(max_length=60, blank=True)
    livemode = models.BooleanField()
    created_at = models.DateTimeField()
    evidence_due_at = models.DateTimeField(null=True, blank=True)
    balance_transaction_ids = models.JSONField(default=list, blank=True)
    evidence_sent_at = models.DateTimeField(null=True, blank=True)
    evidence_sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.id


class BalanceQuerySet(models.QuerySet["BalanceTransaction"]):
    def money_movements(self) -> Self:
        """Everything but payouts: those only carry the money to the bank."""
        return self.exclude(reporting_category__in=PAYOUT_CATEGORIES)


PAYOUT_CATEGORIES = ("payout", "payout_reversal")


class BalanceTransaction(models.Model):
    """Stripe's unit of change of its balance. What it costs and when it becomes available."""

    id = models.CharField(primary_key=True, max_length=120)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    currency = currency_field()
    reporting_category = models.CharField(max_length=60)
    type = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120, blank=True, db_index=True)
    description = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    fee_details = models.JSONField(default=list)
    exchange_rate = models.CharField(
        max_length=40, blank=True, help_text="As Stripe wrote it, when it changed the currency."
    )

    objects = BalanceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor=F("amount_minor") - F("fee_minor")),
                name="net_is_amount_less_fee",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="balance_by_moment")]

    def __str__(self) -> str:
        return self.id


class Payout(models.Model):
    """Money on its way from Stripe to the bank."""

    id = models.CharField(primary_key=True, max_length=120)
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    status = models.CharField(max_length=16)
    automatic = models.BooleanField()
    arrival_on = models.DateField()
    created_at = models.DateTimeField()
    reconciliation_status = models.CharField(max_length=20, blank=True)
    livemode = models.BooleanField(default=False)
    method = models.CharField(max_length=20, blank=True, help_text="standard or instant")
    trace_id = models.CharField(max_length=120, blank=True)
    failure_code = models.CharField(max_length=60, blank=True)
    # Set when all of its transactions have been read and kept as lines.
    itemised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.id

    @property
    def is_itemisable(self) -> bool:
        """Stripe can say what is inside only of automatic payouts, once it is done counting."""
        return self.automatic and self.reconciliation_status == "completed"


class PayoutLine(models.Model):
    """A balance transaction that came with a payout: the link is not kept by Stripe itself."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines")
    balance_transaction = models.OneToOneField(
        BalanceTransaction, on_delete=models.PROTECT, related_name="payout_line"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.balance_transaction_id} in {self.payout_id}"


class Classification(models.Model):
    """What a kind of movement at Stripe is, said once by a person and remembered (M14)."""

    reporting_category = models.CharField(max_length=60)
    type = models.CharField(max_length=60)
    role = models.CharField(max_length=8, choices=CHOICES)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reporting_category", "type"], name="classification_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reporting_category} ({self.type})"
