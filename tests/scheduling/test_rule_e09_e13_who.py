"""Who, where and held by whom: E9 to E11 and E13."""

from datetime import timedelta

import pytest

from scheduling.booking import NotOffered, TimeTaken
from scheduling.models import Booking, Room
from scheduling.reasons import Reason
from tests.scheduling.asked import (
    quarters,
    reasons,
    starts,
)
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    TUESDAY_11,
    book,
    hold,
    make_practice,
    make_runner_with_credits,
)

# --- E9, E10, E11 --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["is_active", "is_bookable_online"])
def test_e9_a_hidden_therapist_is_never_found_by_anyone(practice, how):
    setattr(practice.imre, how, False)
    practice.imre.save()

    assert starts(practice) == []
    assert starts(practice, therapist=None) == quarters("09:00", "16:00")
    assert reasons(practice, TUESDAY_9) == [Reason.ELIGIBILITY]
    with pytest.raises(NotOffered) as refused:
        hold(practice, therapist=practice.imre)
    assert refused.value.reason == Reason.ELIGIBILITY


def test_e9_who_does_not_give_the_session_is_not_offered(practice):
    practice.imre.variants.remove(practice.sports_60)

    assert starts(practice) == []
    assert starts(practice, variant=practice.sports_30) != []


@pytest.mark.parametrize("what", ["variant", "online", "service", "location"])
def test_e9_what_is_switched_off_has_no_times(practice, what):
    if what == "location":
        practice.location.is_active = False
    elif what == "service":
        practice.sports_60.service.is_active = False
    elif what == "online":
        practice.sports_60.is_bookable_online = False
    else:
        practice.sports_60.is_active = False

    assert starts(practice) == []
    assert Reason.ELIGIBILITY in reasons(practice, TUESDAY_9)


def test_e10_anyone_lists_a_start_once_for_each_who_is_free(practice, runner):
    book(practice, runner, TUESDAY_9, therapist=practice.imre)

    found = starts(practice, therapist=None)

    assert found.count("09:00") == 1
    assert found.count("12:00") == 2


def test_e10_anyone_is_whom_she_saw_last_then_who_has_least_to_do_then_the_first(practice, runner):
    assert hold(practice, TUESDAY_9, hold_key="a").therapist == practice.imre
    # Imre has an hour that day now.
    assert hold(practice, TUESDAY_11, hold_key="b").therapist == practice.lena

    seen = make_runner_with_credits(practice=practice)
    book(practice, seen, TUESDAY_9 + timedelta(days=1), therapist=practice.imre)
    again = hold(practice, TUESDAY_11 + timedelta(hours=2), hold_key="c", runner=seen)
    assert again.therapist == practice.imre


def test_e11_the_last_room_decides(db):
    practice = make_practice(rooms=1)
    hold(practice, TUESDAY_9, therapist=practice.imre)

    assert starts(practice, therapist="lena")[0] == "10:15"
    assert reasons(practice, TUESDAY_9, therapist="lena") == [Reason.ROOM]
    with pytest.raises(TimeTaken) as refused:
        hold(practice, TUESDAY_9, therapist=practice.lena, hold_key="other")
    assert refused.value.reason == Reason.ROOM


def test_e11_the_least_capable_room_that_fits_is_taken_first(practice):
    special = Room.objects.create(location=practice.location, name="Small", position=9)
    special.variants.set([practice.sports_60])

    assert hold(practice).room == special
    assert hold(practice, variant=practice.sports_30, hold_key="b").room == practice.rooms[0]


def test_e11_without_a_room_there_is_no_time(db):
    practice = make_practice(rooms=0)

    assert starts(practice) == []
    assert reasons(practice, TUESDAY_9) == [Reason.ROOM]


# --- E13 holds -----------------------------------------------------------------------------------


def test_e13_a_hold_is_in_the_way_until_it_runs_out(practice):
    hold(practice, therapist=practice.imre)
    ends = A_WEEK_BEFORE + timedelta(minutes=10)

    assert "09:00" not in starts(practice, at=ends - timedelta(seconds=1))
    assert reasons(practice, TUESDAY_9) == [Reason.HOLD]
    assert "09:00" in starts(practice, at=ends)


def test_e13_a_hold_that_ran_out_is_released_by_the_next_claim(practice):
    first = hold(practice, therapist=practice.imre)

    second = hold(
        practice,
        therapist=practice.imre,
        hold_key="other",
        at=A_WEEK_BEFORE + timedelta(minutes=10),
    )

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


def test_e13_a_new_hold_of_the_same_service_replaces_the_old(practice):
    first = hold(practice, TUESDAY_9)
    second = hold(practice, TUESDAY_9 + timedelta(minutes=15), variant=practice.sports_30)

    first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


def test_e13_asking_again_for_the_time_held_returns_it_held_longer(practice):
    first = hold(practice)
    later = A_WEEK_BEFORE + timedelta(minutes=5)

    again = hold(practice, at=later)

    assert again.pk == first.pk
    assert again.hold_expires_at == later + timedelta(minutes=10)
    assert Booking.objects.count() == 1


def test_e13_a_refused_hold_keeps_the_one_before(practice):
    first = hold(practice)

    with pytest.raises(NotOffered):
        hold(practice, TUESDAY_9 - timedelta(hours=3))

    first.refresh_from_db()
    assert first.state == "held"


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        (timedelta(days=-30), Reason.NOTICE),
        (timedelta(days=90), Reason.HORIZON),
        (timedelta(minutes=7), Reason.GRID),
        (timedelta(microseconds=5), Reason.GRID),
        (timedelta(hours=-2), Reason.OUTSIDE_HOURS),
    ],
)
def test_a_slot_that_was_never_offered_is_refused_with_its_reason(practice, moved, reason):
    with pytest.raises(NotOffered) as refused:
        hold(practice, TUESDAY_9 + moved)

    assert refused.value.reason == reason
    assert not Booking.objects.exists()
