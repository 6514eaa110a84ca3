"""Setting rules aside: which, with what reason, what is kept, and what never gives way (E23)."""

from datetime import timedelta

import pytest

from accounts.models import RunnerProfile
from scheduling.claiming import Place
from scheduling.day import check_in, complete, shorten_turnaround
from scheduling.desk import book_for
from scheduling.errors import (
    IllegalTransition,
    NotOffered,
    NotOverridable,
    ReasonMissing,
    TimeTaken,
)
from scheduling.models import (
    Booking,
    BookingChange,
    BusyCalendar,
    BusyTime,
    Closure,
    Room,
    Therapist,
    TimeOff,
)
from scheduling.overriding import kept
from scheduling.reasons import OVERRIDABLE, PHYSICS, Reason
from tests.builders import make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_location,
    make_practice,
    make_runner_with_credits,
)

MINUTE = timedelta(minutes=1)
EVENING = TUESDAY_9 + 9 * ONE_HOUR


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def desk(practice, runner, staff):
    """Books the runner with Imre at nine, unless told otherwise."""

    def act(starts_at=TUESDAY_9, *, at=A_WEEK_BEFORE, **values):
        wanted = {
            "runner": runner,
            "variant": practice.sports_60,
            "location": practice.location,
            "therapist": practice.imre,
            "by": staff,
        }
        return book_for(**wanted | values, starts_at=starts_at, at=at)

    return act


@pytest.fixture
def other(practice):
    return make_runner_with_credits(practice=practice)


def written():
    return Booking.objects.count(), BookingChange.objects.count()


# What stands in the way of nine o'clock with Imre; each returns the start to ask for.
def closed(practice, runner):
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)


def time_off(practice, runner):
    TimeOff.objects.create(therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_10)


def busy(practice, runner):
    calendar = BusyCalendar.objects.create(
        therapist=practice.imre, label="Private", url="https://example.org/imre.ics"
    )
    BusyTime.objects.create(calendar=calendar, starts_at=TUESDAY_9, ends_at=TUESDAY_10)


def outside_hours(practice, runner):
    return EVENING


def intake(practice, runner):
    RunnerProfile.objects.filter(user=runner).update(must_call=True)


def eligibility(practice, runner):
    practice.imre.variants_given.filter(variant=practice.sports_60).delete()


def runner_limit(practice, runner):
    book(practice, runner, TUESDAY_11 + 2 * ONE_HOUR, therapist=practice.lena)
    practice.location.most_open_bookings = 1
    practice.location.save()


def cap_day(practice, runner):
    Therapist.objects.filter(pk=practice.imre.pk).update(most_sessions_a_day=1)
    theirs = make_runner_with_credits(practice=practice)
    book(practice, theirs, TUESDAY_11 + 2 * ONE_HOUR, therapist=practice.imre)


def cap_run(practice, runner):
    theirs = make_runner_with_credits(practice=practice)
    book(practice, theirs, TUESDAY_10 + 15 * MINUTE, therapist=practice.imre)
    Therapist.objects.filter(pk=practice.imre.pk).update(most_minutes_in_a_row=90, break_minutes=30)


def travel(practice, runner):
    far = make_location("far", travel_minutes=90)
    Booking.objects.filter(
        pk=book(practice, make_runner_with_credits(practice=practice), TUESDAY_11).pk
    ).update(
        location=far,
        therapist=practice.imre,
        room=Room.objects.create(location=far, name="Theirs"),
    )


def turnaround(practice, runner):
    book(practice, make_runner_with_credits(practice=practice), therapist=practice.imre)
    return TUESDAY_10


RULES = {
    Reason.CLOSED: closed,
    Reason.TIME_OFF: time_off,
    Reason.BUSY: busy,
    Reason.OUTSIDE_HOURS: outside_hours,
    Reason.INTAKE: intake,
    Reason.ELIGIBILITY: eligibility,
    Reason.RUNNER_LIMIT: runner_limit,
    Reason.CAP_DAY: cap_day,
    Reason.CAP_RUN: cap_run,
    Reason.TRAVEL: travel,
    Reason.TURNAROUND: turnaround,
}


def test_every_rule_that_can_be_set_aside_is_tested_here():
    assert set(RULES) == OVERRIDABLE
    assert not OVERRIDABLE & PHYSICS


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_binds_the_desk_until_it_is_set_aside_with_a_reason(
    practice, runner, desk, staff, rule
):
    starts_at = RULES[rule](practice, runner) or TUESDAY_9
    before = written()

    with pytest.raises((NotOffered, TimeTaken)) as refused:
        desk(starts_at)
    assert refused.value.overridable == {rule}
    with pytest.raises(ReasonMissing):
        desk(starts_at, overriding=frozenset({rule}), reason=" ")
    assert written() == before

    booked = desk(starts_at, overriding=frozenset({rule}), reason="She came a long way")
    assert booked.overrides == [rule]
    change = booked.changes.get(kind="confirmed")
    assert change.details["overrides"] == [rule]
    assert (change.actor, change.reason) == (staff, "She came a long way")


def test_several_rules_at_once_are_all_named_and_all_kept(practice, runner, desk):
    for rule in (Reason.CAP_DAY, Reason.CLOSED, Reason.TIME_OFF):
        RULES[rule](practice, runner)
    with pytest.raises((NotOffered, TimeTaken)) as refused:
        desk()

    booked = desk(overriding=refused.value.overridable, reason="An emergency")

    assert set(booked.overrides) == {"closed", "time_off", "cap_day"}


