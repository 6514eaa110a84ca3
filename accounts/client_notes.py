"""What staff write down about a client, and who may read it. Health answers never live here."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ClientNote(models.Model):
    """One note as it reads now. What it said before is kept beside it."""

    class Audience(models.TextChoices):
        TEAM = "team", "Front desk, therapists and managers"
        FRONT_DESK = "desk", "Front desk and managers"
        THERAPISTS = "therapists", "Therapists and managers"
        MANAGERS = "managers", "Managers only"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="client_notes"
    )
    text = models.TextField(max_length=2000)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.TEAM)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-written_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(audience__in=["team", "desk", "therapists", "managers"]),
                name="note_audience_known",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="note_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Note about {self.client} of {self.written_at:%d %b %Y}"


class ClientNoteVersion(models.Model):
    """What a note said until it was edited."""

    note = models.ForeignKey(ClientNote, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    audience = models.CharField(max_length=10, choices=ClientNote.Audience)
    until = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["-until", "-pk"]

    def __str__(self) -> str:
        return f"{self.note} until {self.until:%d %b %Y %H:%M}"
