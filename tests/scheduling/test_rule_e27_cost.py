"""What asking costs (E27): queries, and what the database walks to answer."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.availability import free_times
from tests.scheduling.asked import (
    ONE_DAY,
)
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY,
    TUESDAY_9,
    book,
    make_shift,
    make_therapist,
)

# --- queries -------------------------------------------------------------------------------------


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
