"""The questions before a first session (G1): a form in versions, written by the practice.

A draft may change; a version in force never does, because answers refer to it. The latest published
version is the one in force.
"""

import uuid
from typing import ClassVar, Final, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

YES, NO = "Yes", "No"
BODY_AREAS: Final = (
    "Neck",
    "Shoulders",
    "Upper back",
    "Lower back",
    "Hips",
    "Glutes",
    "Hamstrings",
    "Thighs, front",
    "Knees",
    "Calves",
    "Shins",
    "Achilles tendons",
    "Ankles",
    "Feet",
)


class IntakeFormQuerySet(models.QuerySet["IntakeForm"]):
    def published(self) -> Self:
        return self.exclude(published_at=None).order_by("-version")

    def drafts(self) -> Self:
        return self.filter(published_at=None)


class IntakeForm(ClusterableModel):
    """One version of the questions, and of the words a runner agrees to with them."""

    version = models.PositiveIntegerField(null=True, blank=True, unique=True, editable=False)
    title = models.CharField(max_length=120)
    introduction = models.TextField(blank=True, help_text="Above the questions, for runners.")
    consent_text = models.TextField(
        "what runners agree to",
        help_text="Nothing is kept without it: what you keep, who reads it, for how long.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[IntakeFormQuerySet] = IntakeFormQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "form of questions"
        verbose_name_plural = "forms of questions"
        ordering = ["-published_at", "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(version=None, published_at=None)
                | Q(version__isnull=False, published_at__isnull=False),
                name="intake_form_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}" if self.version else f"{self.title} (draft)"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def text_version(self) -> str:
        """How a consent calls these words."""
        return f"questions-{self.version}"

    @cached_property
    def all_questions(self) -> "list[IntakeQuestion]":
        return list(IntakeQuestion.objects.filter(form=self).order_by("sort_order", "pk"))


class Kind(models.TextChoices):
    """How a question is answered."""

    YES_NO = "yes_no", _("Yes or no")
    SHORT = "short", _("A few words")
    LONG = "long", _("A text")
    CHOICE = "choice", _("One of several")
    SEVERAL = "several", _("Any of several")
    BODY = "body", _("Areas of the body")
    DATE = "date", _("A date")


class IntakeQuestion(Orderable):
    """One question. Its ``key`` stays through versions: earlier answers are offered again."""

    Kind = Kind

    form = ParentalKey(IntakeForm, on_delete=models.CASCADE, related_name="questions")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.YES_NO)
    words = models.CharField("question", max_length=200)
    help_text = models.CharField(max_length=300, blank=True)
    is_required = models.BooleanField("must be answered", default=True)
    choices = models.TextField(
        blank=True, help_text="One a line, for “one of several” and “any of several”."
    )
    stops_booking = models.TextField(
        "answers that ask for a call",
        blank=True,
        help_text="One a line, such as Yes. Who answers so calls you before booking online.",
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["form", "key"], name="intake_question_once_a_form"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="intake_question_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def options(self) -> list[str]:
        """What may be picked; nothing where people type."""
        if self.kind == Kind.YES_NO:
            return [YES, NO]
        if self.kind == Kind.BODY:
            return list(BODY_AREAS)
        if self.kind in (Kind.CHOICE, Kind.SEVERAL):
            return _lines(self.choices)
        return []

    def asks_for_a_call(self, answer: object) -> bool:
        given = answer if isinstance(answer, list) else [answer]
        return not {str(one).casefold() for one in given}.isdisjoint(
            one.casefold() for one in _lines(self.stops_booking)
        )

    def clean(self) -> None:
        if self.kind in (Kind.CHOICE, Kind.SEVERAL) and len(self.options) < 2:
            raise ValidationError({"choices": _("Write at least two answers, one a line.")})
        known = {one.casefold() for one in self.options}
        unknown = [one for one in _lines(self.stops_booking) if one.casefold() not in known]
        if unknown:
            said = _("“%(answer)s” is not an answer to this question.") % {"answer": unknown[0]}
            raise ValidationError({"stops_booking": said})


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]
