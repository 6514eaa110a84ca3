"""What a person must look at: the queue that proves the books when it is empty."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from payments.models.orders import Order
from payments.money import currency_field


class MismatchQuerySet(models.QuerySet["Mismatch"]):
    def open(self) -> Self:
        return self.filter(status=Mismatch.Status.OPEN)


class Mismatch(models.Model):
    """Two things that should agree and do not."""

    class Severity(models.TextChoices):
        NOTICE = "notice", "Notice"
        WARNING = "warning", "Warning"
        CRITICAL = "critical", "Critical"

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"

    code = models.CharField(max_length=3, help_text="M01 and so on; see docs/books.md.")
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.WARNING)
    amount_minor = models.BigIntegerField(default=0)
    currency = currency_field()
    about = models.CharField(max_length=160)
    order = models.ForeignKey(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="mismatches"
    )
    details = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="mismatches",
        help_text="Who looks after it.",
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    resolution = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = MismatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "mismatches"
        ordering = ["first_seen_at"]
        permissions = [("reconcile", "Can reconcile payments")]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "about"], condition=Q(status="open"), name="mismatch_open_once"
            ),
            models.CheckConstraint(
                condition=Q(status="open", resolved_at=None)
                | Q(status="resolved", resolved_at__isnull=False),
                name="mismatch_resolved_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.about}"


class MismatchComment(models.Model):
    """What somebody found out on the way."""

    mismatch = models.ForeignKey(Mismatch, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return self.text[:80]
