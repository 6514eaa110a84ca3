"""Rules about who asks: intake, first visits, limits, and one place at a time (E9, E24, B16)."""

import pytest

from scheduling.availability import free_times
from scheduling.booking import NotOffered, adopt_holds, confirm_with_credit, require_may_book
from scheduling.day import complete
from scheduling.models import Booking
from scheduling.moving import move_booking
from scheduling.reasons import Reason
from tests.builders import make_runner, make_staff
from tests.scheduling.asked import ONE_DAY, make_place_elsewhere, quarters, reasons, starts
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_runner_with_credits,
)


def refused_hold(practice, starts_at, **values):
    with pytest.raises(NotOffered) as refused:
        hold(practice, starts_at, hold_key="other", **values)
    return refused.value.reason


def audience(practice, kind):
    practice.sports_60.audience = kind
    practice.sports_60.save()


def been_here(practice, runner):
    last_week = TUESDAY_9 - 7 * ONE_DAY
    booked = book(practice, runner, last_week, at=last_week - 2 * ONE_DAY)
    return complete(booking=booked, by=make_staff(), at=last_week + ONE_HOUR)


@pytest.mark.parametrize(
    ("kind", "has_been", "allowed"),
    [
        ("everyone", False, True),
        ("everyone", True, True),
        ("new", False, True),
        ("new", True, False),
        ("returning", False, False),
        ("returning", True, True),
    ],
)
def test_e24_a_session_for_new_or_for_known_runners(practice, runner, kind, has_been, allowed):
    if has_been:
        been_here(practice, runner)
    audience(practice, kind)

    assert (starts(practice, runner=runner) != []) == allowed
    expected = [] if allowed else [Reason.ELIGIBILITY]
    assert reasons(practice, TUESDAY_9, runner=runner) == expected
    assert starts(practice) != [], "the list for everybody does not know who asks"
    if not allowed:
        assert refused_hold(practice, TUESDAY_9, runner=runner) == Reason.ELIGIBILITY


def test_e24_a_booked_session_is_no_visit_yet(practice, runner):
    book(practice, runner, TUESDAY_9)
    audience(practice, "new")

    assert reasons(practice, TUESDAY_11, runner=runner) == []


def test_e9_who_must_call_is_asked_to(practice, runner):
    runner.runner_profile.must_call = True
    runner.runner_profile.save()

    assert starts(practice, runner=runner) == []
    assert reasons(practice, TUESDAY_9, runner=runner) == [Reason.INTAKE]
    assert refused_hold(practice, TUESDAY_9, runner=runner) == Reason.INTAKE


def test_a_time_held_before_signing_in_is_judged_when_it_is_known_for_whom(practice, runner):
    held = hold(practice, TUESDAY_9)
    adopt_holds(hold_key="browser", runner=runner, at=A_WEEK_BEFORE)
    runner.runner_profile.must_call = True
    runner.runner_profile.save()
    held.refresh_from_db()

    with pytest.raises(NotOffered) as before_paying:
        require_may_book(booking=held, runner=runner, at=A_WEEK_BEFORE)
    with pytest.raises(NotOffered) as when_confirming:
        confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)

    assert before_paying.value.reason == when_confirming.value.reason == Reason.INTAKE
    held.refresh_from_db()
    assert held.state == Booking.State.HELD


def test_b16_so_many_sessions_to_come(practice, runner):
    practice.location.most_open_bookings = 2
    practice.location.save()
    book(practice, runner, TUESDAY_9)
    assert reasons(practice, TUESDAY_9 + ONE_DAY, runner=runner) == []

    book(practice, runner, TUESDAY_11)

    assert starts(practice, TUESDAY + ONE_DAY, runner=runner) == []
    assert reasons(practice, TUESDAY_9 + ONE_DAY, runner=runner) == [Reason.RUNNER_LIMIT]
    assert refused_hold(practice, TUESDAY_9 + ONE_DAY, runner=runner) == Reason.RUNNER_LIMIT
    assert reasons(practice, TUESDAY_9 + ONE_DAY, runner=make_runner()) == []


def test_b16_so_many_sessions_on_one_day_wherever_they_are(practice, runner):
    practice.location.most_bookings_a_day = 1
    practice.location.save()
    hill = make_place_elsewhere(practice)
    book(practice, runner, TUESDAY_9 + 10 * ONE_HOUR, location=hill)

    assert starts(practice, runner=runner) == []
    assert reasons(practice, TUESDAY_9, runner=runner) == [Reason.RUNNER_LIMIT]
    assert starts(practice, TUESDAY + ONE_DAY, runner=runner) == quarters("09:00", "16:00")


def test_b16_what_is_moved_does_not_count(practice, runner):
    practice.location.most_bookings_a_day = practice.location.most_open_bookings = 1
    practice.location.save()
    booked = book(practice, runner, TUESDAY_9)

    moved = move_booking(
        booking=booked, starts_at=TUESDAY_11, therapist=None, by=runner, at=A_WEEK_BEFORE
    )

    assert moved.starts_at == TUESDAY_11


def test_b16_her_own_hold_of_the_service_is_replaced_and_others_holds_are_not_hers(
    practice, runner
):
    practice.location.most_open_bookings = 1
    practice.location.save()
    first = hold(practice, TUESDAY_9, runner=runner)
    hold(practice, TUESDAY_10, hold_key="somebody else")

    second = hold(practice, TUESDAY_11, runner=runner)

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


def test_i03_nobody_is_in_two_sessions_at_once(practice, runner):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)

    # Lena is free all day; the runner is not from 10:00 to 11:00, turnaround or not.
    assert starts(practice, therapist="lena", runner=runner) == [
        "09:00",
        *quarters("11:00", "16:00"),
    ]
    half_past = TUESDAY_10.replace(minute=30)
    assert reasons(practice, half_past, therapist="lena", runner=runner) == [Reason.RUNNER_LIMIT]
    assert refused_hold(practice, half_past, runner=runner) == Reason.RUNNER_LIMIT


def test_i03_binds_a_move_too(practice, runner):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)
    other = book(practice, runner, TUESDAY_9 + 4 * ONE_HOUR, therapist=practice.imre)

    with pytest.raises(NotOffered) as refused:
        move_booking(
            booking=other,
            starts_at=TUESDAY_10,
            therapist=practice.lena,
            by=runner,
            at=A_WEEK_BEFORE,
        )

    assert refused.value.reason == Reason.RUNNER_LIMIT
    other.refresh_from_db()
    assert other.starts_at == TUESDAY_9 + 4 * ONE_HOUR


def test_what_is_listed_for_her_can_be_held_by_her(practice, runner):
    practice.location.most_bookings_a_day = 2
    practice.location.save()
    book(practice, runner, TUESDAY_9)
    listed = free_times(
        variant=practice.sports_60,
        location=practice.location,
        therapist=None,
        start=TUESDAY,
        end=TUESDAY + ONE_DAY,
        at=A_WEEK_BEFORE,
        runner=runner,
    )

    held = hold(practice, listed[0].starts_at, runner=runner)

    assert held.starts_at == TUESDAY_10
    third = make_runner_with_credits(practice=practice)
    assert starts(practice, runner=third)[0] == "10:15"
