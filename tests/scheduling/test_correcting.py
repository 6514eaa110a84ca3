"""Marks made by mistake, taken back: states, credits, books, and who may without a reason."""

from datetime import timedelta

import pytest

from payments import closing, crediting
from payments.balances import balance_of, owed_by_books
from payments.chart import Role
from payments.invariants import breaches
from payments.models import CreditEntry, JournalEntry
from scheduling.booking import confirm_with_credit, release_hold
from scheduling.cancelling import cancel_booking
from scheduling.correcting import last_mark, take_back, undoable
from scheduling.day import check_in, complete, complete_due, mark_no_show
from scheduling.errors import IllegalTransition, ReasonMissing, TimeTaken
from scheduling.models import Booking, BookingChange
from tests.builders import make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

State = Booking.State
MINUTE = timedelta(minutes=1)
HALF_PAST = TUESDAY_9 + 30 * MINUTE


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def booked(practice, runner):
    return book(practice, runner, therapist=practice.imre)


def balances(runner):
    """Credits of the runner, what is owed and what was earned: everything a mark moves."""
    [lot] = crediting.wallet(runner, on=TUESDAY_9.date()).lots
    earned = [balance_of(role) for role in (Role.SESSION_REVENUE, Role.LATE_REVENUE)]
    return lot.available, lot.reserved, lot.used, owed_by_books(), *earned


def written():
    models = (BookingChange, CreditEntry, JournalEntry)
    return [model.objects.count() for model in models]


def arrived(booking, staff):
    return check_in(booking=booking, by=staff, at=TUESDAY_9)


def arrived_and_done(booking, staff):
    return complete(booking=arrived(booking, staff), by=staff, at=HALF_PAST)


def done(booking, staff):
    return complete(booking=booking, by=staff, at=HALF_PAST)


def missed(booking, staff):
    return mark_no_show(booking=booking, by=staff, at=HALF_PAST)


@pytest.mark.parametrize(
    ("mark", "back_to"),
    [
        (arrived, "confirmed"),
        (done, "confirmed"),
        (arrived_and_done, "checked_in"),
        (missed, "confirmed"),
    ],
)
def test_a_mark_set_and_taken_back_nets_to_nothing(runner, booked, staff, mark, back_to):
    before = balances(runner)
    marked = mark(booked, staff)

    back = take_back(booking=marked, by=staff, at=TUESDAY_10, reason="She was in the other room")

    assert (back.pk, back.state) == (booked.pk, back_to)
    assert balances(runner) == before
    assert breaches() == []
    last = booked.changes.last()
    assert (last.kind, last.from_state, last.to_state) == ("taken_back", marked.state, back_to)
    assert (last.actor, last.at, last.reason) == (staff, TUESDAY_10, "She was in the other room")


@pytest.mark.parametrize("mark", [arrived, done, arrived_and_done, missed])
def test_taking_back_twice_changes_nothing_more(runner, booked, staff, mark):
    mark(booked, staff)
    first = take_back(booking=booked, by=staff, at=TUESDAY_10, reason="By mistake")
    before = written(), balances(runner)

    again = take_back(booking=booked, by=staff, at=TUESDAY_10, reason="By mistake")

    assert again.state == first.state
    assert (written(), balances(runner)) == before


def test_done_then_arrived_are_taken_back_one_after_the_other_when_each_is_named(booked, staff):
    arrival = last_mark(arrived(booked, staff))
    finished = last_mark(done(booked, staff))
    with pytest.raises(IllegalTransition, match="after that"):
        take_back(booking=booked, by=staff, at=TUESDAY_10, reason="Wrong", mark=arrival)

    for _ in range(2):
        back = take_back(booking=booked, by=staff, at=TUESDAY_10, reason="Wrong", mark=finished)
        assert back.state == "checked_in"
    for _ in range(2):
        back = take_back(booking=booked, by=staff, at=TUESDAY_10, reason="Wrong", mark=arrival)
        assert back.state == "confirmed"


def test_what_was_taken_back_can_be_marked_again_and_earns_once(runner, booked, staff):
    missed(booked, staff)
    take_back(booking=booked, by=staff, at=TUESDAY_10, reason="She came late")

    complete(booking=booked, by=staff, at=TUESDAY_10)

    available, reserved, used, _, session_revenue, late_revenue = balances(runner)
    assert (available, reserved, used) == (4, 0, 1)
    assert session_revenue < 0 == late_revenue
    assert breaches() == []


