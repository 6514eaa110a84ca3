"""Days when the clocks change (E20)."""

from datetime import UTC, date, datetime

from tests.scheduling.asked import (
    quarters,
    set_hours,
    starts,
)
from tests.scheduling.builders import (
    ONE_HOUR,
    hold,
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
