"""What the practice and its accountant decide once, before the first sale."""

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q


class TaxTiming(models.TextChoices):
    """When the tax of a package is due; frozen on each line sold."""

    SALE = "sale", "At the sale (single-purpose voucher)"
    REDEMPTION = "redemption", "At each session (multi-purpose voucher)"


class BookRules(models.Model):
    """One row: how the books treat tax and credits that end unused."""

    class Breakage(models.TextChoices):
        REVENUE = "revenue", "Becomes revenue on the day it expires"
        OWED = "owed", "Stays owed (unclaimed property)"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    tax_timing = models.CharField(max_length=10, choices=TaxTiming.choices, default=TaxTiming.SALE)
    breakage = models.CharField(max_length=7, choices=Breakage.choices, default=Breakage.REVENUE)

    class Meta:
        verbose_name = verbose_name_plural = "rules of the books"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="book_rules_are_one_row"),
        ]

    def __str__(self) -> str:
        return "Rules of the books"

    @classmethod
    def current(cls) -> "BookRules":
        """The row, or what it says by default when nobody has decided yet."""
        return cls.objects.filter(pk=1).first() or cls()


class RefundLimit(models.Model):
    """The most that somebody in a role may pay back at once; a role without one has no limit."""

    role = models.OneToOneField(Group, on_delete=models.CASCADE, related_name="refund_limit")
    most_minor = models.BigIntegerField(help_text="In the smallest unit: 10000 is £100.00.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(most_minor__gte=0), name="refund_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.most_minor}"
