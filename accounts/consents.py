"""What somebody agreed to, and took back: a row a decision, never edited."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q


class Purpose(models.TextChoices):
    """What a decision is about."""

    MARKETING = "marketing", "News and offers"
    CREDIT_NOTICES = "credit_notices", "Reminders about credits"
    HEALTH = "health", "Health questions"


class Channel(models.TextChoices):
    """Where a decision was made."""

    ACCOUNT = "account", "On the account page"
    API = "api", "By an app"
    INTAKE = "intake", "With the health questions"
    UNSUBSCRIBE = "unsubscribe", "By a link in a mail"
    DESK = "desk", "Told to the practice"
    ERASURE = "erasure", "With the deletion of the account"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def latest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Consent(models.Model):
    """One decision. The last of a purpose holds; `granted` false takes an earlier one back."""

    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=24, choices=Purpose)
    granted = models.BooleanField()
    text_version = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True, help_text="The words that were agreed to.")
    channel = models.CharField(max_length=16, choices=Channel)
    at = models.DateTimeField()
    by = models.UUIDField(help_text="Public id of who decided, or wrote it down.")

    objects: ClassVar[ConsentQuerySet] = ConsentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted=False) | (~Q(text="") & ~Q(text_version="")),
                name="consent_knows_its_words",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="consent_purpose_is_known"
            ),
        ]
        indexes = [models.Index(fields=["person", "purpose", "-at"], name="consent_in_force")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {'yes' if self.granted else 'no'}"
