"""What asking costs (E27): queries, and what the database walks to answer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.availability import free_times, verdicts
from scheduling.intervals import seconds
from scheduling.models import Booking, Room
from scheduling.reading import live_rows
from tests.builders import make_policy, make_runner
from tests.scheduling.asked import ONE_DAY, busy, make_place_elsewhere
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    book,
    hold,
    make_shift,
    make_therapist,
)


def fill(practice, people):
    """Everything a practice may have: many hands, two places, limits, options, busy time."""
    for number in range(people - len(practice.therapists)):
        values = {"most_sessions_a_day": 6, "most_minutes_in_a_row": 180}
        person = make_therapist(
            f"t{number}", f"T {number}", variants=[practice.sports_60], **values
        )
        make_shift(person, practice.location, 2)
        Room.objects.create(location=practice.location, name=f"Extra {number}")


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        assert act()
    return len(queries)


def asked(practice, days, **values):
    return lambda: free_times(
        variant=practice.sports_60,
        location=practice.location,
        therapist=None,
        start=TUESDAY,
        end=TUESDAY + days * ONE_DAY,
        at=A_WEEK_BEFORE,
        **values,
    )


@pytest.fixture
def everything(practice, runner):
    """Each rule has something to read."""
    practice.location.offers_back_to_back = practice.location.avoids_small_gaps = True
    practice.location.most_open_bookings = 9
    practice.location.travel_minutes = 20
    practice.location.save()
    busy(practice, TUESDAY_9, TUESDAY_9 + ONE_HOUR)
    hill = make_place_elsewhere(practice)
    evening = TUESDAY_9 + 10 * ONE_HOUR
    hold(practice, evening, location=hill, therapist=practice.imre, hold_key="hill")
    book(practice, runner, TUESDAY_9, therapist=practice.lena)
    return practice


def test_the_number_of_queries_does_not_depend_on_people_or_days(everything, runner):
    few = queries_of(asked(everything, 1))
    few_for_her = queries_of(asked(everything, 1, runner=runner))

    fill(everything, 30)

    assert queries_of(asked(everything, 31)) == few == 8
    assert queries_of(asked(everything, 31, runner=runner)) == few_for_her == 10


def test_judging_one_start_costs_as_much(everything, runner):
    fill(everything, 30)

    def judge():
        return verdicts(
            variant=everything.sports_60,
            location=everything.location,
            therapist=None,
            starts_at=TUESDAY_9 + 3 * ONE_HOUR,
            at=A_WEEK_BEFORE,
            runner=runner,
        )

    assert queries_of(judge) == 10


def test_history_is_not_walked(practice):
    """The one range of the one index, whatever lies before it: the plan says so on each engine."""
    history(practice, 3000)
    low = seconds(TUESDAY_9)
    rows = live_rows(low, low + 28 * 86_400, A_WEEK_BEFORE)
    if connection.vendor == "sqlite":  # PostgreSQL guesses until it has counted
        assert_one_range(rows.explain())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    assert_one_range(rows.explain())


def assert_one_range(plan):
    assert "booking_live_by_time" in plan
    if connection.vendor == "sqlite":
        assert "starts_at>? AND starts_at<?" in plan
        assert "SCAN" not in plan
    else:
        [condition] = [line for line in plan.splitlines() if "Index Cond" in line]
        assert ">=" in condition
        assert "<" in condition


def history(practice, count):
    """Sessions nobody has marked, an hour each, back into the past."""
    policy, runner = make_policy(), make_runner()
    rows = []
    for number in range(count):
        starts_at = TUESDAY_9 - (number + 1) * 2 * ONE_HOUR
        rows.append(
            Booking(
                runner=runner,
                variant=practice.sports_60,
                therapist=practice.therapists[number % 2],
                room=practice.rooms[number % 2],
                location=practice.location,
                policy=policy,
                state=Booking.State.CONFIRMED,
                starts_at=starts_at,
                ends_at=starts_at + ONE_HOUR,
                frees_at=starts_at + ONE_HOUR + timedelta(minutes=10),
                local_start=f"{starts_at:%Y-%m-%dT%H:%M}",
                zone="Europe/London",
                booked_at=starts_at,
                created_at=starts_at,
            )
        )
    Booking.objects.bulk_create(rows, batch_size=500)
