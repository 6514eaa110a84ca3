"""Blocking time: sessions in it are named and never touched."""

from datetime import timedelta

import pytest

from scheduling.availability import is_free
from scheduling.blocking import block_time, unblock
from scheduling.errors import BookingError, NotOffered, TimeHasBookings
from scheduling.models import TimeOff
from tests.builders import make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def block(practice, staff):
    def act(starts_at=TUESDAY_10, ends_at=TUESDAY_11, *, at=A_WEEK_BEFORE, **values):
        wanted = {"therapist": practice.imre, "reason": "Stock-taking", "by": staff}
        return block_time(**wanted | values, starts_at=starts_at, ends_at=ends_at, at=at)

    return act


def free(practice, therapist, starts_at=TUESDAY_10):
    return is_free(
        variant=practice.sports_60,
        location=practice.location,
        therapist=therapist,
        starts_at=starts_at,
        at=A_WEEK_BEFORE,
    )


def test_blocked_time_is_not_offered_with_that_therapist(practice, block, staff):
    blocked = block()

    assert (blocked.kind, blocked.created_by, blocked.reason) == ("blocked", staff, "Stock-taking")
    assert not free(practice, practice.imre)
    assert free(practice, practice.lena)
    with pytest.raises(NotOffered):
        hold(practice, TUESDAY_10, therapist=practice.imre)


def test_blocking_over_sessions_names_them_and_blocks_nothing(practice, runner, block):
    first = book(practice, runner, TUESDAY_9, therapist=practice.imre)
    second = book(practice, runner, TUESDAY_11, therapist=practice.imre)
    book(practice, runner, TUESDAY_11 + 2 * ONE_HOUR, therapist=practice.lena)

    with pytest.raises(TimeHasBookings, match="2 sessions are booked") as refused:
        block(TUESDAY_9, TUESDAY_9 + 8 * ONE_HOUR)

    assert refused.value.bookings == [first, second]
    assert not TimeOff.objects.exists()


def test_blocking_despite_sessions_leaves_them_booked(practice, runner, block):
    booked = book(practice, runner, TUESDAY_10, therapist=practice.imre)

    block(despite_bookings=True)

    booked.refresh_from_db()
    assert booked.state == "confirmed"
    assert booked.changes.last().kind == "confirmed"


def test_a_hold_counts_until_it_runs_out(practice, block):
    hold(practice, TUESDAY_10, therapist=practice.imre)
    with pytest.raises(TimeHasBookings):
        block()

    assert block(at=A_WEEK_BEFORE + 11 * MINUTE).pk


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "hits"),
    [
        (TUESDAY_9, TUESDAY_10, False),  # up to the start
        (TUESDAY_11, TUESDAY_11 + ONE_HOUR, False),  # from the end, over the turnaround
        (TUESDAY_9, TUESDAY_10 + MINUTE, True),
        (TUESDAY_11 - MINUTE, TUESDAY_11 + ONE_HOUR, True),
        (TUESDAY_10 + 10 * MINUTE, TUESDAY_10 + 20 * MINUTE, True),
    ],
)
def test_only_what_shares_a_moment_is_hit(practice, runner, block, starts_at, ends_at, hits):
    book(practice, runner, TUESDAY_10, therapist=practice.imre)

    if hits:
        with pytest.raises(TimeHasBookings):
            block(starts_at, ends_at)
    else:
        assert block(starts_at, ends_at).pk


def test_blocking_twice_blocks_once(block):
    assert block() == block()
    assert TimeOff.objects.count() == 1


def test_time_outside_working_hours_may_be_blocked(block):
    assert block(TUESDAY_9 - 4 * ONE_HOUR, TUESDAY_9 - 3 * ONE_HOUR).pk


@pytest.mark.parametrize("ends_at", [TUESDAY_10, TUESDAY_9])
def test_a_stretch_that_ends_before_it_starts_is_refused(block, ends_at):
    with pytest.raises(BookingError, match="ends before it starts"):
        block(TUESDAY_10, ends_at)
    assert not TimeOff.objects.exists()


def test_unblocking_frees_the_time_once_and_for_all(practice, block, staff):
    blocked = block()
    for _ in range(2):
        unblock(time_off=blocked, by=staff, at=A_WEEK_BEFORE)

    assert free(practice, practice.imre)


def test_time_off_is_not_unblocked_from_the_board(practice, staff):
    away = TimeOff.objects.create(therapist=practice.imre, starts_at=TUESDAY_10, ends_at=TUESDAY_11)

    with pytest.raises(BookingError, match="time off"):
        unblock(time_off=away, by=staff, at=A_WEEK_BEFORE)
    assert TimeOff.objects.get() == away
