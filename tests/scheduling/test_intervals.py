"""Sums with intervals, and wall time in zones whose clocks change (E20)."""

from datetime import UTC, date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.intervals import (
    clipped,
    common,
    day_bounds,
    grid,
    holds,
    instant,
    meets,
    merged,
    minus,
    wall,
    wall_interval,
)

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60))
sets = st.lists(pairs, max_size=8)


def points(intervals):
    """The same set, second by second: slow and obvious."""
    return {second for start, end in intervals for second in range(start, end)}


@settings(deadline=None)
@given(sets)
def test_merged_keeps_the_seconds_sorted_and_apart(intervals):
    result = merged(intervals)

    assert points(result) == points(intervals)
    assert all(one[1] < other[0] for one, other in pairwise(result))
    assert all(start < end for start, end in result)


@settings(deadline=None)
@given(sets, sets)
def test_minus_and_common_are_what_sets_say(one, other):
    left, right = merged(one), merged(other)

    assert points(minus(left, right)) == points(left) - points(right)
    assert points(common(left, right)) == points(left) & points(right)
    assert minus(left, right) == merged(minus(left, right))


@settings(deadline=None)
@given(sets, pairs)
def test_clipped_holds_and_meets_are_what_sets_say(intervals, window):
    start, end = window
    result = merged(intervals)
    wanted = set(range(start, end))

    assert points(clipped(result, start, end)) == points(result) & wanted
    if wanted:
        assert holds(result, start, end) == (wanted <= points(result))
        assert meets(result, start, end) == bool(wanted & points(result))


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "is_end", "expected"),
    [
        ("Europe/London", (2026, 7, 1), "09:00", False, utc(2026, 7, 1, 8)),
        # 29 March 2026: 01:00 to 02:00 is skipped, so it becomes the instant of the change.
        ("Europe/London", (2026, 3, 29), "01:30", False, utc(2026, 3, 29, 1)),
        ("Europe/London", (2026, 3, 29), "01:00", True, utc(2026, 3, 29, 1)),
        ("Europe/London", (2026, 3, 29), "02:00", False, utc(2026, 3, 29, 1)),
        # 25 October 2026: 01:00 to 02:00 happens twice.
        ("Europe/London", (2026, 10, 25), "01:30", False, utc(2026, 10, 25, 0, 30)),
        ("Europe/London", (2026, 10, 25), "01:30", True, utc(2026, 10, 25, 1, 30)),
        ("America/New_York", (2026, 3, 8), "02:30", False, utc(2026, 3, 8, 7)),
        ("America/New_York", (2026, 11, 1), "01:30", True, utc(2026, 11, 1, 6, 30)),
        # Lord Howe moves by half an hour.
        ("Australia/Lord_Howe", (2026, 10, 4), "02:15", False, utc(2026, 10, 3, 15, 30)),
        ("Australia/Lord_Howe", (2026, 4, 5), "01:45", False, utc(2026, 4, 4, 14, 45)),
        ("Australia/Lord_Howe", (2026, 4, 5), "01:45", True, utc(2026, 4, 4, 15, 15)),
        ("America/St_Johns", (2026, 7, 1), "09:00", False, utc(2026, 7, 1, 11, 30)),
        ("Asia/Kolkata", (2026, 3, 29), "01:30", False, utc(2026, 3, 28, 20)),
    ],
)
def test_wall_time_becomes_the_instant_the_rule_names(zone, day, clock, is_end, expected):
    assert instant(wall(zone, date(*day), time.fromisoformat(clock), is_end=is_end)) == expected


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 3, 30), 24), ((2026, 10, 25), 25)]
)
def test_a_day_is_as_long_as_its_clocks_say(day, hours):
    start, end = day_bounds("Europe/London", date(*day))

    assert end - start == hours * 3600


def test_a_shift_over_a_change_of_clocks_keeps_its_ends_on_the_wall():
    spring = wall_interval("Europe/London", date(2026, 3, 29), time(0, 30), time(3))
    autumn = wall_interval("Europe/London", date(2026, 10, 25), time(0, 30), time(3))

    assert (spring[1] - spring[0], autumn[1] - autumn[0]) == (90 * 60, 210 * 60)


def test_an_end_at_midnight_is_the_end_of_the_day():
    late = wall_interval("Europe/London", date(2026, 12, 1), time(22), time(0))
    early = wall_interval("Europe/London", date(2026, 12, 2), time(0), time(2))

    assert late[1] == early[0]
    assert merged([late, early]) == [(late[0], early[1])]


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 - made aware below
    st.integers(0, 3 * 86_400),
    st.sampled_from([5, 10, 15, 20, 30, 60]),
)
def test_the_grid_is_where_local_clocks_show_the_step(zone, start, length, step):
    low = int(start.replace(tzinfo=UTC).timestamp())
    info = ZoneInfo(zone)

    found = grid(zone, low, low + length, step)

    def on_it(second):
        local = datetime.fromtimestamp(second, info)
        return local.second == 0 and (local.hour * 60 + local.minute) % step == 0

    assert found == [
        second for second in range(low, low + length) if second % 60 == 0 and on_it(second)
    ]
