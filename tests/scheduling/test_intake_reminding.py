"""Runners are reminded of open questions before a session, and who may read the answers."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from accounts import outbox
from accounts.models import IntakeAnswers, Message
from accounts.roles import FRONT_DESK, OWNERS, THERAPISTS
from accounts.talking import let_book_again
from scheduling.booking import NotOffered
from scheduling.cancelling import cancel_booking
from scheduling.intake_reminding import KIND, queue_intake_reminders
from scheduling.reasons import Reason
from scheduling.treating import keep_health, may_read_health
from tests.accounts.intake import answered, questions_in_force
from tests.builders import make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    TUESDAY_11,
    book,
    hold,
    make_practice,
    make_runner_with_credits,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def ana(practice):
    return make_runner_with_credits(practice=practice)


@pytest.fixture
def form():
    return questions_in_force(make_staff())


def _owed():
    return Message.objects.filter(kind=KIND).count()


def test_a_mail_at_48_and_at_24_hours_while_the_questions_are_open(practice, ana, form):
    book(practice, ana, TUESDAY_9)
    book(practice, ana, TUESDAY_11)

    for hours, owed in ((49, 0), (48, 1), (30, 1), (24, 2), (2, 2)):
        queue_intake_reminders(at=TUESDAY_9 - hours * HOUR)
        assert _owed() == owed, hours
    mail.outbox.clear()
    outbox.send_due(at=TUESDAY_9 - 2 * HOUR)
    letters = [one for one in mail.outbox if "questions" in one.subject]
    assert [one.subject for one in letters] == ["A few questions before Tue 1 Dec 09:00"] * 2
    assert "/account/intake/" in letters[0].body
    assert "health" not in letters[0].body.lower() + str(letters[0].alternatives[0].content).lower()


def test_no_mail_without_questions_answered_ones_or_a_late_booking(practice, ana):
    book(practice, ana, TUESDAY_9)
    assert queue_intake_reminders(at=TUESDAY_9 - 40 * HOUR) == 0

    form = questions_in_force(make_staff())
    late = make_runner_with_credits(practice=practice)
    book(practice, late, TUESDAY_9, at=TUESDAY_9 - 20 * HOUR)
    answered(form, ana, at=A_WEEK_BEFORE)
    assert queue_intake_reminders(at=TUESDAY_9 - 40 * HOUR) == 0
    assert queue_intake_reminders(at=TUESDAY_9 - 19 * HOUR) == 0


def test_a_mail_that_has_nothing_to_say_any_more_stays_unsent(practice, ana, form):
    booking = book(practice, ana, TUESDAY_9)
    queue_intake_reminders(at=TUESDAY_9 - 47 * HOUR)
    answered(form, ana, at=TUESDAY_9 - 47 * HOUR)
    cancelled = make_runner_with_credits(practice=practice)
    other = book(practice, cancelled, TUESDAY_9)
    queue_intake_reminders(at=TUESDAY_9 - 47 * HOUR)
    cancel_booking(booking=other, by=cancelled, at=TUESDAY_9 - 46 * HOUR)

    outbox.send_due(at=TUESDAY_9 - 45 * HOUR)

    because = Message.objects.filter(kind=KIND).order_by("pk").values_list("dropped_because")
    assert [one for (one,) in because] == [
        "The questions are answered.",
        "The session is not to come.",
    ]
    booking.refresh_from_db()
    assert booking.state == "confirmed", "what is booked stays booked"


def test_an_answer_that_asks_for_a_call_stops_booking_with_neutral_words(practice, ana, form):
    answered(form, ana, at=A_WEEK_BEFORE, clot="Yes")

    with pytest.raises(NotOffered) as refusal:
        hold(practice, runner=ana)
    assert refusal.value.reason == Reason.INTAKE
    assert str(refusal.value) == "Please call us before you book. We would like to talk first."
    ana.runner_profile.must_call = True
    ana.runner_profile.save()
    let_book_again(person=ana, by=make_staff(), at=A_WEEK_BEFORE)
    with pytest.raises(NotOffered):
        hold(practice, runner=ana)
    ana.runner_profile.must_call = False
    ana.runner_profile.save()
    assert hold(practice, runner=ana)


def test_who_may_read_whose_answers(practice, ana):
    booking = book(practice, ana, TUESDAY_9, therapist=practice.imre)
    stranger = make_runner_with_credits(practice=practice)
    imre, lena, owner, desk = (make_staff(name=name) for name in ("Imre", "Lena", "Olu", "Dee"))
    for therapist, user in ((practice.imre, imre), (practice.lena, lena)):
        therapist.user = user
        therapist.save()
        user.groups.add(Group.objects.get(name=THERAPISTS))
    owners, _ = Group.objects.get_or_create(name=OWNERS)
    owners.permissions.add(*Group.objects.get(name=THERAPISTS).permissions.all())
    owner.groups.add(owners)
    desk.groups.add(Group.objects.get(name=FRONT_DESK))
    before, after = TUESDAY_9 - HOUR, TUESDAY_9 + timedelta(days=365)

    told = {
        (who.name, whose.pk == ana.pk, at == before): may_read_health(who, whose, at=at)
        for who in (imre, lena, owner, desk)
        for whose in (ana, stranger)
        for at in (before, after)
    }
    yes = {key for key, allowed in told.items() if allowed}
    assert yes == {
        ("Imre", True, True),
        ("Imre", True, False),
        *(("Olu", hers, then) for hers in (True, False) for then in (True, False)),
    }
    assert not may_read_health(imre, ana, at=after + 2 * HOUR), "a year after the session it ends"
    cancel_booking(booking=booking, by=ana, at=A_WEEK_BEFORE)
    assert not may_read_health(imre, ana, at=before), "a cancelled session is none"


def test_words_stay_until_two_years_after_the_last_session(practice, ana, form):
    answered(form, ana, at=A_WEEK_BEFORE)
    gone = make_runner_with_credits(practice=practice)
    answered(form, gone, at=A_WEEK_BEFORE)
    book(practice, ana, TUESDAY_9)

    assert keep_health(at=TUESDAY_9) == 0
    assert keep_health(at=A_WEEK_BEFORE + timedelta(days=731)) == 1
    [left] = IntakeAnswers.objects.all()
    assert (left.person, left.delete_on.isoformat()) == (ana, "2028-12-01")
