"""Between two places lies a way (E12)."""

from datetime import timedelta

import pytest

from scheduling.booking import TimeTaken
from scheduling.models import Location
from scheduling.reasons import Reason
from tests.scheduling.asked import make_place_elsewhere, quarters, reasons, starts
from tests.scheduling.builders import ONE_HOUR, TUESDAY_9, TUESDAY_11, hold

NOON = TUESDAY_9 + 3 * ONE_HOUR


def travel(**minutes):
    for code, value in minutes.items():
        Location.objects.filter(code=code).update(travel_minutes=value)


@pytest.fixture
def hill(practice):
    """Imre has a session on the hill from 12:00 to 13:00; its turnaround ends 13:10."""
    hill = make_place_elsewhere(practice, "08:00", "18:00")
    hold(practice, NOON, location=hill, therapist=practice.imre)
    return hill


@pytest.mark.parametrize(
    ("harbour", "hill_minutes", "last_before", "first_after"),
    [
        (0, 0, "10:45", "13:15"),  # the turnarounds alone
        (30, 0, "10:30", "13:30"),
        (0, 30, "10:30", "13:30"),
        (30, 45, "10:15", "13:45"),  # the larger of the two
        (5, 5, "10:45", "13:15"),  # the turnaround is longer than the way, they do not add up
    ],
)
def test_the_way_there_and_back(practice, hill, harbour, hill_minutes, last_before, first_after):
    travel(harbour=harbour, hill=hill_minutes)
    practice.location.refresh_from_db()

    assert starts(practice) == [*quarters("09:00", last_before), *quarters(first_after, "16:00")]
    assert starts(practice, therapist="lena") == quarters("09:00", "16:00")


def test_the_boundary_is_included_and_the_reason_is_the_way(practice, hill):
    travel(hill=60)

    assert reasons(practice, TUESDAY_9 + ONE_HOUR) == []
    too_late = TUESDAY_9 + ONE_HOUR + timedelta(minutes=15)
    assert reasons(practice, too_late) == [Reason.TRAVEL]
    assert reasons(practice, NOON) == [Reason.HOLD]
    with pytest.raises(TimeTaken) as refused:
        hold(practice, too_late, therapist=practice.imre, hold_key="other")
    assert refused.value.reason == Reason.TRAVEL


def test_two_sessions_at_one_place_need_no_way(practice):
    travel(harbour=60)
    hold(practice, TUESDAY_11, therapist=practice.imre)

    assert "12:15" in starts(practice)
