"""Words about somebody's health, each sealed and with a day it goes (G3). See docs/intake.md."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.encrypting import EncryptedJSONField, EncryptedTextField


class IntakeAnswersQuerySet(models.QuerySet["IntakeAnswers"]):
    def latest_first(self) -> Self:
        return self.order_by("-given_at", "-pk")


class IntakeAnswers(models.Model):
    """What a runner answered at one time. A correction is a further row."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="intake_answers"
    )
    form = models.ForeignKey(
        "accounts.IntakeForm", on_delete=models.PROTECT, related_name="answers"
    )
    answers = EncryptedJSONField(help_text="By the key of the question.")
    given_at = models.DateTimeField()
    delete_on = models.DateField()

    objects: ClassVar[IntakeAnswersQuerySet] = IntakeAnswersQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "answers to the questions"
        default_permissions = ()
        indexes = [
            models.Index(fields=["person", "-given_at"], name="answers_of_person"),
            models.Index(fields=["delete_on"], name="answers_to_delete"),
        ]

    def __str__(self) -> str:
        return f"Answers {self.public_id}"


class TreatmentNote(models.Model):
    """What a therapist noted about a session. It is not edited; a mistake is told in another."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="treatment_notes"
    )
    session = models.UUIDField(help_text="The booking's public id.")
    words = EncryptedTextField()
    written_by = models.UUIDField(help_text="Public id.")
    written_at = models.DateTimeField()
    delete_on = models.DateField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["person", "-written_at"], name="notes_of_person"),
            models.Index(fields=["session"], name="notes_of_session"),
            models.Index(fields=["delete_on"], name="notes_to_delete"),
        ]

    def __str__(self) -> str:
        return f"Note {self.public_id}"


class TalkFirstQuerySet(models.QuerySet["TalkFirst"]):
    def standing(self) -> Self:
        return self.filter(released_at=None)


class TalkFirst(models.Model):
    """An answer asked for a talk (G4): no booking online until somebody had it. Never says why."""

    person = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="talks_first"
    )
    since: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.UUIDField(null=True, blank=True, help_text="Public id.")

    objects: ClassVar[TalkFirstQuerySet] = TalkFirstQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "talks first"
        default_permissions = ()
        permissions = [("let_book_again", "Can let a runner book online again after a talk")]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(released_at=None), name="one_talk_stands"
            ),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="talk_released_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Talk {self.pk}"
