"""Which times are free: a table per rule, and one engine behind both answers."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from scheduling.availability import days, explain, free_times, is_free, nearest
from scheduling.booking import NotOffered, TimeTaken, hold_time
from scheduling.models import Booking, Closure, HoursException, Room, TimeOff, WorkingHours
from scheduling.reasons import Reason
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
    make_shift,
    make_therapist,
)

ONE_DAY = timedelta(days=1)


def starts(practice, day=TUESDAY, *, at=A_WEEK_BEFORE, variant=None, therapist="imre", **values):
    """The free starts of a local day, as wall times."""
    person = next((one for one in practice.therapists if one.code == therapist), None)
    found = free_times(
        variant=variant or practice.sports_60,
        location=practice.location,
        therapist=person,
        start=day,
        end=day + ONE_DAY,
        at=at,
        **values,
    )
    zone = practice.location.zone
    return [f"{one.starts_at.astimezone(zone):%H:%M}" for one in found]


def quarters(first, last):
    """Every quarter of an hour from one wall time to another, both included."""
    start = datetime.combine(TUESDAY, time.fromisoformat(first))
    end = datetime.combine(TUESDAY, time.fromisoformat(last))
    count = int((end - start) / timedelta(minutes=15))
    return [f"{start + number * timedelta(minutes=15):%H:%M}" for number in range(count + 1)]


def reasons(practice, starts_at, *, therapist="imre", at=A_WEEK_BEFORE, variant=None):
    person = next(one for one in practice.therapists if one.code == therapist)
    [(_, found)] = explain(
        variant=variant or practice.sports_60,
        location=practice.location,
        therapist=person,
        starts_at=starts_at,
        at=at,
    )
    return list(found)


def set_hours(practice, *shifts, therapist=0, weekday=2, **values):
    person = practice.therapists[therapist]
    WorkingHours.objects.filter(therapist=person, weekday=weekday).delete()
    for first, last in shifts:
        make_shift(person, practice.location, weekday, first, last, **values)


# --- E2 hours --------------------------------------------------------------------------------


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
    other = make_practice_elsewhere(practice)

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


def make_practice_elsewhere(practice):
    from tests.scheduling.builders import make_location

    other = make_location("hill")
    Room.objects.create(location=other, name="Only room")
    make_shift(practice.imre, other, 2, "19:00", "20:00")
    return other


# --- E3 exceptions ---------------------------------------------------------------------------


def test_e3_a_closure_beats_everything(practice):
    open_on(practice, TUESDAY, "06:00", "22:00")
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)

    assert starts(practice) == []
    assert starts(practice, TUESDAY + ONE_DAY) != []
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


def open_on(practice, day, first, last):
    return HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=day,
        ends_on=day,
        starts=time.fromisoformat(first),
        ends=time.fromisoformat(last),
    )


def off(practice, start, end):
    return TimeOff.objects.create(therapist=practice.imre, starts_at=start, ends_at=end)


# --- E1, E4 bookings and turnaround ----------------------------------------------------------


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
    other = make_practice_elsewhere(practice)
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


# --- E5 grid ---------------------------------------------------------------------------------


def test_e5_a_shift_off_the_grid_starts_at_the_next_quarter(practice):
    set_hours(practice, ("09:10", "10:40"))

    assert starts(practice) == ["09:15", "09:30"]
    assert reasons(practice, TUESDAY_9 + timedelta(minutes=20)) == [Reason.GRID]


def test_e5_fifty_minutes_on_a_quarter_grid(practice):
    practice.sports_60.duration_minutes = 50
    practice.sports_60.save()
    set_hours(practice, ("09:00", "10:00"))

    assert starts(practice) == ["09:00"]


def test_e5_the_step_is_the_variants(practice):
    practice.sports_60.increment_minutes = 60
    practice.sports_60.save()

    assert starts(practice) == [f"{hour:02}:00" for hour in range(9, 17)]


# --- E6, E7 notice and horizon ---------------------------------------------------------------


def test_e6_notice_is_absolute_and_includes_its_boundary(practice):
    at = TUESDAY_9 - timedelta(minutes=120)

    assert starts(practice, at=at)[0] == "09:00"
    assert starts(practice, at=at + timedelta(microseconds=1))[0] == "09:15"
    assert reasons(practice, TUESDAY_9, at=at + timedelta(seconds=1)) == [Reason.NOTICE]


def test_e6_notice_over_a_change_of_clocks_is_elapsed_time(practice):
    practice.sports_60.notice_minutes = 12 * 60
    practice.sports_60.save()
    set_hours(practice, ("07:00", "12:00"), weekday=7)
    sunday = date(2026, 3, 29)  # 07:00 summer time is 06:00 UTC

    assert starts(practice, sunday, at=datetime(2026, 3, 28, 18, tzinfo=UTC))[0] == "07:00"
    assert starts(practice, sunday, at=datetime(2026, 3, 28, 18, 1, tzinfo=UTC))[0] == "07:15"


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Pacific/Auckland"])
def test_e7_the_last_local_day_is_offered_whole_and_the_next_not_at_all(db, zone):
    practice = make_practice(zone=zone)
    set_hours(practice, ("22:00", "00:00"))
    # Early on a Friday there, 60 days before a Tuesday.
    at = datetime(2026, 10, 2, 0, 30, tzinfo=practice.location.zone)

    assert starts(practice, TUESDAY, at=at) == quarters("22:00", "23:00")
    assert starts(practice, TUESDAY, at=at - ONE_HOUR) == []
    late = datetime(2026, 12, 1, 23, tzinfo=practice.location.zone)
    assert reasons(practice, late, at=at - ONE_HOUR) == [Reason.HORIZON]


# --- E9, E10, E11 ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["is_active", "is_bookable_online"])
def test_e9_a_hidden_therapist_is_never_found_by_anyone(practice, how):
    setattr(practice.imre, how, False)
    practice.imre.save()

    assert starts(practice) == []
    assert starts(practice, therapist=None) == quarters("09:00", "16:00")
    assert reasons(practice, TUESDAY_9) == [Reason.ELIGIBILITY]
    with pytest.raises(NotOffered) as refused:
        hold(practice, therapist=practice.imre)
    assert refused.value.reason == Reason.ELIGIBILITY


def test_e9_who_does_not_give_the_session_is_not_offered(practice):
    practice.imre.variants.remove(practice.sports_60)

    assert starts(practice) == []
    assert starts(practice, variant=practice.sports_30) != []


@pytest.mark.parametrize("what", ["variant", "online", "service", "location"])
def test_e9_what_is_switched_off_has_no_times(practice, what):
    if what == "location":
        practice.location.is_active = False
    elif what == "service":
        practice.sports_60.service.is_active = False
    elif what == "online":
        practice.sports_60.is_bookable_online = False
    else:
        practice.sports_60.is_active = False

    assert starts(practice) == []
    assert Reason.ELIGIBILITY in reasons(practice, TUESDAY_9)


def test_e10_anyone_lists_a_start_once_for_each_who_is_free(practice, runner):
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    found = starts(practice, therapist=None)

    assert found.count("09:00") == 1
    assert found.count("12:00") == 2


def test_e10_anyone_is_whom_she_saw_last_then_who_has_least_to_do_then_the_first(practice, runner):
    assert hold(practice, TUESDAY_9, hold_key="a").therapist == practice.imre
    # Imre has an hour that day now.
    assert hold(practice, TUESDAY_11, hold_key="b").therapist == practice.lena

    seen = make_runner_with_credits(practice=practice)
    book(practice, seen, TUESDAY_9 + timedelta(days=1), therapist=practice.imre)
    again = hold(practice, TUESDAY_11 + timedelta(hours=2), hold_key="c", runner=seen)
    assert again.therapist == practice.imre


def test_e11_the_last_room_decides(db):
    practice = make_practice(rooms=1)
    hold(practice, TUESDAY_9, therapist=practice.imre)

    assert starts(practice, therapist="lena")[0] == "10:15"
    assert reasons(practice, TUESDAY_9, therapist="lena") == [Reason.ROOM]
    with pytest.raises(TimeTaken) as refused:
        hold(practice, TUESDAY_9, therapist=practice.lena, hold_key="other")
    assert refused.value.reason == Reason.ROOM


def test_e11_the_least_capable_room_that_fits_is_taken_first(practice):
    special = Room.objects.create(location=practice.location, name="Small", position=9)
    special.variants.set([practice.sports_60])

    assert hold(practice).room == special
    assert hold(practice, variant=practice.sports_30, hold_key="b").room == practice.rooms[0]


def test_e11_without_a_room_there_is_no_time(db):
    practice = make_practice(rooms=0)

    assert starts(practice) == []
    assert reasons(practice, TUESDAY_9) == [Reason.ROOM]


# --- E13 holds -------------------------------------------------------------------------------


def test_e13_a_hold_is_in_the_way_until_it_runs_out(practice):
    hold(practice, therapist=practice.imre)
    ends = A_WEEK_BEFORE + timedelta(minutes=10)

    assert "09:00" not in starts(practice, at=ends - timedelta(seconds=1))
    assert reasons(practice, TUESDAY_9) == [Reason.HOLD]
    assert "09:00" in starts(practice, at=ends)


def test_e13_a_hold_that_ran_out_is_released_by_the_next_claim(practice):
    first = hold(practice, therapist=practice.imre)

    second = hold(
        practice,
        therapist=practice.imre,
        hold_key="other",
        at=A_WEEK_BEFORE + timedelta(minutes=10),
    )

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


def test_e13_a_new_hold_of_the_same_service_replaces_the_old(practice):
    first = hold(practice, TUESDAY_9)
    second = hold(practice, TUESDAY_9 + timedelta(minutes=15), variant=practice.sports_30)

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


def test_e13_asking_again_for_the_time_held_returns_it_held_longer(practice):
    first = hold(practice)
    later = A_WEEK_BEFORE + timedelta(minutes=5)

    again = hold(practice, at=later)

    assert again.pk == first.pk
    assert again.hold_expires_at == later + timedelta(minutes=10)
    assert Booking.objects.count() == 1


def test_e13_a_refused_hold_keeps_the_one_before(practice):
    first = hold(practice)

    with pytest.raises(NotOffered):
        hold(practice, TUESDAY_9 - timedelta(hours=3))

    first.refresh_from_db()
    assert first.state == "held"


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        (timedelta(days=-30), Reason.NOTICE),
        (timedelta(days=90), Reason.HORIZON),
        (timedelta(minutes=7), Reason.GRID),
        (timedelta(microseconds=5), Reason.GRID),
        (timedelta(hours=-2), Reason.OUTSIDE_HOURS),
    ],
)
def test_a_slot_that_was_never_offered_is_refused_with_its_reason(practice, moved, reason):
    with pytest.raises(NotOffered) as refused:
        hold(practice, TUESDAY_9 + moved)

    assert refused.value.reason == reason
    assert not Booking.objects.exists()


# --- around a lost time ----------------------------------------------------------------------


def test_a_taken_time_names_the_three_nearest_earliest_first(db):
    practice = make_practice(therapists=1)
    hold(practice, TUESDAY_11)

    with pytest.raises(TimeTaken) as refused:
        hold(practice, TUESDAY_11, hold_key="other")

    # 11:00 and its turnaround end at 12:10; before it 09:45 is the last that fits.
    near = [f"{one.starts_at:%H:%M}" for one in refused.value.nearest]
    assert near == ["09:30", "09:45", "12:15"]


def test_nearest_looks_further_when_the_day_is_full(practice):
    WorkingHours.objects.exclude(weekday=5).delete()

    found = nearest(
        variant=practice.sports_60,
        location=practice.location,
        around=TUESDAY_9,
        at=A_WEEK_BEFORE,
    )

    assert {one.starts_at.date() for one in found} == {date(2026, 12, 4)}


def test_days_count_different_starts(practice):
    found = days(
        variant=practice.sports_60,
        location=practice.location,
        therapist=None,
        start=TUESDAY + 3 * ONE_DAY,
        end=TUESDAY + 5 * ONE_DAY,
        at=A_WEEK_BEFORE,
    )

    assert [(one.day.isoweekday(), one.free) for one in found] == [(5, 29), (6, 0)]


# --- E20 days when the clocks change ---------------------------------------------------------


def test_e20_in_spring_the_skipped_hour_is_not_offered(practice):
    set_hours(practice, ("00:00", "03:00"), weekday=7)

    found = starts(practice, date(2026, 3, 29), at=datetime(2026, 3, 20, 12, tzinfo=UTC))

    # 00:00 GMT to 03:00 BST is two hours long.
    assert found == [*quarters("00:00", "00:45"), "02:00"]


def test_e20_in_autumn_the_hour_that_comes_twice_is_offered_twice(practice):
    set_hours(practice, ("00:30", "03:00"), weekday=7)

    found = starts(practice, date(2026, 10, 25), at=datetime(2026, 10, 16, 12, tzinfo=UTC))

    once = quarters("01:00", "01:45")
    assert found == [*quarters("00:30", "00:45"), *once, *once, "02:00"]


def test_e20_a_session_over_the_change_lasts_its_minutes(practice):
    set_hours(practice, ("00:00", "03:00"), weekday=7)

    held = hold(
        practice,
        datetime(2026, 3, 29, 0, 45, tzinfo=UTC),
        at=datetime(2026, 3, 20, 12, tzinfo=UTC),
    )

    assert held.ends_at - held.starts_at == ONE_HOUR
    assert held.local_start == "2026-03-29T00:45"
    assert f"{held.ends_at.astimezone(held.zone_info):%H:%M}" == "02:45"


# --- E27 cost --------------------------------------------------------------------------------


def test_e27_the_number_of_queries_does_not_depend_on_people_days_or_bookings(practice, runner):
    def count(end):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            free_times(
                variant=practice.sports_60,
                location=practice.location,
                therapist=None,
                start=TUESDAY,
                end=end,
                at=A_WEEK_BEFORE,
            )
        return len(queries)

    before = count(TUESDAY + ONE_DAY)
    for number in range(8):
        person = make_therapist(f"t{number}", f"T {number}", variants=[practice.sports_60])
        make_shift(person, practice.location, 2)
    for hour in range(4):
        book(practice, runner, TUESDAY_9 + timedelta(hours=2 * hour), therapist=practice.imre)

    assert count(TUESDAY + 30 * ONE_DAY) == before <= 10


# --- one engine ------------------------------------------------------------------------------


class OneEngine(TestCase):
    """What is listed can be claimed, and what is claimed never overlaps."""

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(
        wishes=st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 2), st.booleans()), max_size=8
        ),
        turnaround=st.sampled_from([0, 10, 15]),
        rooms=st.integers(1, 2),
        off_hour=st.none() | st.integers(9, 15),
        asked=st.integers(0, 40),
    )
    def test_listed_times_can_be_claimed_and_unlisted_ones_cannot(
        self, wishes, turnaround, rooms, off_hour, asked
    ):
        practice = make_practice(rooms=rooms)
        for variant in (practice.sports_60, practice.sports_30):
            variant.turnaround_minutes = turnaround
            variant.save()
        if off_hour is not None:
            start = TUESDAY_9 + timedelta(hours=off_hour - 9)
            off(practice, start, start + ONE_HOUR)
        claimed = [self.claim(practice, number, *wish) for number, wish in enumerate(wishes)]

        self.assert_nobody_is_in_two_places([one for one in claimed if one])
        self.assert_list_and_claim_agree(practice, TUESDAY_9 + asked * timedelta(minutes=15))

    def claim(self, practice, number, quarter, who, short):
        therapist = [None, *practice.therapists][who]
        starts_at = TUESDAY_9 + quarter * timedelta(minutes=15)
        variant = practice.sports_30 if short else practice.sports_60
        listed = self.listed(practice, variant, therapist)
        try:
            held = hold(
                practice, starts_at, variant=variant, therapist=therapist, hold_key=f"k{number}"
            )
        except (TimeTaken, NotOffered):
            assert starts_at not in listed
            return None
        assert starts_at in listed
        return held

    def listed(self, practice, variant, therapist):
        found = free_times(
            variant=variant,
            location=practice.location,
            therapist=therapist,
            start=TUESDAY,
            end=TUESDAY + ONE_DAY,
            at=A_WEEK_BEFORE,
        )
        return {one.starts_at for one in found}

    def assert_nobody_is_in_two_places(self, claimed):
        for one in claimed:
            for other in claimed:
                if one.pk >= other.pk:
                    continue
                shares = one.therapist_id == other.therapist_id or one.room_id == other.room_id
                apart = one.frees_at <= other.starts_at or other.frees_at <= one.starts_at
                assert apart or not shares

    def assert_list_and_claim_agree(self, practice, starts_at):
        for therapist in (None, *practice.therapists):
            listed = self.listed(practice, practice.sports_60, therapist)
            free = is_free(
                variant=practice.sports_60,
                location=practice.location,
                therapist=therapist,
                starts_at=starts_at,
                at=A_WEEK_BEFORE,
            )
            assert free == (starts_at in listed)
