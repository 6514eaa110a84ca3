"""Receipts and credit notes: numbered without gaps for each legal entity, never changed."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from payments.money import currency_field

if TYPE_CHECKING:
    from payments.models.orders import Order


class LegalEntity(models.Model):
    """Who sells: the name and the numbers its documents carry."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    address = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    tax_number = models.CharField(max_length=40, blank=True)
    receipt_prefix = models.CharField(max_length=10, default="R-")
    credit_note_prefix = models.CharField(max_length=10, default="C-")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "legal entities"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_entity"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DocumentQuerySet(models.QuerySet["Document"]):
    def of_order(self, order: "Order") -> Self:
        return self.filter(order=order)

    def credit_notes(self) -> Self:
        return self.filter(kind=Document.Kind.CREDIT_NOTE)


class Document(models.Model):
    """A receipt or a credit note as it was given out. Append-only, numbers without a gap."""

    class Kind(models.TextChoices):
        RECEIPT = "receipt", "Receipt"
        CREDIT_NOTE = "credit_note", "Credit note"

    entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=11, choices=Kind.choices)
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... for each entity and kind.")
    order = models.ForeignKey("payments.Order", on_delete=models.PROTECT, related_name="documents")
    refund_request = models.OneToOneField(
        "payments.RefundRequest",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credit_note",
    )
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    total_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    currency = currency_field()
    content = models.JSONField(help_text="All that it says, as it was when it was given out.")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "number"], name="document_number_once"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="receipt"), name="one_receipt_per_order"
            ),
            models.CheckConstraint(
                condition=Q(kind="receipt", refund_request=None) | Q(kind="credit_note"),
                name="document_kind_known",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="document_number_from_one"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        """Where its buyer sees it: the receipt is the page of the paid order."""
        if self.kind == self.Kind.RECEIPT:
            return self.order.get_absolute_url()
        return reverse("payments:credit_note", args=[self.order.public_id, self.number])

    @property
    def label(self) -> str:
        """The number as it stands on it, also when the entity has another prefix by now."""
        return str(self.content["number"])