def test_only_what_stood_in_the_way_is_kept(desk):
    booked = desk(overriding=OVERRIDABLE, reason="To be sure")

    assert booked.overrides == []
    assert booked.changes.get().details["overrides"] == []


@pytest.mark.parametrize("rule", [*PHYSICS, Reason.NOTICE, Reason.GRID])
def test_no_other_rule_can_be_named(desk, rule):
    with pytest.raises(NotOverridable):
        desk(overriding=frozenset({rule}), reason="Please")
    assert written() == (0, 0)


@pytest.mark.parametrize("case", ["overlap", "hold", "room"])
def test_physics_never_gives_way(practice, runner, desk, other, case):
    if case == "overlap":
        book(practice, other, TUESDAY_9 + 30 * MINUTE, therapist=practice.imre)
    elif case == "hold":
        hold(practice, therapist=practice.imre, runner=other)
    else:
        practice.rooms[1].delete()
        book(practice, other, therapist=practice.lena)
    before = written()

    with pytest.raises(TimeTaken) as refused:
        desk(overriding=OVERRIDABLE, reason="Please")

    assert (refused.value.reason, refused.value.overridable) == (case, frozenset())
    assert written() == before


# turnaround ----------------------------------------------------------------------------------
def test_the_session_before_gives_up_its_turnaround_and_says_so(practice, desk, other, staff):
    before = book(practice, other, therapist=practice.imre)

    booked = desk(TUESDAY_10, overriding=frozenset({Reason.TURNAROUND}), reason="No oil today")

    before.refresh_from_db()
    assert before.frees_at == before.ends_at == booked.starts_at
    change = before.changes.last()
    assert (change.kind, change.actor, change.reason) == ("shortened", staff, "No oil today")
    assert change.details["frees_at"] == [
        (TUESDAY_10 + 10 * MINUTE).isoformat(),
        TUESDAY_10.isoformat(),
    ]
    # Nothing follows, so our own stays whole.
    assert booked.frees_at == TUESDAY_11 + 10 * MINUTE
    assert not booked.changes.filter(kind="shortened").exists()


@pytest.mark.parametrize("gap", [0, 5])
def test_our_own_turnaround_ends_where_the_next_session_starts(practice, desk, other, gap):
    after = book(practice, other, TUESDAY_10 + 15 * MINUTE, therapist=practice.imre)
    starts_at = TUESDAY_9 + (15 - gap) * MINUTE

    booked = desk(starts_at, overriding=frozenset({Reason.TURNAROUND}), reason="In a hurry")

    assert booked.frees_at == after.starts_at
    assert booked.frees_at - booked.ends_at == gap * MINUTE
    assert booked.changes.last().kind == "shortened"
    after.refresh_from_db()
    assert after.changes.last().kind == "confirmed"


def test_a_room_still_being_made_ready_may_be_taken(db, staff):
    practice = make_practice(rooms=1)
    before = book(practice, make_runner_with_credits(practice=practice), therapist=practice.lena)

    booked = book_for(
        runner=make_runner_with_credits(practice=practice),
        variant=practice.sports_60,
        location=practice.location,
        starts_at=TUESDAY_10,
        therapist=practice.imre,
        by=staff,
        at=A_WEEK_BEFORE,
        overriding=frozenset({Reason.TURNAROUND}),
        reason="Lena helps",
    )

    before.refresh_from_db()
    assert (booked.room, before.frees_at) == (before.room, TUESDAY_10)


def test_one_turnaround_is_shortened_by_itself_with_a_reason(practice, runner, desk, other, staff):
    booked = desk()
    with pytest.raises(ReasonMissing):
        shorten_turnaround(booking=booked, minutes=0, by=staff, at=TUESDAY_9, reason="")

    for _ in range(2):
        short = shorten_turnaround(
            booking=booked, minutes=0, by=staff, at=TUESDAY_9, reason="No oil"
        )
    assert short.frees_at == short.ends_at
    assert [one.kind for one in short.changes.all()] == ["confirmed", "shortened"]
    # The time is free to others at once, and then it is gone.
    book(practice, other, TUESDAY_10, therapist=practice.imre)
    with pytest.raises(TimeTaken):
        shorten_turnaround(booking=booked, minutes=5, by=staff, at=TUESDAY_9, reason="After all")
    booked.refresh_from_db()
    assert booked.frees_at == TUESDAY_10


@pytest.mark.parametrize("minutes", [-1, 11, 10_000])
def test_a_turnaround_is_never_longer_than_usual(desk, staff, minutes):
    booked = desk()

    with pytest.raises(IllegalTransition):
        shorten_turnaround(booking=booked, minutes=minutes, by=staff, at=TUESDAY_9, reason="Why")
    booked.refresh_from_db()
    assert booked.frees_at == TUESDAY_10 + 10 * MINUTE


def test_what_is_over_has_no_turnaround_to_shorten(desk, staff):
    booked = desk()
    check_in(booking=booked, by=staff, at=TUESDAY_9)
    complete(booking=booked, by=staff, at=TUESDAY_10)

    with pytest.raises(IllegalTransition):
        shorten_turnaround(booking=booked, minutes=0, by=staff, at=TUESDAY_10, reason="Why")


def test_rules_are_kept_by_their_codes():
    place = Place(1, 1, TUESDAY_9, TUESDAY_10, TUESDAY_10, "", 0, (Reason.CLOSED, Reason.CAP_DAY))

    assert kept(place) == ["closed", "cap_day"]
