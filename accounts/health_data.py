"""What is about somebody's health: how long it stays, who read it, and how it goes."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import auditing
from accounts.audit_trail import AuditEntry
from accounts.consents import Consent, Purpose
from accounts.health import IntakeAnswers, TalkFirst, TreatmentNote
from accounts.merging import accounts_of
from accounts.models import User

READ = "health.read"
SOMEBODY = "Somebody of the practice"


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody of the practice opened her answers or notes."""

    at: datetime
    who: str


def kept_until(day: date) -> date:
    """The day words go that somebody gave, or needed, on `day`."""
    months = day.month - 1 + int(settings.HEALTH_KEPT_MONTHS)
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def answers_in_words(given: IntakeAnswers) -> list[dict[str, Any]]:
    """Each question of the version she answered, with her answer."""
    answers = given.answers
    return [
        {"question": question.words, "answer": answers.get(str(question.key), "")}
        for question in given.form.all_questions
    ]


def forget_when_withdrawn(instance: Consent, *, created: bool, **_: Any) -> None:
    """With her consent goes what rested on it, through whatever door she took it back (I24).

    That she is asked to call stays: it says nothing of why, and nobody has talked to her yet.
    """
    if not created or instance.granted or instance.purpose != Purpose.HEALTH:
        return
    by = User.objects.filter(public_id=instance.by).first()
    _forget_words(instance.person, by=by, at=instance.at, why="consent withdrawn")


def delete_due(*, at: datetime) -> int:
    """Delete what has come to its day; returns how many rows. Safe to repeat."""
    today = at.date()
    people = User.objects.filter(
        Q(intake_answers__delete_on__lte=today) | Q(treatment_notes__delete_on__lte=today)
    ).distinct()
    gone = sum(_forget_due(person, today, at=at) for person in people.iterator())
    old = TalkFirst.objects.exclude(released_at=None)
    for talk in old.iterator():
        if kept_until(talk.released_at.date()) <= today:  # type: ignore[union-attr]
            gone += talk.delete()[0]
    return gone


def count_due(at: datetime) -> int:
    """How many answers and notes `delete_due` would delete."""
    due = Q(delete_on__lte=at.date())
    return IntakeAnswers.objects.filter(due).count() + TreatmentNote.objects.filter(due).count()


def keep_until(person_id: int, day: date) -> None:
    """Her latest answers and her notes stay until `day`, if that is later than was said."""
    latest = IntakeAnswers.objects.filter(person=person_id).latest_first().values("pk")[:1]
    IntakeAnswers.objects.filter(pk__in=latest, delete_on__lt=day).update(delete_on=day)
    TreatmentNote.objects.filter(person=person_id, delete_on__lt=day).update(delete_on=day)


def note_look(
    person: User, shown: Mapping[str, int], *, by: User, at: datetime, why: str = ""
) -> None:
    """Write down that `by` is shown so many rows of each kind about her health (R17)."""
    auditing.record(
        READ,
        by=by,
        at=at,
        about="health",
        key=str(person.public_id),
        runner=person,
        after=shown,
        why=why,
    )


def reads_of(person: User, *, most: int | None = None) -> list[Reading]:
    """Who of the practice read what is about her health, the latest first.

    What was read of an account that became hers was hers, and the trail keeps it as that one's.
    """
    hers = [account.public_id for account in accounts_of(person)]
    entries = AuditEntry.objects.filter(runner__in=hers, action=READ).order_by("-at")
    found = list(entries[:most])
    names = names_of({entry.by for entry in found if entry.by})
    return [
        Reading(entry.at, names.get(entry.by, SOMEBODY) if entry.by else SOMEBODY)
        for entry in found
    ]


def names_of(public_ids: set[UUID]) -> dict[UUID, str]:
    """What each of the practice is called to the person they acted for."""
    people = User.objects.filter(public_id__in=public_ids)
    return {person.public_id: person.name or SOMEBODY for person in people}


@transaction.atomic
def _forget_due(person: User, today: date, *, at: datetime) -> int:
    due = Q(delete_on__lte=today)
    return _forget_words(person, by=None, at=at, why="come to its day", which=due)


def _forget_words(
    person: User, *, by: User | None, at: datetime, why: str, which: Q | None = None
) -> int:
    which = which or Q()
    answers, _ = IntakeAnswers.objects.filter(which, person=person).delete()
    notes, _ = TreatmentNote.objects.filter(which, person=person).delete()
    if answers or notes:
        auditing.record(
            "health.deleted",
            by=by,
            at=at,
            about="user",
            key=str(person.public_id),
            runner=person,
            before={"answers": answers, "notes": notes},
            why=why,
        )
    return answers + notes
