"""What staff may set aside, and what nobody can (E23, B15)."""

from datetime import timedelta

import pytest
from django.db import transaction

from scheduling.booking import NotOffered, TimeTaken
from scheduling.claiming import Wish, judged, places
from scheduling.models import BookingChange, Closure
from scheduling.overriding import cut_turnarounds
from scheduling.reasons import OF_ASKING, OVERRIDABLE, PHYSICS, Reason
from tests.builders import make_staff
from tests.scheduling.asked import busy, off, reasons
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_practice,
    make_runner_with_credits,
)

MINUTE = timedelta(minutes=1)
NIGHT = TUESDAY_9 + 11 * ONE_HOUR


def wish(practice, starts_at, *forgiven, therapist="imre", **values):
    person = next(one for one in practice.therapists if one.code == therapist)
    return Wish(
        practice.sports_60,
        practice.location,
        person,
        starts_at,
        for_staff=True,
        forgive=frozenset(forgiven),
        **values,
    )


def refused(wanted):
    with pytest.raises((TimeTaken, NotOffered)) as refusal:
        judged(wanted, A_WEEK_BEFORE)
    return refusal.value.reason


def test_every_reason_is_physical_or_may_be_set_aside_or_does_not_bind_staff():
    assert not PHYSICS & OVERRIDABLE
    # A credit that ends earlier is a matter of money: no start is refused for it.
    assert PHYSICS | OVERRIDABLE | OF_ASKING | {Reason.EXPIRED_CREDIT} == set(Reason)


def lay_closed(practice):
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    return TUESDAY_9


def lay_time_off(practice):
    off(practice, TUESDAY_9, TUESDAY_10)
    return TUESDAY_9


def lay_busy(practice):
    busy(practice, TUESDAY_9, TUESDAY_10)
    return TUESDAY_9


def lay_outside_hours(practice):
    return NIGHT


def lay_eligibility(practice):
    practice.imre.variants.remove(practice.sports_60)
    return TUESDAY_9


def lay_cap_day(practice):
    practice.imre.most_sessions_a_day = 0
    practice.imre.save()
    return TUESDAY_9


def lay_cap_run(practice):
    practice.imre.most_minutes_in_a_row = 30
    practice.imre.save()
    return TUESDAY_9


@pytest.mark.parametrize(
    ("code", "lay"),
    [
        ("closed", lay_closed),
        ("time_off", lay_time_off),
        ("busy", lay_busy),
        ("outside_hours", lay_outside_hours),
        ("eligibility", lay_eligibility),
        ("cap_day", lay_cap_day),
        ("cap_run", lay_cap_run),
    ],
)
def test_a_rule_binds_staff_until_they_set_it_aside(practice, code, lay):
    starts_at = lay(practice)

    assert refused(wish(practice, starts_at)) == code
    [able] = judged(wish(practice, starts_at, Reason(code)), A_WEEK_BEFORE)
    assert able.reasons == (code,)


def test_rules_about_who_asks_bind_staff_until_set_aside(practice, runner):
    runner.runner_profile.must_call = True
    runner.runner_profile.save()
    practice.location.most_bookings_a_day = 1
    practice.location.save()
    assert refused(wish(practice, TUESDAY_9, runner=runner)) == Reason.INTAKE

    assert judged(wish(practice, TUESDAY_9, Reason.INTAKE, runner=runner), A_WEEK_BEFORE)


def test_notice_horizon_grid_and_not_online_do_not_bind_staff(practice):
    practice.sports_60.is_bookable_online = False
    practice.sports_60.save()
    practice.imre.is_bookable_online = False
    practice.imre.save()

    for starts_at in (TUESDAY_9 + 7 * MINUTE, TUESDAY_9 + timedelta(days=182)):
        assert judged(wish(practice, starts_at), TUESDAY_9)[0].reasons == ()
    # What is no longer given at all does bind.
    practice.sports_60.is_active = False
    assert refused(wish(practice, TUESDAY_9)) == Reason.ELIGIBILITY


def test_several_rules_are_all_named_and_all_have_to_be_set_aside(practice):
    off(practice, NIGHT, NIGHT + ONE_HOUR)
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    every = [Reason.CLOSED, Reason.TIME_OFF, Reason.OUTSIDE_HOURS]
    assert reasons(practice, NIGHT, for_staff=True) == every

    assert refused(wish(practice, NIGHT, Reason.CLOSED, Reason.OUTSIDE_HOURS)) == Reason.TIME_OFF
    assert judged(wish(practice, NIGHT, *every), A_WEEK_BEFORE)[0].reasons == tuple(every)


def test_two_sessions_in_one_pair_of_hands_stay_refused_whatever_is_forgiven(practice, runner):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)

    assert refused(wish(practice, TUESDAY_10, *Reason)) == Reason.OVERLAP
    assert refused(wish(practice, TUESDAY_10 - 59 * MINUTE, *Reason)) == Reason.OVERLAP


def test_a_hold_and_a_full_room_stay_refused_whatever_is_forgiven(db):
    practice = make_practice(rooms=1)
    hold(practice, TUESDAY_10, therapist=practice.imre)

    assert refused(wish(practice, TUESDAY_10, *Reason)) == Reason.HOLD
    assert refused(wish(practice, TUESDAY_10, *Reason, therapist="lena")) == Reason.ROOM


def test_without_its_turnaround_a_session_ends_where_the_next_begins(practice, runner):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)
    assert refused(wish(practice, TUESDAY_9)) == Reason.TURNAROUND

    place = places(wish(practice, TUESDAY_9, Reason.TURNAROUND), A_WEEK_BEFORE)[0]

    assert place.frees_at == place.ends_at == TUESDAY_10
    assert place.reasons == (Reason.TURNAROUND,)
    unforgiven = places(wish(practice, TUESDAY_11 + ONE_HOUR, Reason.TURNAROUND), A_WEEK_BEFORE)[0]
    assert unforgiven.frees_at == unforgiven.ends_at + 10 * MINUTE


def test_the_turnaround_of_the_session_before_is_given_up_in_writing(db):
    practice = make_practice(rooms=1)
    first = book(practice, make_runner_with_credits(practice=practice), TUESDAY_9)
    staff = make_staff()
    place = places(wish(practice, TUESDAY_10, Reason.TURNAROUND, therapist="lena"), A_WEEK_BEFORE)[
        0
    ]

    with transaction.atomic():
        cut_turnarounds(place, by=staff, at=A_WEEK_BEFORE, reason="Sheets are ready")

    first.refresh_from_db()
    assert first.frees_at == first.ends_at == TUESDAY_10
    written = BookingChange.objects.get(kind=BookingChange.Kind.SHORTENED)
    assert (written.booking, written.actor, written.reason) == (first, staff, "Sheets are ready")
    # Now it is free without anything forgiven, and the database takes it.
    assert hold(practice, TUESDAY_10, therapist=practice.lena, hold_key="next")
