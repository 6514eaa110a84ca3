"""The grid, notice and horizon: E5 to E7."""

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduling.reasons import Reason
from tests.scheduling.asked import (
    ONE_DAY,
    quarters,
    reasons,
    set_hours,
    starts,
)
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    make_practice,
)

# --- E5 grid -------------------------------------------------------------------------------------


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


# --- E6, E7 notice and horizon -------------------------------------------------------------------


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


def test_e6_the_notice_is_the_locations_unless_the_session_has_its_own(practice):
    practice.location.notice_minutes = 60
    practice.location.save()
    at = TUESDAY_9 - ONE_HOUR
    assert starts(practice, at=at)[0] == "09:00"

    practice.sports_60.notice_minutes = 90
    practice.sports_60.save()

    assert starts(practice, at=at)[0] == "09:30"
    assert starts(practice, at=at, variant=practice.sports_30)[0] == "09:00"
    assert reasons(practice, TUESDAY_9, at=at, for_staff=True) == []


def test_e6_none_at_all_is_a_notice_too(practice):
    practice.sports_60.notice_minutes = 0
    practice.sports_60.save()

    assert starts(practice, at=TUESDAY_9)[0] == "09:00"
    assert starts(practice, at=TUESDAY_9 + timedelta(seconds=1))[0] == "09:15"


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Pacific/Auckland"])
def test_e6_the_whole_local_day_may_be_by_phone_only(db, zone):
    practice = make_practice(zone=zone)
    practice.sports_60.same_day = False
    practice.sports_60.save()
    set_hours(practice, ("00:00", "00:00"))
    midnight = datetime(2026, 12, 1, tzinfo=practice.location.zone)

    late = midnight + timedelta(hours=21)
    assert starts(practice, at=midnight + ONE_HOUR) == []
    assert reasons(practice, late, at=midnight) == [Reason.NOTICE]
    # On the day before, the usual notice of two hours counts.
    assert starts(practice, at=midnight - ONE_HOUR)[0] == "01:00"
    assert starts(practice, at=midnight, variant=practice.sports_30)[0] == "02:00"


@pytest.mark.parametrize(
    ("first", "last", "offered"),
    [
        (None, None, [True, True, True]),
        (TUESDAY, None, [False, True, True]),
        (None, TUESDAY, [True, True, False]),
        (TUESDAY, TUESDAY, [False, True, False]),
    ],
)
def test_e7_a_session_may_have_a_first_and_a_last_day(practice, first, last, offered):
    practice.sports_60.bookable_from, practice.sports_60.bookable_until = first, last
    practice.sports_60.save()

    for step, on_offer in zip((-1, 0, 1), offered, strict=True):
        day = TUESDAY + step * ONE_DAY
        last_start = TUESDAY_9.replace(hour=16) + step * ONE_DAY
        assert starts(practice, day) == (quarters("09:00", "16:00") if on_offer else [])
        assert reasons(practice, last_start) == ([] if on_offer else [Reason.HORIZON])
        assert reasons(practice, last_start, for_staff=True) == []
