"""What must never be of words about health (I24): rows that break it, for `check_invariants`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import BooleanField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts import promises
from accounts.consents import Consent, Purpose
from accounts.health import IntakeAnswers, TreatmentNote
from accounts.promises import Broken

RULE: Final = "I24"


def register() -> None:
    """Let them be asked when the rule is proved; called when the app is ready."""
    promises.add(RULE, "health_without_consent", health_without_consent)
    promises.add(RULE, "health_past_its_day", health_past_its_day)


def health_without_consent(at: datetime) -> Iterator[Broken]:
    """Answers and notes of people who have not agreed, or no longer do."""
    last = Consent.objects.filter(person=OuterRef("person"), purpose=Purpose.HEALTH)
    granted = Subquery(last.latest_first().values("granted")[:1], output_field=BooleanField())
    for rows in _kept():
        without = rows.annotate(agreed=Coalesce(granted, False)).filter(agreed=False)
        yield from _broken(without, "kept without a consent that stands")


def health_past_its_day(at: datetime) -> Iterator[Broken]:
    """Answers and notes whose day to go has passed."""
    for rows in _kept():
        yield from _broken(rows.filter(delete_on__lt=at.date()), "its day of deletion has passed")


def _kept() -> "tuple[QuerySet[Any], ...]":
    return IntakeAnswers.objects.all(), TreatmentNote.objects.all()


def _broken(rows: "QuerySet[Any]", what: str) -> Iterator[Broken]:
    """By public ids only: a report of a breach says nothing about anybody's health."""
    kind = rows.model._meta.verbose_name
    found = rows.order_by("pk").values_list("public_id", "person__public_id")
    for public_id, person in found:
        yield Broken(f"{kind} {public_id}", what, "runner", str(person))
