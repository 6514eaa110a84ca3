"""Opening what is about a client's health: every look is written down first (R17)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.health import IntakeAnswers, TreatmentNote
from accounts.health_data import note_look
from accounts.intake_forms import IntakeQuestion
from accounts.models import User


@dataclass(frozen=True, slots=True)
class Answer:
    question: str
    words: str
    asks_for_a_call: bool


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """What she answered at one time, to the form of then."""

    public_id: UUID
    form: str
    given_at: datetime
    delete_on: date
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Note:
    public_id: UUID
    session: UUID
    words: str
    who: str
    written_at: datetime
    delete_on: date


@dataclass(frozen=True, slots=True)
class HealthFile:
    """All of it: the answers, the latest first, and the notes, the latest first."""

    answers: tuple[AnswerSet, ...]
    notes: tuple[Note, ...]


@sensitive_variables()
@transaction.atomic
def open_file(*, person: User, by: User, at: datetime) -> HealthFile:
    """What `by` is shown of `person`; whether they may is asked before (scheduling/treating.py).

    The look is in the trail, or nothing is shown.
    """
    file = HealthFile(answers_of(person), _notes_of(person))
    shown = {"answers": len(file.answers), "notes": len(file.notes)}
    note_look(person, shown, by=by, at=at)
    return file


def answers_of(person: User) -> tuple[AnswerSet, ...]:
    """For herself; staff go through `open_file`."""
    rows = IntakeAnswers.objects.filter(person=person).latest_first()
    return tuple(
        AnswerSet(
            public_id=row.public_id,
            form=str(row.form),
            given_at=row.given_at,
            delete_on=row.delete_on,
            answers=tuple(_answer(question, row.answers) for question in row.form.all_questions),
        )
        for row in rows.select_related("form")
    )


def _answer(question: IntakeQuestion, answers: dict[str, Any]) -> Answer:
    given = answers.get(str(question.key), "")
    words = ", ".join(given) if isinstance(given, list) else str(given)
    return Answer(question.words, words, question.asks_for_a_call(given))


def _notes_of(person: User) -> tuple[Note, ...]:
    rows = list(TreatmentNote.objects.filter(person=person).order_by("-written_at", "-pk"))
    authors = User.objects.filter(public_id__in={row.written_by for row in rows})
    names = {author.public_id: str(author) for author in authors}
    return tuple(
        Note(
            public_id=row.public_id,
            session=row.session,
            words=row.words,
            who=names.get(row.written_by, ""),
            written_at=row.written_at,
            delete_on=row.delete_on,
        )
        for row in rows
    )
