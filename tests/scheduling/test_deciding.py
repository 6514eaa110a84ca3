"""Changing a rule over booked sessions (S5, E3): asked, decided, done, and nothing silently."""

from datetime import datetime, timedelta

import pytest

from payments.wallets import wallet
from scheduling.booking import confirm_with_credit
from scheduling.deciding import Decision, DecisionsNeeded, Do, Scope, change_rules
from scheduling.models import (
    Booking,
    BusyCalendar,
    BusyTime,
    Closure,
    HoursException,
    TimeOff,
    WorkingHours,
)
from scheduling.outside import Why, outside_rules
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
    make_shift,
)

State = Booking.State


def time_off(practice, starts_at=TUESDAY_9, ends_at=TUESDAY_11):
    return lambda: TimeOff.objects.create(
        therapist=practice.imre, starts_at=starts_at, ends_at=ends_at
    )


def decide(practice, change=None, decisions=None, *, scope=None, by=None, at=A_WEEK_BEFORE):
    return change_rules(
        change=change or time_off(practice),
        scope=scope or Scope(therapist=practice.imre),
        decisions=decisions or {},
        by=by,
        at=at,
        reason="Imre is away.",
    )


def asked(practice, change=None, **how):
    with pytest.raises(DecisionsNeeded) as needed:
        decide(practice, change, **how)
    return needed.value.hits


@pytest.fixture
def booked(practice, runner):
    return book(practice, runner, therapist=practice.imre)


def test_a_change_that_hits_nobody_is_saved_at_once(practice, booked):
    changed = decide(practice, time_off(practice, TUESDAY_10, TUESDAY_11))
    assert (changed.saved.pk is not None, changed.done) == (True, ())


def test_a_change_over_a_session_saves_nothing_until_it_is_decided_about(practice, booked):
    [hit] = asked(practice)

    assert (hit.booking, hit.why) == (booked, Why.TIME_OFF)
    assert not TimeOff.objects.exists()


def test_the_proposals_are_free_under_the_new_rules_and_one_is_with_the_same_therapist(
    practice, booked
):
    [hit] = asked(practice)

    shown = [(one.starts_at, one.therapist_code) for one in hit.proposals]
    assert shown[0] == (TUESDAY_9, "lena")
    assert len(shown) == 3
    assert ("imre" in {code for _start, code in shown}) is True
    assert all(start >= TUESDAY_11 for start, code in shown if code == "imre")


def test_in_the_only_room_a_colleague_at_the_same_time_is_proposed(practice, booked):
    practice.rooms[1].delete()
    [hit] = asked(practice)
    assert (hit.proposals[0].starts_at, hit.proposals[0].therapist_code) == (TUESDAY_9, "lena")


def test_keeping_leaves_the_session_and_it_is_on_the_list(practice, booked):
    changed = decide(practice, decisions={booked.public_id: Decision(Do.KEEP)})

    booked.refresh_from_db()
    assert booked.state == State.CONFIRMED
    assert TimeOff.objects.get() == changed.saved
    assert [(one.booking, one.why) for one in outside_rules(at=A_WEEK_BEFORE)] == [
        (booked, Why.TIME_OFF)
    ]


def test_cancelling_gives_the_credit_back_for_the_practice(practice, runner, booked):
    manager = make_staff()
    before = wallet(runner, on=TUESDAY).variant_available("sports-60")

    changed = decide(practice, decisions={booked.public_id: Decision(Do.CANCEL)}, by=manager)

    booked.refresh_from_db()
    last = booked.changes.last()
    assert booked.state == State.CANCELLED_CLINIC
    assert (last.actor, last.reason) == (manager, "Imre is away.")
    assert wallet(runner, on=TUESDAY).variant_available("sports-60") == before + 1
    assert [one.trouble for one in changed.done] == [""]


def test_moving_goes_to_the_chosen_time_under_the_new_rules(practice, booked):
    choice = Decision(Do.MOVE, TUESDAY_9, "lena")
    decide(practice, decisions={booked.public_id: choice})

    booked.refresh_from_db()
    assert (booked.therapist, booked.starts_at) == (practice.lena, TUESDAY_9)
    assert outside_rules(at=A_WEEK_BEFORE) == []


def test_a_move_that_cannot_be_is_told_and_the_others_are_done(practice, runner, booked):
    second = book(practice, runner, TUESDAY_10 + timedelta(minutes=15), therapist=practice.imre)
    choices = {
        booked.public_id: Decision(Do.MOVE, TUESDAY_9 + timedelta(minutes=30), "imre"),
        second.public_id: Decision(Do.CANCEL),
    }
    changed = decide(practice, decisions=choices)

    done = {one.booking.public_id: one for one in changed.done}
    assert "away" in done[booked.public_id].trouble
    assert done[second.public_id].trouble == ""
    booked.refresh_from_db()
    assert (booked.state, booked.starts_at) == (State.CONFIRMED, TUESDAY_9)
    assert [one.booking for one in outside_rules(at=A_WEEK_BEFORE)] == [booked]


def test_a_session_booked_meanwhile_is_asked_about_too(practice, runner, booked):
    second = book(practice, runner, TUESDAY_10 + timedelta(minutes=15), therapist=practice.imre)
    hits = asked(practice, decisions={booked.public_id: Decision(Do.CANCEL)})

    assert [one.booking for one in hits] == [booked, second]
    booked.refresh_from_db()
    assert booked.state == State.CONFIRMED


