"""How much a therapist takes on: a day's sessions, hands-on minutes, work without a break (E8)."""

from datetime import timedelta

import pytest

from scheduling.booking import TimeTaken
from scheduling.moving import move_booking
from scheduling.reasons import Reason
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

MINUTE = timedelta(minutes=1)
TUESDAY_15 = TUESDAY_9 + 6 * ONE_HOUR


def limit(practice, **limits):
    for name, value in limits.items():
        setattr(practice.imre, name, value)
    practice.imre.save()


def book_imre(practice, *moments, **values):
    return [
        book(
            practice,
            make_runner_with_credits(practice=practice),
            one,
            therapist=practice.imre,
            **values,
        )
        for one in moments
    ]


@pytest.mark.parametrize(
    ("limits", "is_full"),
    [
        ({}, False),
        ({"most_sessions_a_day": 2}, True),
        ({"most_sessions_a_day": 3}, False),
        ({"most_minutes_a_day": 179}, True),
        ({"most_minutes_a_day": 180}, False),
        ({"most_sessions_a_day": 9, "most_minutes_a_day": 120}, True),
    ],
)
def test_a_day_takes_so_many_sessions_and_so_many_minutes(practice, limits, is_full):
    book_imre(practice, TUESDAY_9, TUESDAY_11)
    limit(practice, **limits)

    assert (starts(practice) == []) == is_full
    assert (reasons(practice, TUESDAY_15) == [Reason.CAP_DAY]) == is_full
    assert starts(practice, TUESDAY + ONE_DAY) == quarters("09:00", "16:00")
    assert starts(practice, therapist="lena") != []


def test_a_shorter_session_may_still_fit_into_the_days_minutes(practice):
    book_imre(practice, TUESDAY_9)
    limit(practice, most_minutes_a_day=90)

    assert starts(practice) == []
    assert starts(practice, variant=practice.sports_30) != []


def test_sessions_at_every_place_and_holds_count(practice):
    hill = make_place_elsewhere(practice)
    hold(practice, TUESDAY_9 + 10 * ONE_HOUR, location=hill, therapist=practice.imre)
    limit(practice, most_sessions_a_day=1)

    assert reasons(practice, TUESDAY_9) == [Reason.CAP_DAY]
    after_the_hold = A_WEEK_BEFORE + 10 * MINUTE
    assert reasons(practice, TUESDAY_9, at=after_the_hold) == []


def test_the_session_that_is_moved_does_not_count_on_its_own_full_day(practice):
    [booked] = book_imre(practice, TUESDAY_9)
    limit(practice, most_sessions_a_day=1, most_minutes_a_day=60, most_minutes_in_a_row=60)

    moved = move_booking(
        booking=booked,
        starts_at=TUESDAY_10,
        therapist=practice.imre,
        by=booked.runner,
        at=A_WEEK_BEFORE,
    )

    assert moved.starts_at == TUESDAY_10


def test_a_full_day_is_refused_at_the_claim_with_other_times(practice):
    book_imre(practice, TUESDAY_9)
    limit(practice, most_sessions_a_day=1)

    with pytest.raises(TimeTaken) as refused:
        hold(practice, TUESDAY_15, therapist=practice.imre)

    assert refused.value.reason == Reason.CAP_DAY
    assert len(refused.value.nearest) == 3


# A gap of 15 minutes is a break. Imre works 09:00-10:00 and 12:30-13:30.
@pytest.mark.parametrize(
    ("most", "start", "minutes", "refused"),
    [
        (60, "10:14", 30, True),  # 14 minutes after the first are no break
        (60, "10:15", 30, False),  # 15 are
        (90, "10:14", 30, False),
        (60, "11:46", 30, True),  # ends 12:16, 14 minutes before the second
        (60, "11:45", 30, False),
        (59, "15:00", 60, True),  # a session longer than the limit is too long by itself
    ],
)
def test_a_run_ends_with_a_break(practice, most, start, minutes, refused):
    turnaround(practice, 0)
    book_imre(practice, TUESDAY_9, TUESDAY_9 + 3.5 * ONE_HOUR)
    limit(practice, most_minutes_in_a_row=most, break_minutes=15)
    hour, minute = map(int, start.split(":"))
    at = TUESDAY_9.replace(hour=hour, minute=minute)
    variant = practice.sports_60 if minutes == 60 else practice.sports_30
    variant.increment_minutes = 1
    variant.save()

    assert (reasons(practice, at, variant=variant) == [Reason.CAP_RUN]) == refused
    assert (start not in starts(practice, variant=variant)) == refused


def test_a_session_may_join_two_runs_into_one_that_is_too_long(practice):
    turnaround(practice, 0)
    book_imre(practice, TUESDAY_9, TUESDAY_11)
    limit(practice, most_minutes_in_a_row=179)

    assert reasons(practice, TUESDAY_10) == [Reason.CAP_RUN]

    limit(practice, most_minutes_in_a_row=180)
    assert reasons(practice, TUESDAY_10) == []


def turnaround(practice, minutes):
    for variant in (practice.sports_60, practice.sports_30):
        variant.turnaround_minutes = minutes
        variant.save()
