"""Moving by staff: rules set aside with a reason, nobody told, and who is here already."""

from datetime import timedelta

import pytest

from accounts.models import Message
from scheduling import moving
from scheduling.day import check_in, complete
from scheduling.errors import IllegalTransition, NotOffered, ReasonMissing, TimeTaken
from scheduling.models import TimeOff
from scheduling.moving import move_booking
from scheduling.reasons import OVERRIDABLE, Reason
from tests.builders import make_staff
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    make_runner_with_credits,
)

EVENING = TUESDAY_9 + 9 * ONE_HOUR
MINUTE = timedelta(minutes=1)


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def booked(practice, runner):
    return book(practice, runner, therapist=practice.imre)


@pytest.fixture
def move(practice, booked, staff):
    def act(starts_at, *, at=TWO_DAYS_BEFORE, **values):
        wanted = {"booking": booked, "therapist": practice.imre, "by": staff}
        return move_booking(**wanted | values, starts_at=starts_at, at=at)

    return act


def test_staff_move_outside_hours_with_a_reason_that_is_kept(booked, move):
    with pytest.raises(NotOffered) as refused:
        move(EVENING)
    assert refused.value.overridable == {Reason.OUTSIDE_HOURS}
    with pytest.raises(ReasonMissing):
        move(EVENING, overriding=refused.value.overridable)

    moved = move(EVENING, overriding=refused.value.overridable, reason="After work")

    assert (moved.starts_at, moved.overrides) == (EVENING, ["outside_hours"])
    change = moved.changes.get(kind="moved")
    assert (change.reason, change.details["overrides"]) == ("After work", ["outside_hours"])
    # Back inside the rules nothing is set aside any more; the change keeps what was.
    assert move(TUESDAY_9).overrides == []


def test_a_runner_sets_nothing_aside(runner, move):
    with pytest.raises(NotOffered) as refused:
        move(EVENING, by=runner, overriding=OVERRIDABLE, reason="Please")
    assert refused.value.overridable == frozenset()


def test_physics_never_gives_way_to_a_move(practice, booked, move):
    book(practice, make_runner_with_credits(practice=practice), TUESDAY_11, therapist=practice.imre)

    with pytest.raises(TimeTaken) as refused:
        move(TUESDAY_11, overriding=OVERRIDABLE, reason="Please")

    assert refused.value.overridable == frozenset()
    booked.refresh_from_db()
    assert (booked.starts_at, booked.sequence) == (TUESDAY_9, 0)


def test_moving_without_telling_sends_no_mail_and_renews_the_calendar(booked, move):
    Message.objects.all().delete()

    moved = move(TUESDAY_11, tell=False)

    assert not Message.objects.exists()
    assert (moved.sequence, moved.token_version) == (1, booked.token_version + 1)
    move(TUESDAY_9)
    assert Message.objects.get().kind == "booking_moved"


def test_a_move_into_a_turnaround_cuts_it_and_keeps_its_own(practice, move):
    first = book(
        practice, make_runner_with_credits(practice=practice), TUESDAY_11, therapist=practice.imre
    )
    second = book(
        practice,
        make_runner_with_credits(practice=practice),
        TUESDAY_11 + 135 * MINUTE,
        therapist=practice.imre,
    )

    moved = move(
        TUESDAY_11 + ONE_HOUR, overriding=frozenset({Reason.TURNAROUND}), reason="Back to back"
    )

    first.refresh_from_db()
    assert first.frees_at == moved.starts_at == first.ends_at
    assert moved.frees_at == moved.ends_at + 10 * MINUTE < second.starts_at
    assert [one.kind for one in first.changes.all()][-1] == "shortened"
    assert [one.kind for one in moved.changes.all()][-1] == "moved"


def test_who_is_here_already_starts_late_or_with_another(practice, booked, move, staff):
    check_in(booking=booked, by=staff, at=TUESDAY_9)

    moved = move(TUESDAY_9 + 20 * MINUTE, therapist=practice.lena, at=TUESDAY_9 + 5 * MINUTE)

    assert (moved.state, moved.therapist) == ("checked_in", practice.lena)
    with pytest.raises(IllegalTransition, match="stays on this day"):
        move(TUESDAY_9 + timedelta(days=1), at=TUESDAY_9 + 5 * MINUTE)


def test_a_session_that_should_have_begun_moves_and_one_that_is_done_does_not(booked, move, staff):
    moved = move(TUESDAY_9 + 15 * MINUTE, at=TUESDAY_9 + 5 * MINUTE)
    assert moved.state == "confirmed"

    complete(booking=moved, by=staff, at=TUESDAY_10)
    with pytest.raises(IllegalTransition):
        move(TUESDAY_11, at=TUESDAY_10)


def test_time_off_is_set_aside_for_one_session_only(practice, booked, move):
    TimeOff.objects.create(therapist=practice.imre, starts_at=TUESDAY_11, ends_at=EVENING)

    move(TUESDAY_11, overriding=frozenset({Reason.TIME_OFF}), reason="She insists")

    with pytest.raises(NotOffered):
        move(TUESDAY_11 + 2 * ONE_HOUR)


def test_a_second_click_that_waited_for_the_first_moves_nothing(booked, move, monkeypatch):
    """The first click gets in between the second one's look and its locks."""
    real, first = moving.judged, []

    def judged(wish, at):
        found = real(wish, at)
        if not first:
            first.append("under way")
            move(TUESDAY_11)
        return found

    monkeypatch.setattr(moving, "judged", judged)

    moved = move(TUESDAY_11)

    assert (moved.starts_at, moved.sequence, moved.token_version) == (TUESDAY_11, 1, 2)
    assert moved.changes.filter(kind="moved").count() == 1
    assert Message.objects.filter(kind="booking_moved").count() == 1
