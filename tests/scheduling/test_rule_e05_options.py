"""Two options of a place about its starts (E5): back to back, and no small gaps."""

from datetime import timedelta

import pytest

from scheduling.booking import NotOffered, confirm_with_credit
from scheduling.reasons import Reason
from tests.scheduling.asked import quarters, reasons, set_hours, starts
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_runner_with_credits,
)

MINUTE = timedelta(minutes=1)


def option(practice, name):
    setattr(practice.location, name, True)
    practice.location.save()


def test_back_to_back_offers_the_moment_a_session_frees_its_therapist(practice, runner):
    option(practice, "offers_back_to_back")
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    assert starts(practice)[:2] == ["10:10", "10:15"]
    assert reasons(practice, TUESDAY_10 + 10 * MINUTE) == []
    assert reasons(practice, TUESDAY_10 + 20 * MINUTE) == [Reason.GRID]
    # It is her colleague's moment, not hers.
    assert reasons(practice, TUESDAY_10 + 10 * MINUTE, therapist="lena") == [Reason.GRID]
    held = hold(practice, TUESDAY_10 + 10 * MINUTE, therapist=practice.imre, hold_key="next")
    assert f"{held.starts_at:%H:%M}" == "10:10"


def test_back_to_back_is_off_unless_the_place_says_so(practice, runner):
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    assert starts(practice)[0] == "10:15"
    with pytest.raises(NotOffered) as refused:
        hold(practice, TUESDAY_10 + 10 * MINUTE, therapist=practice.imre, hold_key="next")
    assert refused.value.reason == Reason.GRID


def test_a_hold_offers_no_moment_until_it_is_a_session(practice):
    option(practice, "offers_back_to_back")
    runner = make_runner_with_credits(practice=practice)
    held = hold(practice, TUESDAY_9, therapist=practice.imre, runner=runner)
    assert starts(practice)[0] == "10:15"

    confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)

    assert starts(practice)[0] == "10:10"


def test_a_moment_that_is_on_the_grid_is_offered_once(practice, runner):
    option(practice, "offers_back_to_back")
    practice.sports_60.turnaround_minutes = 15
    practice.sports_60.save()
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    assert starts(practice)[:2] == ["10:15", "10:30"]


# The shortest session is 30 minutes; the session asked for takes 60 and 10 of turnaround.
@pytest.mark.parametrize(
    ("first", "last", "offered"),
    [
        # Flush with either end or half an hour away from it; to the end, turnaround runs over.
        ("09:00", "12:00", ["09:00", *quarters("09:30", "10:15"), "11:00"]),
        # No second session fits beside it whatever is chosen: nothing is held back.
        ("09:00", "10:30", quarters("09:00", "09:30")),
        # The ten minutes to the first quarter are lost anyway.
        ("09:05", "12:00", ["09:15", *quarters("09:45", "10:15"), "11:00"]),
    ],
)
def test_no_start_leaves_a_gap_too_short_for_the_shortest(practice, first, last, offered):
    option(practice, "avoids_small_gaps")
    set_hours(practice, (first, last))

    assert starts(practice) == offered
    for quarter in quarters("09:15", "11:00"):
        hour, minute = map(int, quarter.split(":"))
        at = TUESDAY_9.replace(hour=hour, minute=minute)
        on_offer = reasons(practice, at) == []
        assert on_offer == (quarter in offered), quarter


def test_a_gap_counts_between_sessions_and_only_active_sessions_set_its_length(practice, runner):
    option(practice, "avoids_small_gaps")
    set_hours(practice, ("09:00", "13:00"))
    book(practice, runner, TUESDAY_11, therapist=practice.imre)  # to 12:10

    # From 09:00 it leaves 50 minutes after it; from 09:30 it would leave 20.
    assert starts(practice) == ["09:00"]
    practice.sports_30.is_active = False
    practice.sports_30.save()
    # With an hour as the shortest the two hours hold no second session: all starts are good.
    assert starts(practice) == quarters("09:00", "09:45")


def test_staff_are_not_bound_by_either(practice):
    option(practice, "avoids_small_gaps")
    set_hours(practice, ("09:00", "12:00"))

    assert starts(practice, for_staff=True) == quarters("09:00", "11:00")
    assert reasons(practice, TUESDAY_9 + 7 * MINUTE, for_staff=True) == []
