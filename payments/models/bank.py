"""What the bank says: lines of its statements, each once; and the till, counted each day."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.models.stripe import Payout
from payments.money import currency_field


class BankImport(models.Model):
    """A statement file that was read. The same file again changes nothing."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        OFX = "ofx", "OFX"
        CAMT = "camt", "CAMT.053"

    format = models.CharField(max_length=4, choices=Format.choices)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return self.file_name


class BankLineQuerySet(models.QuerySet["BankLine"]):
    def unmatched(self) -> Self:
        return self.filter(payout=None, set_aside_because="")


class BankLine(models.Model):
    """One line of a statement: money in is positive."""

    imported = models.ForeignKey(BankImport, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=60, blank=True)
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = currency_field()
    text = models.CharField(max_length=500, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    # From what the line says, so that overlapping files bring it once.
    fingerprint = models.CharField(max_length=64, unique=True)
    payout = models.OneToOneField(
        Payout, null=True, blank=True, on_delete=models.PROTECT, related_name="bank_line"
    )
    matched_at = models.DateTimeField(null=True, blank=True)
    matched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    set_aside_because = models.CharField(max_length=200, blank=True)

    objects = BankLineQuerySet.as_manager()

    class Meta:
        ordering = ["-booked_on", "-id"]
        indexes = [models.Index(fields=["booked_on"], name="bank_line_by_day")]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount_minor} {self.currency}"


class CashUp(models.Model):
    """The till of one person on one day: what should be in it, what was counted."""

    on = models.DateField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    currency = currency_field()
    expected_minor = models.BigIntegerField()
    counted_minor = models.BigIntegerField()
    difference_minor = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-on", "person"]
        permissions = [("take_payments", "Can take payments at the desk")]
        constraints = [
            models.UniqueConstraint(fields=["on", "person", "currency"], name="cash_up_once"),
            models.CheckConstraint(
                condition=Q(difference_minor=F("counted_minor") - F("expected_minor")),
                name="cash_up_difference_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.person}"
