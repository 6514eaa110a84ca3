"""The questions before a session, by API: the runner's own, and what therapists may read.

Answers to a POST carry no word about health: they are kept for a day to answer a repeat (see
idempotency.py).
"""

import uuid
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from accounts.answering import (
    FormReplaced,
    NothingAgreed,
    form_in_force,
    give_answers,
    intake_of,
    withdraw_answers,
)
from accounts.api import caller, signed_in
from accounts.consents import Channel
from accounts.health_data import reads_of
from accounts.health_reading import AnswerSet, answers_of, open_file
from accounts.intake_forms import IntakeForm
from accounts.intake_questions import AGREES, QuestionsForm
from accounts.models import User
from accounts.talking import is_asked_to_talk, let_book_again
from accounts.treatment_noting import LONGEST, write_note
from portal.api.problems import problem
from portal.staff.health import client_asked, may_let_book_again, require_reader, session_asked

of_runner = Router(tags=["questions"], auth=signed_in)
of_staff = Router(tags=["staff"], auth=signed_in)


class QuestionOut(Schema):
    """``options`` are what may be picked; empty where people type."""

    key: uuid.UUID
    kind: str
    words: str
    help_text: str
    is_required: bool
    options: list[str]


class QuestionsOut(Schema):
    """``consent_text`` is what is agreed to with the answers."""

    version: int
    title: str
    introduction: str
    consent_text: str
    questions: list[QuestionOut]


class AnswerOut(Schema):
    question: str
    words: str


class AnswerSetOut(Schema):
    id: uuid.UUID
    form: str
    given_at: AwareDatetime
    delete_on: str
    answers: list[AnswerOut]


class ReadingOut(Schema):
    at: AwareDatetime
    who: str


class IntakeOut(Schema):
    """``state`` is not_asked, not_done, out_of_date or done. ``call_first``: please call us before
    you book; it never says why."""

    state: str
    call_first: bool
    questions: QuestionsOut | None
    answers: list[AnswerSetOut]
    read_by: list[ReadingOut]


class IntakeStateOut(Schema):
    state: str
    call_first: bool


class AnswersIn(Schema):
    """``answers`` by question key: a text, or a list where several may be picked."""

    version: int
    answers: dict[uuid.UUID, str | list[str]]
    agrees: bool


class TreatmentNoteOut(Schema):
    id: uuid.UUID
    session: uuid.UUID
    words: str
    who: str
    written_at: AwareDatetime


class HealthFileOut(Schema):
    answers: list[AnswerSetOut]
    notes: list[TreatmentNoteOut]


class SessionNoteIn(Schema):
    words: Annotated[str, Field(min_length=1, max_length=LONGEST)]


class NoteKeptOut(Schema):
    id: uuid.UUID


@of_runner.get("/intake/", response=IntakeOut, operation_id="read_intake")
@sensitive_variables()
def read_intake(request: HttpRequest) -> Any:
    """The questions in force, one's own answers, and who of the practice read them."""
    runner, questions = caller(request), form_in_force()
    return {
        **_state(runner),
        "questions": _questions(questions) if questions else None,
        "answers": [_set(one) for one in answers_of(runner)],
        "read_by": [{"at": one.at, "who": one.who} for one in reads_of(runner)],
    }


@of_runner.post("/intake/answers/", response={201: IntakeStateOut}, operation_id="answer_questions")
@sensitive_variables()
def answer_questions(request: HttpRequest, given: AnswersIn) -> Any:
    """Answer, or correct what was answered: always all of it. Needs ``agrees``."""
    runner, questions = caller(request), form_in_force()
    if not given.agrees:
        raise NothingAgreed
    if questions is None or questions.version != given.version:
        raise FormReplaced
    named = {f"q-{key}": value for key, value in given.answers.items()}
    form = QuestionsForm(_Sent({**named, AGREES: "on"}), questions=questions)
    if not form.is_valid():
        return _invalid(form)
    give_answers(
        person=runner,
        form=questions,
        answers=form.answers,
        agrees=given.agrees,
        channel=Channel.API,
        by=runner,
        at=timezone.now(),
    )
    return Status(201, _state(runner))


