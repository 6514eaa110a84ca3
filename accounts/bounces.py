"""What mail servers and mailboxes answered to our mails (N7). A row an answer, never edited."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class BounceQuerySet(models.QuerySet["Bounce"]):
    def of_dead_address(self, email: str) -> Self:
        """Mails to an address that came back for good, and none arrived there since."""
        return self.filter(email=email.lower(), kind=Bounce.Kind.HARD, mended_at=None)


class Bounce(models.Model):
    """A mail that came back, or of which somebody complained.

    What is known of an address hangs on the address: another one starts clean.
    """

    class Kind(models.TextChoices):
        HARD = "hard", "No such mailbox"
        REFUSED = "refused", "Not taken"
        COMPLAINT = "complaint", "Marked as spam"

    message = models.ForeignKey(
        "accounts.Message", on_delete=models.CASCADE, related_name="bounces"
    )
    email = models.EmailField(max_length=254, help_text="Where the mail went.")
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=16, blank=True, help_text="Such as 5.1.1.")
    said = models.CharField(max_length=300, blank=True, help_text="In the server's words.")
    at = models.DateTimeField()
    mended_at = models.DateTimeField(
        null=True, blank=True, help_text="When a mail reached the address again."
    )

    objects: ClassVar[BounceQuerySet] = BounceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "kind"], name="bounce_once_a_message"),
            models.CheckConstraint(
                condition=Q(kind__in=["hard", "refused", "complaint"]),
                name="bounce_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="bounce_email_in_lower_case"
            ),
        ]
        indexes = [
            models.Index(
                fields=["email"], condition=Q(kind="hard", mended_at=None), name="address_is_dead"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.message_id}"
