"""The books. A line moves an amount from one account to another, so an entry balances by shape."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.chart import CHOICES
from payments.models.credits import AppendOnlyQuerySet, CreditLot
from payments.models.orders import Order
from payments.money import currency_field


class JournalEntry(models.Model):
    """Something that happened, as the books see it. Append-only; errors are reversed."""

    source = models.CharField(max_length=160, unique=True, help_text="Each cause posts once.")
    kind = models.CharField(max_length=24)
    description = models.CharField(max_length=200)
    effective_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    occurred_at = models.DateTimeField(
        null=True, blank=True, help_text="When it happened, if the books of that day were closed."
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "journal entries"
        ordering = ["effective_at", "id"]
        indexes = [models.Index(fields=["effective_at"], name="journal_by_moment")]

    def __str__(self) -> str:
        return self.description


class JournalLine(models.Model):
    """An amount debited to one account and credited to another. Append-only."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    debit = models.CharField(max_length=8, choices=CHOICES)
    credit = models.CharField(max_length=8, choices=CHOICES)
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="journal_lines"
    )
    lot = models.ForeignKey(
        CreditLot, null=True, blank=True, on_delete=models.PROTECT, related_name="journal_lines"
    )
    booking_id = models.UUIDField(null=True, blank=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="line_moves_money"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="line_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["debit"], name="line_by_debit"),
            models.Index(fields=["credit"], name="line_by_credit"),
        ]

    def __str__(self) -> str:
        return f"{self.debit} from {self.credit}: {self.amount_minor} {self.currency}"


class Account(models.Model):
    """What the bookkeeper calls an account of the chart. `role` is what lines are written with."""

    role = models.CharField(max_length=8, primary_key=True, choices=CHOICES)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Period(models.Model):
    """Books that are closed: from the end of the one before until `ends_at`. Append-only."""

    starts_on = models.DateField(help_text="The first day, in the practice's zone.")
    ends_on = models.DateField(help_text="The last day.")
    ends_at = models.DateTimeField(unique=True, help_text="The first instant after it.")
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)
    trial_balance = models.JSONField(help_text="Balance of each account when it was closed.")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-ends_at"]
        permissions = [("close_periods", "Can close the books of a period")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="period_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"