def test_deciding_twice_does_everything_once(practice, runner, booked):
    choices = {booked.public_id: Decision(Do.CANCEL)}
    change = lambda: TimeOff.objects.get_or_create(  # noqa: E731
        therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_11
    )
    decide(practice, change, choices)
    credits = wallet(runner, on=TUESDAY).variant_available("sports-60")
    changed = decide(practice, change, choices)

    assert changed.done == ()
    assert wallet(runner, on=TUESDAY).variant_available("sports-60") == credits
    assert TimeOff.objects.count() == 1


def test_what_is_kept_is_not_asked_about_again_until_another_rule_hits_it(practice, booked):
    decide(practice, decisions={booked.public_id: Decision(Do.KEEP)})

    longer = time_off(practice, TUESDAY_9, TUESDAY_11 + ONE_HOUR)
    assert decide(practice, longer).done == ()
    closing = lambda: Closure.objects.create(  # noqa: E731
        location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY
    )
    [hit] = asked(practice, closing, scope=Scope(location=practice.location))
    assert hit.why == Why.CLOSED


def test_a_manager_who_is_the_runner_cancels_for_the_practice(practice, runner, booked):
    an_hour_before = TUESDAY_9 - ONE_HOUR
    choices = {booked.public_id: Decision(Do.CANCEL)}
    decide(practice, decisions=choices, by=runner, at=an_hour_before)
    booked.refresh_from_db()
    assert booked.state == State.CANCELLED_CLINIC


# --- every rule that can take hours away --------------------------------------------------------


def _other_hours(practice):
    return HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        starts="12:00",
        ends="17:00",
    )


def _away_that_day(practice):
    return HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=TUESDAY,
        ends_on=TUESDAY + timedelta(days=3),
        is_open=False,
    )


def _no_tuesdays(practice):
    return WorkingHours.objects.filter(therapist=practice.imre, weekday=2).delete()


def _season_ends(practice):
    return WorkingHours.objects.filter(therapist=practice.imre).update(valid_to="2026-11-30")


def _leaves(practice):
    practice.imre.is_active = False
    practice.imre.save()


def _closes(practice):
    return Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)


def _busy(practice):
    other = BusyCalendar.objects.create(therapist=practice.imre, label="x", url="https://x.example")
    return BusyTime.objects.create(calendar=other, starts_at=TUESDAY_9, ends_at=TUESDAY_10)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_other_hours, Why.OUTSIDE_HOURS),
        (_away_that_day, Why.OUTSIDE_HOURS),
        (_no_tuesdays, Why.OUTSIDE_HOURS),
        (_season_ends, Why.OUTSIDE_HOURS),
        (_leaves, Why.LEFT),
        (_closes, Why.CLOSED),
        (_busy, Why.BUSY),
    ],
)
def test_each_rule_that_takes_hours_away_asks(practice, booked, change, why):
    [hit] = asked(practice, lambda: change(practice), scope=Scope())
    assert (hit.booking, hit.why) == (booked, why)
    assert outside_rules(at=A_WEEK_BEFORE) == []


def test_touching_is_not_hitting_and_the_turnaround_may_run_into_time_off(practice, booked):
    assert decide(practice, time_off(practice, TUESDAY_10, TUESDAY_11)).done == ()
    early = time_off(practice, TUESDAY_9 - ONE_HOUR, TUESDAY_9)
    assert decide(practice, early).done == ()


def test_sessions_that_are_over_or_nobodys_are_not_asked_about(practice, runner, booked):
    hold(practice, TUESDAY_10 + timedelta(minutes=15), therapist=practice.imre)
    assert [one.booking for one in asked(practice)] == [booked]
    assert decide(practice, at=TUESDAY_11).done == ()


def test_a_hold_is_confirmed_and_then_on_the_list(practice, runner):
    held = hold(practice, runner=runner, therapist=practice.imre)
    decide(practice)
    confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)
    assert [one.booking for one in outside_rules(at=A_WEEK_BEFORE)] == [held]


def test_looking_costs_the_same_for_one_session_and_for_many(
    practice, runner, booked, django_assert_num_queries
):
    def look(count):
        with django_assert_num_queries(5):
            assert len(outside_rules(at=A_WEEK_BEFORE)) == count

    decide(practice, decisions={booked.public_id: Decision(Do.KEEP)})
    look(1)
    ends = datetime.combine(TUESDAY + timedelta(days=10), TUESDAY_9.timetz())
    for day in (1, 2, 3):
        book(practice, runner, TUESDAY_9 + timedelta(days=day), therapist=practice.imre)
    TimeOff.objects.update(ends_at=ends)
    look(4)


def test_each_location_by_its_own_clock(practice, runner):
    make_shift(practice.imre, make_location("brooklyn", "America/New_York"), 2, "09:00", "17:00")
    there = book(
        practice,
        runner,
        TUESDAY_9 + timedelta(hours=6),
        therapist=practice.imre,
        location=_with_room(practice),
    )
    assert outside_rules(at=A_WEEK_BEFORE) == []
    WorkingHours.objects.filter(location__code="brooklyn").update(starts="11:00")
    assert [one.booking for one in outside_rules(at=A_WEEK_BEFORE)] == [there]


def _with_room(practice):
    from scheduling.models import Location, Room

    place = Location.objects.get(code="brooklyn")
    Room.objects.create(location=place, name="Room 9")
    return place
