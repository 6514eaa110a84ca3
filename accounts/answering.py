"""A runner's answers to the questions before a session (G1, G4)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import auditing, consenting
from accounts.audit_trail import AuditEntry
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.health import IntakeAnswers, TalkFirst
from accounts.health_data import READ, kept_until
from accounts.intake_forms import IntakeForm
from accounts.models import User

ASKED_AGAIN_AFTER: Final = timedelta(days=365)


class AnswersRefused(Exception):
    """The answers cannot be taken, and nothing was stored."""


class FormReplaced(AnswersRefused):
    """Other questions are in force than those that were answered."""

    def __init__(self) -> None:
        super().__init__(_("The questions have changed meanwhile. Please look at them once more."))


class NothingAgreed(AnswersRefused):
    """Without her consent nothing about her health is kept."""

    def __init__(self) -> None:
        super().__init__(_("We may only keep your answers if you agree to it."))


class Intake(StrEnum):
    """Where somebody stands with the questions."""

    NOT_ASKED = "not_asked"  # there are none in force
    NOT_DONE = "not_done"
    OUT_OF_DATE = "out_of_date"  # older than twelve months
    DONE = "done"

    @property
    def is_due(self) -> bool:
        return self in (Intake.NOT_DONE, Intake.OUT_OF_DATE)


class Seen(StrEnum):
    """What a day board may say: no word of what was answered."""

    NOT_DONE = "Questions not done"
    PLEASE_READ = "Please read the answers"
    ANSWERED = "Questions answered"


def form_in_force() -> IntakeForm | None:
    return IntakeForm.objects.published().first()


def latest_answers(person: User) -> IntakeAnswers | None:
    return IntakeAnswers.objects.filter(person=person).select_related("form").latest_first().first()


def intake_of(person: User, *, at: datetime) -> Intake:
    return intakes_of([person.pk], at=at)[person.pk]


def intakes_of(people: Iterable[int], *, at: datetime) -> dict[int, Intake]:
    """Where each stands, by primary key; two queries for however many."""
    wanted = list(people)
    if not IntakeForm.objects.published().exists():
        return dict.fromkeys(wanted, Intake.NOT_ASKED)
    given = _given(wanted)
    return {pk: _intake(given.get(pk), at) for pk in wanted}


def seen_by_practice(people: Iterable[User], *, at: datetime) -> dict[int, Seen]:
    """For pages of staff, by primary key; nobody is in it while no questions are in force.

    Three queries. Answers are to be read while nobody has opened them since they were given.
    """
    by_pk = {person.pk: person for person in people}
    if not IntakeForm.objects.published().exists() or not by_pk:
        return {}
    given = _given(by_pk)
    entries = AuditEntry.objects.filter(
        action=READ, runner__in=[person.public_id for person in by_pk.values()]
    )
    read = dict(entries.order_by().values_list("runner").annotate(last=Max("at")))
    return {
        pk: _seen(given.get(pk), read.get(person.public_id), at) for pk, person in by_pk.items()
    }


@sensitive_variables()
@transaction.atomic
def give_answers(
    *,
    person: User,
    form: IntakeForm,
    answers: Mapping[str, Any],
    agrees: bool,
    channel: Channel,
    by: User,
    at: datetime,
) -> IntakeAnswers:
    """Keep checked `answers` (by question key) and the consent they rest on.

    An answer that asks for a call stops booking online until somebody talked to her. What was
    talked about is not asked for again by a correction within the year.

    Raises:
        NothingAgreed: nothing is stored.
        FormReplaced: `form` is not the one in force.
    """
    if not agrees:
        raise NothingAgreed
    if form != form_in_force():
        raise FormReplaced
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    before = latest_answers(person)
    consenting.give(
        person,
        Purpose.HEALTH,
        text_version=form.text_version,
        text=form.consent_text,
        channel=channel,
        by=by,
        at=at,
    )
    if _calls_for(form, answers) - _talked_about(before, at):
        _stop(person, at=at)
    given = IntakeAnswers.objects.create(
        person=person,
        form=form,
        answers=dict(answers),
        given_at=at,
        delete_on=kept_until(at.date()),
    )
    auditing.record(
        "health.answered",
        by=by,
        at=at,
        about="answers",
        key=str(given.public_id),
        runner=person,
        after={"form": form.version},
    )
    return given


def withdraw_answers(*, person: User, channel: Channel, by: User, at: datetime) -> None:
    """Take the consent back; `health_data.forget_when_withdrawn` deletes what rested on it."""
    decide(person, Purpose.HEALTH, agrees=False, channel=channel, by=by, at=at)


def _given(people: Iterable[int]) -> dict[int, datetime]:
    rows = IntakeAnswers.objects.filter(person__in=list(people)).order_by()
    return dict(rows.values_list("person").annotate(last=Max("given_at")))


def _intake(given_at: datetime | None, at: datetime) -> Intake:
    if given_at is None:
        return Intake.NOT_DONE
    return Intake.DONE if at < given_at + ASKED_AGAIN_AFTER else Intake.OUT_OF_DATE


def _seen(given_at: datetime | None, read_at: datetime | None, at: datetime) -> Seen:
    if given_at is None or _intake(given_at, at).is_due:
        return Seen.NOT_DONE
    return Seen.ANSWERED if read_at and read_at >= given_at else Seen.PLEASE_READ


def _calls_for(form: IntakeForm, answers: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The answers that ask for a call, each with its question."""
    return {
        (str(question.key), str(one))
        for question in form.all_questions
        for one in _each(answers.get(str(question.key), ""))
        if question.asks_for_a_call(one)
    }


def _talked_about(before: IntakeAnswers | None, at: datetime) -> set[tuple[str, str]]:
    if before is None or at >= before.given_at + ASKED_AGAIN_AFTER:
        return set()
    return _calls_for(before.form, before.answers)


def _each(answer: object) -> list[object]:
    return list(answer) if isinstance(answer, list) else [answer]


def _stop(person: User, *, at: datetime) -> None:
    TalkFirst.objects.get_or_create(person=person, released_at=None, defaults={"since": at})