@of_runner.post("/intake/withdrawal/", response=IntakeStateOut, operation_id="withdraw_answers")
def withdraw(request: HttpRequest) -> Any:
    """Take the consent back: the answers and the notes about one's sessions are deleted at once."""
    runner = caller(request)
    withdraw_answers(person=runner, channel=Channel.API, by=runner, at=timezone.now())
    return _state(runner)


@of_staff.get("/runners/{runner_id}/health/", response=HealthFileOut, operation_id="read_health")
@sensitive_variables()
def read_health(request: HttpRequest, runner_id: uuid.UUID) -> Any:
    """For a therapist of theirs and the owner; the runner can see who read it, and when."""
    at = timezone.now()
    client = require_reader(caller(request), client_asked(runner_id), at=at)
    file = open_file(person=client, by=caller(request), at=at)
    return {
        "answers": [_set(one) for one in file.answers],
        "notes": [
            {
                "id": one.public_id,
                "session": one.session,
                "words": one.words,
                "who": one.who,
                "written_at": one.written_at,
            }
            for one in file.notes
        ],
    }


@of_staff.post("/runners/{runner_id}/talk/", response={204: None}, operation_id="let_book_again")
def talked(request: HttpRequest, runner_id: uuid.UUID) -> Any:
    """Somebody talked to a runner whose answers asked for it: they book online again."""
    at, by, client = timezone.now(), caller(request), client_asked(runner_id)
    if not may_let_book_again(by, client, at=at):
        raise Http404
    let_book_again(person=client, by=by, at=at)
    return Status(204, None)


@of_staff.post(
    "/bookings/{booking_id}/note/", response={201: NoteKeptOut}, operation_id="write_session_note"
)
@sensitive_variables()
def write_session_note(request: HttpRequest, booking_id: uuid.UUID, note: SessionNoteIn) -> Any:
    """A therapist's note about a session, kept as the answers are."""
    at, by = timezone.now(), caller(request)
    booking = session_asked(by, booking_id)
    client = require_reader(by, booking.runner, at=at)
    kept = write_note(person=client, session=booking.public_id, words=note.words, by=by, at=at)
    return Status(201, {"id": kept.public_id})


class _Sent(dict[str, Any]):
    """What came as JSON, read by a form as if it came from a page."""

    def getlist(self, name: str) -> list[str]:
        value = self.get(name, [])
        return value if isinstance(value, list) else [value]


def _invalid(form: QuestionsForm) -> HttpResponse:
    """Names the questions that are not answered well, and no word of the answers."""
    errors = [
        {"loc": ["body", "answers", form.keys.get(name, name)], "msg": _FAULT}
        for name in form.errors
    ]
    return problem(422, "invalid", "Some of what was sent is not valid.", errors=errors)


_FAULT = "This question needs an answer of the kind it asks for."


def _state(runner: User) -> dict[str, Any]:
    return {
        "state": intake_of(runner, at=timezone.now()).value,
        "call_first": is_asked_to_talk(runner),
    }


def _questions(form: IntakeForm) -> dict[str, Any]:
    return {
        "version": form.version,
        "title": form.title,
        "introduction": form.introduction,
        "consent_text": form.consent_text,
        "questions": [
            {
                "key": one.key,
                "kind": one.kind,
                "words": one.words,
                "help_text": one.help_text,
                "is_required": one.is_required,
                "options": one.options,
            }
            for one in form.all_questions
        ],
    }


def _set(one: AnswerSet) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "form": one.form,
        "given_at": one.given_at,
        "delete_on": one.delete_on.isoformat(),
        "answers": [{"question": each.question, "words": each.words} for each in one.answers],
    }