@pytest.mark.parametrize("mark", [arrived, done, missed])
def test_a_slip_of_the_thumb_needs_no_reason_from_who_made_it(booked, staff, mark):
    marked = mark(booked, staff)
    change = marked.changes.last()

    assert undoable(marked, staff, change.at + 5 * MINUTE) == change
    assert undoable(marked, staff, change.at + 6 * MINUTE) is None
    assert undoable(marked, make_staff(), change.at) is None
    assert take_back(booking=marked, by=staff, at=change.at + MINUTE).state == "confirmed"


@pytest.mark.parametrize(("who", "minutes"), [("another", 0), ("nobody", 0), ("same", 6)])
def test_later_or_by_another_it_needs_a_reason(runner, booked, staff, who, minutes):
    missed(booked, staff)
    before = written(), balances(runner)
    by = {"another": make_staff(), "nobody": None, "same": staff}[who]

    with pytest.raises(ReasonMissing):
        take_back(booking=booked, by=by, at=HALF_PAST + minutes * MINUTE, reason="  ")

    assert (written(), balances(runner)) == before
    booked.refresh_from_db()
    assert booked.state == "no_show"


def nothing_happened(booking, runner):
    return booking


def cancelled_in_time(booking, runner):
    return cancel_booking(booking=booking, by=runner, at=TWO_DAYS_BEFORE)


def cancelled_late(booking, runner):
    return cancel_booking(booking=booking, by=runner, at=TUESDAY_9 - ONE_HOUR)


def cancelled_by_us(booking, runner):
    check_in(booking=booking, by=None, at=TUESDAY_9)
    return cancel_booking(booking=booking, by=None, at=TUESDAY_9)


@pytest.mark.parametrize(
    "way", [nothing_happened, cancelled_in_time, cancelled_late, cancelled_by_us]
)
def test_nothing_else_is_taken_back(runner, booked, staff, way):
    state = way(booked, runner).state
    before = written(), balances(runner)

    with pytest.raises(IllegalTransition, match="nothing to take back"):
        take_back(booking=booked, by=staff, at=TUESDAY_10, reason="Why not")

    assert (written(), balances(runner)) == before
    booked.refresh_from_db()
    assert (booked.state, last_mark(booked)) == (state, None)


@pytest.mark.parametrize("way", ["held", "expired"])
def test_a_hold_has_no_mark(practice, runner, staff, way):
    held = hold(practice, runner=runner)
    if way == "expired":
        release_hold(booking=held, by=runner, at=A_WEEK_BEFORE)

    with pytest.raises(IllegalTransition):
        take_back(booking=held, by=staff, at=TUESDAY_10, reason="Why not")


def test_a_no_show_whose_time_went_to_somebody_else_stays(practice, runner, booked, staff):
    """E1 holds also for corrections: two people never have one therapist at once."""
    missed(booked, staff)
    other = make_runner_with_credits(practice=practice)
    held = hold(practice, therapist=practice.imre, runner=other, at=TUESDAY_9 - 3 * ONE_HOUR)
    confirm_with_credit(booking=held, runner=other, by=other, at=TUESDAY_9 - 3 * ONE_HOUR)
    before = written(), balances(runner)

    with pytest.raises(TimeTaken):
        take_back(booking=booked, by=staff, at=TUESDAY_10, reason="She was there")

    assert (written(), balances(runner)) == before
    booked.refresh_from_db()
    assert booked.state == "no_show"


def test_a_hold_that_ran_out_is_not_in_the_way(practice, booked, staff):
    missed(booked, staff)
    held = hold(practice, therapist=practice.imre, at=TUESDAY_9 - 3 * ONE_HOUR)

    back = take_back(booking=booked, by=staff, at=HALF_PAST + MINUTE)

    held.refresh_from_db()
    assert (back.state, held.state) == ("confirmed", "expired")


def test_a_day_whose_books_are_closed_is_not_corrected(runner, booked, staff, monkeypatch):
    done(booked, staff)
    monkeypatch.setattr(closing, "closed_until", lambda: TUESDAY_10)
    before = written(), balances(runner)

    with pytest.raises(crediting.PeriodClosed):
        take_back(booking=booked, by=staff, at=TUESDAY_10 + ONE_HOUR, reason="By mistake")

    assert (written(), balances(runner)) == before


def test_a_session_taken_back_is_not_done_by_itself_for_twelve_hours(booked, staff):
    at = TUESDAY_10 + 13 * ONE_HOUR
    assert complete_due(at=at) == 1
    take_back(booking=booked, by=staff, at=at, reason="She did not come")

    assert complete_due(at=at + 11 * ONE_HOUR) == 0
    assert complete_due(at=at + 12 * ONE_HOUR) == 1
