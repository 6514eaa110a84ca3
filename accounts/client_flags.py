"""What staff must know before they book a client (R8). That she calls first is in her profile."""

from django.conf import settings
from django.db import models


class ClientFlags(models.Model):
    """Without a row nothing is flagged. The client never sees any of it."""

    client = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="client_flags"
    )
    must_prepay = models.BooleanField(
        "pays before booking",
        default=False,
        help_text="On: the desk books nothing for them that is still to be paid.",
    )
    alert = models.CharField(
        max_length=200, blank=True, help_text="Shown to staff when they book and arrive."
    )
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name_plural = "client flags"

    def __str__(self) -> str:
        return f"Flags of {self.client}"
