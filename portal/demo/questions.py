"""The demo's questions before a session: in force, answered by some, and one who should call."""

from datetime import datetime, timedelta
from typing import Final

from accounts.answering import give_answers
from accounts.consents import Channel
from accounts.intake_forms import IntakeForm, Kind
from accounts.intake_publishing import publish
from accounts.models import User
from accounts.treatment_noting import write_note
from portal.demo.logins import RUNNER
from scheduling.models import Booking

ANSWERED: Final = 12
TYPED: Final = (
    "Tight calves since the half marathon, better after a day of rest.",
    "The left hip, on long downhills. Nothing at night.",
    "Nothing new. Training for a spring marathon, 60 km a week.",
)
NOTE: Final = (
    "Worked both calves, soleus firm on the left. Easy running tomorrow, ankle mobility daily."
)


def ask_questions(*, at: datetime) -> None:
    """Once: the draft is put in force; who comes next has answered, but for the demo's login."""
    draft = IntakeForm.objects.drafts().first()
    owner = User.objects.filter(is_superuser=True).first()
    if draft is None or owner is None or IntakeForm.objects.published().exists():
        return
    form = publish(form=draft, by=owner, at=at - timedelta(days=30))
    coming = Booking.objects.upcoming(at).exclude(runner__email=RUNNER.email)
    rows = coming.select_related("runner")
    people = list({row.runner.pk: row.runner for row in rows if row.runner}.values())
    for place, person in enumerate(people[:ANSWERED]):
        _answer(form, person, place, at=at - timedelta(days=ANSWERED - place))
    for person in people[1:4]:
        _note(person, owner, at=at)


def _answer(form: IntakeForm, person: User, place: int, *, at: datetime) -> None:
    answers: dict[str, str | list[str]] = {}
    for question in form.all_questions:
        key = str(question.key)
        if question.kind == Kind.YES_NO:
            # The first of them had an operation lately: please call.
            is_first = place == 0 and question == form.all_questions[0]
            answers[key] = "Yes" if is_first else "No"
        elif question.kind == Kind.BODY:
            answers[key] = [question.options[(place * 3) % len(question.options)], "Calves"]
        elif question.kind == Kind.LONG:
            answers[key] = TYPED[place % len(TYPED)]
        elif question.kind == Kind.CHOICE:
            answers[key] = question.options[place % len(question.options)]
    give_answers(
        person=person,
        form=form,
        answers=answers,
        agrees=True,
        channel=Channel.INTAKE,
        by=person,
        at=at,
    )


def _note(person: User, by: User, *, at: datetime) -> None:
    done = Booking.objects.of(person).filter(state=Booking.State.COMPLETED).last()
    if done is not None:
        write_note(person=person, session=done.public_id, words=NOTE, by=by, at=at)
