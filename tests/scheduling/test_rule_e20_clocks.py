"""Days when the clocks change (E20)."""

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest

from scheduling.availability import explain, free_times
from tests.scheduling.asked import (
    ONE_DAY,
    quarters,
    set_hours,
    starts,
)
from tests.scheduling.builders import (
    ONE_HOUR,
    hold,
    make_practice,
)

# --- London --------------------------------------------------------------------------------------


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


# --- other zones -----------------------------------------------------------------------------

# The day's shift is midnight to 04:00 on the wall; the session takes an hour, every quarter of an
# hour is a start. So many starts that many elapsed hours hold, the last an hour before the end.
CHANGES = [
    ("Europe/London", date(2026, 3, 29), 3),
    ("Europe/London", date(2026, 10, 25), 5),
    ("America/New_York", date(2026, 3, 8), 3),
    ("America/New_York", date(2026, 11, 1), 5),
    ("America/St_Johns", date(2026, 3, 8), 3),
    ("America/St_Johns", date(2026, 11, 1), 5),
    ("Australia/Lord_Howe", date(2026, 10, 4), 3.5),  # half an hour is skipped
    ("Australia/Lord_Howe", date(2026, 4, 5), 4.5),
    ("Asia/Kolkata", date(2026, 3, 29), 4),  # no change, and half an hour off the hour
    ("America/Vancouver", date(2026, 3, 8), 3),
]


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_e20_a_shift_over_the_change_holds_what_really_passes(db, zone, day, hours):
    practice = make_practice(zone=zone)
    set_hours(practice, ("00:00", "04:00"), weekday=7)
    found = listed(practice, day)

    assert len(found) == (hours - 1) * 4 + 1
    assert len(set(found)) == len(found)
    assert found == sorted(found)
    assert all(one.minute % 15 == 0 for one in found)
    last = datetime.combine(day, time(3), tzinfo=practice.location.zone)
    assert found[-1] == last.astimezone(UTC)
    for one in found:
        assert explain_one(practice, one) == ()


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
def test_e20_a_local_day_is_offered_from_midnight_to_midnight(db, zone, day, hours):
    """A shift of the whole day, with the days beside it: no start is on two days or on none."""
    practice = make_practice(zone=zone)
    for weekday in (6, 7, 1):
        set_hours(practice, ("00:00", "00:00"), weekday=weekday)
    alone = [listed(practice, day + step * ONE_DAY) for step in (-1, 0)]
    together = listed(practice, day - ONE_DAY, days=2)

    assert alone[0] + alone[1] == together
    steps = {later - sooner for sooner, later in itertools.pairwise(together)}
    assert steps == {timedelta(minutes=15)}
    assert len(alone[1]) == (20 + hours) * 4


def test_e20_british_columbia_keeps_its_summer_time_from_2026_on(db):
    """Its law of that year: no hour comes twice in autumn. The clocks are the pinned package's."""
    practice = make_practice(zone="America/Vancouver")
    set_hours(practice, ("00:00", "04:00"), weekday=7)

    assert len(listed(practice, date(2026, 11, 1))) == 13
    assert listed(practice, date(2026, 12, 6))[0] == datetime(2026, 12, 6, 7, tzinfo=UTC)


def listed(practice, day, days=1):
    found = free_times(
        variant=practice.sports_60,
        location=practice.location,
        therapist=practice.imre,
        start=day,
        end=day + days * ONE_DAY,
        at=datetime.combine(day, time(12), tzinfo=UTC) - 10 * ONE_DAY,
    )
    return [one.starts_at for one in found]


def explain_one(practice, starts_at):
    [(_, reasons)] = explain(
        variant=practice.sports_60,
        location=practice.location,
        therapist=practice.imre,
        starts_at=starts_at,
        at=starts_at - 10 * ONE_DAY,
    )
    return reasons
