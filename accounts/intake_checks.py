"""What must never be of words about health (I24): rows that break it, for `check_invariants`."""

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.consents import Consent, Purpose
from accounts.health import IntakeAnswers, TreatmentNote

Rows = list[dict[str, Any]]


def health_without_consent() -> Rows:
    """Answers and notes of people who have not agreed, or no longer do."""
    last = Consent.objects.filter(person=OuterRef("person"), purpose=Purpose.HEALTH)
    granted = Subquery(last.latest_first().values("granted")[:1], output_field=BooleanField())
    return [
        row
        for rows in _kept()
        for row in _named(rows.annotate(agreed=Coalesce(granted, False)).filter(agreed=False))
    ]


def health_past_its_day(*, at: datetime) -> Rows:
    """Answers and notes whose day to go has passed."""
    return [row for rows in _kept() for row in _named(rows.filter(delete_on__lt=at.date()))]


def _kept() -> "tuple[QuerySet[Any], ...]":
    return IntakeAnswers.objects.all(), TreatmentNote.objects.all()


def _named(rows: "QuerySet[Any]") -> Rows:
    """By public ids only: a report of a breach says nothing about anybody's health."""
    kind = rows.model._meta.model_name
    found = rows.order_by("pk").values("public_id", "person__public_id", "delete_on")
    return [{"kind": kind, **row} for row in found]
