"""Questions in force and somebody's answers, as the acts make them."""

from datetime import UTC, datetime

from accounts.answering import give_answers
from accounts.consents import Channel
from accounts.intake_forms import IntakeForm, IntakeQuestion, Kind
from accounts.intake_publishing import publish
from accounts.models import User

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
CLOT = "Have you ever had a blood clot?"
WHERE = "Where does it hurt?"
MORE = "What else should we know?"


def questions_in_force(by: User, *, at: datetime = NOW) -> IntakeForm:
    form = IntakeForm.objects.create(title="Before you come", consent_text="You may keep this.")
    for place, (words, kind, more) in enumerate(
        (
            (CLOT, Kind.YES_NO, {"stops_booking": "Yes"}),
            (WHERE, Kind.BODY, {"is_required": False}),
            (MORE, Kind.LONG, {"is_required": False}),
        )
    ):
        IntakeQuestion.objects.create(form=form, sort_order=place, words=words, kind=kind, **more)
    return publish(form=form, by=by, at=at)


def key_of(form: IntakeForm, words: str) -> str:
    return str(next(one.key for one in form.all_questions if one.words == words))


def answered(form: IntakeForm, person: User, *, at: datetime = NOW, clot="No", more="Sore calves."):
    given = {key_of(form, CLOT): clot, key_of(form, MORE): more}
    return give_answers(
        person=person,
        form=form,
        answers=given,
        agrees=True,
        channel=Channel.INTAKE,
        by=person,
        at=at,
    )
