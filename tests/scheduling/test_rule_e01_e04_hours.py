"""When somebody works and what a session occupies: E1 to E4."""

from datetime import date, timedelta

from scheduling.availability import free_times
from scheduling.booking import hold_time
from scheduling.models import Closure, HoursException, WorkingHours
from scheduling.reasons import Reason
from tests.scheduling.asked import (
    ONE_DAY,
    make_place_elsewhere,
    off,
    open_on,
    quarters,
    reasons,
    set_hours,
    starts,
)
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
)

# --- E2 hours ------------------------------------------------------------------------------------


def test_e2_a_session_lies_inside_a_shift_up_to_its_very_end(practice):
    assert starts(practice) == quarters("09:00", "16:00")
    assert reasons(practice, TUESDAY_9 - timedelta(minutes=15)) == [Reason.OUTSIDE_HOURS]
    assert reasons(practice, TUESDAY_9 + timedelta(hours=7, minutes=15)) == [Reason.OUTSIDE_HOURS]


def test_e2_a_split_shift_leaves_its_gap_out(practice):
    set_hours(practice, ("08:00", "12:00"), ("14:00", "16:00"))

    assert starts(practice) == quarters("08:00", "11:00") + quarters("14:00", "15:00")


def test_e2_shifts_that_touch_are_one_shift(practice):
    set_hours(practice, ("09:00", "09:30"), ("09:30", "10:15"))

    assert starts(practice) == ["09:00", "09:15"]


def test_e2_hours_cross_midnight_as_two_shifts(practice):
    set_hours(practice, ("22:30", "00:00"))
    set_hours(practice, ("00:00", "00:45"), weekday=3)

    assert starts(practice) == quarters("22:30", "23:45")
    assert starts(practice, TUESDAY + ONE_DAY) == []


def test_e2_hours_end_with_their_last_day_in_the_middle_of_a_week(practice):
    WorkingHours.objects.update(valid_to=TUESDAY)

    assert starts(practice) != []
    assert starts(practice, TUESDAY + ONE_DAY) == []


def test_e2_another_location_has_its_own_hours(practice):
    other = make_place_elsewhere(practice)

    assert starts(practice, TUESDAY) == quarters("09:00", "16:00")
    found = free_times(
        variant=practice.sports_60,
        location=other,
        therapist=practice.imre,
        start=TUESDAY,
        end=TUESDAY + ONE_DAY,
        at=A_WEEK_BEFORE,
    )
    assert [time.starts_at for time in found] == [TUESDAY_9 + timedelta(hours=10)]


# --- E3 exceptions -------------------------------------------------------------------------------


def test_e3_a_closure_beats_everything(practice):
    open_on(practice, TUESDAY, "06:00", "22:00")
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)

    assert starts(practice) == []
    assert starts(practice, TUESDAY + ONE_DAY) != []
    assert reasons(practice, TUESDAY_9) == [Reason.CLOSED]


def test_e3_a_closure_may_last_to_the_end_of_the_calendar(practice):
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=date.max)

    assert starts(practice, TUESDAY - ONE_DAY) != []
    assert starts(practice) == starts(practice, TUESDAY + ONE_DAY) == []
    assert reasons(practice, TUESDAY_9) == [Reason.CLOSED]


def test_e3_time_off_takes_part_of_a_day_even_of_an_exception(practice):
    open_on(practice, TUESDAY, "09:00", "13:00")
    off(practice, TUESDAY_10, TUESDAY_11)

    assert starts(practice) == ["09:00", *quarters("11:00", "12:00")]
    assert reasons(practice, TUESDAY_10) == [Reason.TIME_OFF]


def test_e3_an_exception_replaces_the_weekly_hours_of_its_days(practice):
    open_on(practice, TUESDAY, "18:00", "19:30")

    assert starts(practice) == quarters("18:00", "18:30")
    assert starts(practice, TUESDAY + ONE_DAY) == quarters("09:00", "16:00")


def test_e3_an_exception_opens_a_day_without_hours(practice):
    saturday = TUESDAY + 4 * ONE_DAY
    assert starts(practice, saturday) == []

    open_on(practice, saturday, "10:00", "11:00")

    assert starts(practice, saturday) == ["10:00"]


def test_e3_a_day_off_entered_as_an_exception(practice):
    HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=TUESDAY,
        ends_on=TUESDAY + ONE_DAY,
        is_open=False,
    )

    assert starts(practice) == starts(practice, TUESDAY + ONE_DAY) == []


# --- E1, E4 bookings and turnaround --------------------------------------------------------------


def test_e4_the_next_session_starts_when_the_turnaround_is_over(practice, runner):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)

    # 60 minutes and 10 of turnaround end before 10:00 only from 08:50; after it 11:10 is free.
    assert starts(practice) == quarters("11:15", "16:00")
    assert reasons(practice, TUESDAY_10) == [Reason.OVERLAP]
    assert reasons(practice, TUESDAY_11) == [Reason.TURNAROUND]
    assert reasons(practice, TUESDAY_9) == [Reason.TURNAROUND]


def test_e4_back_to_back_exactly_when_it_frees(practice, runner):
    practice.sports_60.turnaround_minutes = 15
    practice.sports_60.save()
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    assert starts(practice)[0] == "10:15"


def test_e4_the_turnaround_may_run_past_the_end_of_the_shift(practice):
    assert starts(practice)[-1] == "16:00"


def test_e1_a_booking_elsewhere_occupies_the_therapist_here(practice, runner):
    other = make_place_elsewhere(practice)
    WorkingHours.objects.filter(location=other).update(starts="09:00", ends="10:00")
    hold_time(
        variant=practice.sports_60,
        location=other,
        starts_at=TUESDAY_9,
        therapist=practice.imre,
        hold_key="x",
        runner=None,
        at=A_WEEK_BEFORE,
    )

    assert starts(practice)[0] == "10:15"
    assert starts(practice, therapist="lena")[0] == "09:00"
