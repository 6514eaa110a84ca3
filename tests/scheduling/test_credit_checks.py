"""M17 to M19: what does not agree between a session and the credit it stands on."""

from datetime import timedelta

import pytest

from payments import crediting
from payments.checking import recheck
from payments.models import Mismatch
from payments.resolving import accept_suggestion, suggestions
from scheduling.day import complete, mark_no_show
from scheduling.models import Booking
from tests.builders import make_staff
from tests.scheduling.builders import TUESDAY, TUESDAY_9, TUESDAY_10, book

NEXT_DAYS = TUESDAY_10 + timedelta(hours=30)


@pytest.fixture
def booked(practice, runner):
    return book(practice, runner, therapist=practice.imre)


def found(code, at=NEXT_DAYS):
    recheck(code, at=at)
    return Mismatch.objects.open().get(code=code)


def best(mismatch):
    return suggestions([mismatch])[mismatch.pk][0]


def test_m17_a_credit_held_for_a_session_that_is_off_goes_back_with_one_tap(booked, runner):
    assert recheck("M17", at=TUESDAY_9) == 0
    before = crediting.wallet(runner, on=TUESDAY).available
    Booking.objects.filter(pk=booked.pk).update(state="cancelled_ontime")
    mismatch = found("M17")
    staff = make_staff()

    accepted = accept_suggestion(mismatch=mismatch, by=staff, at=NEXT_DAYS)

    assert accepted.is_settled
    assert crediting.wallet(runner, on=TUESDAY).available == before + 1
    assert recheck("M17", at=NEXT_DAYS) == 0


def test_m17_a_session_done_without_its_credit_leads_to_its_page(booked):
    Booking.objects.filter(pk=booked.pk).update(state="cancelled_ontime")
    crediting.release(booking_id=booked.public_id, by=None, at=TUESDAY_9, reason="By mistake")
    Booking.objects.filter(pk=booked.pk).update(state="completed")

    mismatch = found("M17")

    assert best(mismatch).leads_to.ident == str(booked.public_id)
    Booking.objects.filter(pk=booked.pk).update(state="cancelled_ontime")
    assert recheck("M17", at=NEXT_DAYS) == 0


def test_m17_sessions_that_ended_as_they_should_are_left_alone(practice, runner, booked):
    complete(booking=booked, by=None, at=TUESDAY_10)
    other = book(practice, runner, TUESDAY_10, therapist=practice.imre)
    mark_no_show(booking=other, by=make_staff(), at=TUESDAY_10 + timedelta(hours=1))

    assert [recheck(code, at=NEXT_DAYS) for code in ("M17", "M18", "M19")] == [0, 0, 0]


def test_m18_a_session_nobody_decided_about_is_shown_until_it_is_done(booked):
    assert recheck("M18", at=TUESDAY_10 + timedelta(hours=20)) == 0
    mismatch = found("M18")
    assert best(mismatch).leads_to.kind == "booking"

    complete(booking=booked, by=None, at=NEXT_DAYS)

    assert recheck("M18", at=NEXT_DAYS) == 0
    mismatch.refresh_from_db()
    assert (mismatch.status, mismatch.resolved_by) == ("resolved", None)


def test_m19_a_session_nobody_paid_is_shown_until_it_is(booked, practice, runner):
    crediting.release(booking_id=booked.public_id, by=None, at=TUESDAY_9, reason="To be paid")
    mismatch = found("M19")
    assert mismatch.amount_minor == booked.variant.price_minor
    assert best(mismatch).leads_to.ident == str(booked.public_id)
    assert recheck("M18", at=NEXT_DAYS) == 0
    crediting.reserve(
        owner=runner,
        variant=booked.variant,
        booking_id=booked.public_id,
        session_on=TUESDAY,
        by=None,
        at=NEXT_DAYS,
    )

    assert recheck("M19", at=NEXT_DAYS) == 0
