"""Moving a session: the same booking and credit, within the terms agreed to (E16, B6)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Message
from payments import crediting
from payments.models import CreditEntry
from scheduling.errors import BookingError, IllegalTransition, MoveRefused, TimeTaken
from scheduling.models import Booking
from scheduling.moving import effect_of_moving, move_booking
from scheduling.quoting import carry_out_move, quote_move
from tests.builders import make_policy, make_runner, make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    make_credits,
    make_runner_with_credits,
)

THURSDAY_9 = TUESDAY_9 + timedelta(days=2)
DAY = timedelta(hours=24)
ONE_SECOND = timedelta(seconds=1)
LATE = TUESDAY_9 - timedelta(hours=3)


def credits_of(runner, at=A_WEEK_BEFORE):
    return crediting.wallet(runner, on=at.date()).available


def moved(booked, to=TUESDAY_11, *, by, at=TWO_DAYS_BEFORE, therapist=None):
    return move_booking(booking=booked, starts_at=to, therapist=therapist, by=by, at=at)


def agreed_move(booked, to, *, by, at, therapist=None):
    """As the pages do it: ask, then say yes."""
    quote = quote_move(booking=booked, starts_at=to, therapist=therapist, by=by, at=at)
    return carry_out_move(token=quote.token, booking=booked, by=by, at=at)


def kinds_of(booking):
    return [one.kind for one in CreditEntry.objects.filter(booking_id=booking.public_id)]


def test_moving_keeps_id_and_credit_and_renews_what_went_out(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    token = booked.token_version

    now = move_booking(
        booking=booked, starts_at=TUESDAY_11, therapist=None, by=runner, at=TWO_DAYS_BEFORE
    )

    assert (now.pk, now.starts_at, now.therapist) == (booked.pk, TUESDAY_11, practice.imre)
    assert now.local_start == "2026-12-01T11:00"
    assert (now.sequence, now.moves, now.token_version) == (1, 1, token + 1)
    assert credits_of(runner) == 4
    assert Message.objects.filter(kind="booking_moved").count() == 1
    assert now.changes.get(kind="moved").details["from"]["starts_at"] == TUESDAY_9.isoformat()


def test_a_session_may_move_into_its_own_time(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)

    now = move_booking(
        booking=booked,
        starts_at=TUESDAY_9 + timedelta(minutes=30),
        therapist=practice.imre,
        by=runner,
        at=TWO_DAYS_BEFORE,
    )

    assert now.starts_at == TUESDAY_9 + timedelta(minutes=30)


def test_a_move_that_fails_keeps_the_old_time(practice, runner):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_11, therapist=practice.imre)
    booked = book(practice, runner, therapist=practice.imre)

    with pytest.raises(TimeTaken) as refused:
        move_booking(
            booking=booked,
            starts_at=TUESDAY_11,
            therapist=practice.imre,
            by=runner,
            at=TWO_DAYS_BEFORE,
        )

    booked.refresh_from_db()
    assert (booked.starts_at, booked.sequence) == (TUESDAY_9, 0)
    assert len(refused.value.nearest) == 3


def test_moving_to_where_it_is_changes_nothing(practice, runner):
    booked = book(practice, runner)

    same = move_booking(
        booking=booked, starts_at=TUESDAY_9, therapist=None, by=runner, at=TWO_DAYS_BEFORE
    )

    assert (same.sequence, same.moves) == (0, 0)


def test_staff_move_inside_the_window_and_it_is_not_the_runners_move(practice, runner):
    booked = book(practice, runner)

    now = move_booking(
        booking=booked,
        starts_at=TUESDAY_11,
        therapist=practice.lena,
        by=make_staff(),
        at=TUESDAY_9 - ONE_HOUR,
    )

    assert (now.therapist, now.moves, now.sequence) == (practice.lena, 0, 1)


def test_ten_may_become_half_past_ten_with_the_same_therapist_and_room(practice, runner):
    booked = book(practice, runner, TUESDAY_10, therapist=practice.imre)

    now = moved(booked, TUESDAY_10 + timedelta(minutes=30), by=runner)

    assert (now.therapist, now.room_id) == (practice.imre, booked.room_id)
    assert Booking.objects.occupying().count() == 1


# --- the terms, as of now ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "to", "at", "reason"),
    [
        ("the last moment", TUESDAY_11, TUESDAY_9 - DAY, ""),
        ("a second late", TUESDAY_11, TUESDAY_9 - DAY + ONE_SECOND, "window"),
        ("two moves so far", TUESDAY_11, TWO_DAYS_BEFORE, ""),
        ("three moves so far", TUESDAY_11, TWO_DAYS_BEFORE, "max_moves"),
        ("three moves, in the grace", TUESDAY_11, A_WEEK_BEFORE + timedelta(minutes=5), ""),
        ("beyond the credit", THURSDAY_9, TWO_DAYS_BEFORE, "expired_credit"),
        ("too soon", TUESDAY_9 - timedelta(days=1), TUESDAY_9 - timedelta(hours=25), "notice"),
        ("off the grid", TUESDAY_11 + timedelta(minutes=5), TWO_DAYS_BEFORE, "grid"),
        ("nobody works", TUESDAY_9 + timedelta(hours=10), TWO_DAYS_BEFORE, "outside_hours"),
        ("far ahead", TUESDAY_9 + timedelta(days=90), TWO_DAYS_BEFORE, "horizon"),
    ],
)
def test_a_runner_moves_within_the_terms_and_the_rules_as_of_now(practice, case, to, at, reason):
    runner = make_runner()
    make_credits(runner, practice=practice, validity_days=8 if case == "beyond the credit" else 365)
    booked = book(practice, runner)
    so_far = {"two": 2, "three": 3}.get(case.split(" ")[0], 0)
    Booking.objects.filter(pk=booked.pk).update(moves=so_far)
    booked = Booking.objects.get(pk=booked.pk)

    if not reason:
        assert moved(booked, to, by=runner, at=at).starts_at == to
        return
    with pytest.raises(BookingError) as refused:
        moved(booked, to, by=runner, at=at)

    assert refused.value.reason == reason
    now = Booking.objects.get(pk=booked.pk)
    assert (now.starts_at, now.sequence, now.moves) == (TUESDAY_9, 0, so_far)
    assert credits_of(runner) == 4


def test_the_window_agreed_to_decides_and_not_todays(practice, runner):
    booked = book(practice, runner)
    make_policy(
        booked.policy.code, 2, move_window_minutes=10_000, effective_from=A_WEEK_BEFORE.date()
    )

    assert moved(booked, by=runner).starts_at == TUESDAY_11


def test_what_has_begun_is_not_moved_by_its_runner_whatever_the_window(practice):
    runner = make_runner()
    make_credits(runner, practice=practice, policy=make_policy("open", move_window_minutes=0))
    booked = book(practice, runner)

    with pytest.raises(IllegalTransition):
        moved(booked, THURSDAY_9, by=runner, at=TUESDAY_9)

    at = TUESDAY_9 - ONE_SECOND
    assert moved(booked, THURSDAY_9, by=runner, at=at).starts_at == THURSDAY_9


# --- P4: a credit that ends before the new day -------------------------------------------------


def test_beyond_the_end_of_its_lot_another_credit_takes_over_and_it_is_said(practice):
    runner = make_runner_with_credits(2, practice=practice, validity_days=8)
    booked = book(practice, runner)
    later = make_credits(runner, 3, practice=practice, name="Three more")
    quote = quote_move(
        booking=booked, starts_at=THURSDAY_9, therapist=None, by=runner, at=TWO_DAYS_BEFORE
    )

    now = agreed_move(booked, THURSDAY_9, by=runner, at=TWO_DAYS_BEFORE)

    assert "2 sessions ends on 2 December 2026" in quote.sentence
    assert "A credit of Three more" in quote.sentence
    assert now.pk == booked.pk
    assert now.policy == booked.policy
    assert kinds_of(now) == ["reserve", "release", "reserve"]
    assert CreditEntry.objects.filter(booking_id=now.public_id).last().lot == later
    wallet = {one.name: one for one in crediting.wallet(runner, on=THURSDAY_9.date()).lots}
    assert (wallet["2 sessions"].available, wallet["2 sessions"].reserved) == (2, 0)
    assert (wallet["Three more"].available, wallet["Three more"].reserved) == (2, 1)


def test_staff_do_not_move_beyond_the_credit_either(practice):
    runner = make_runner_with_credits(practice=practice, validity_days=8)
    booked = book(practice, runner)

    with pytest.raises(MoveRefused):
        moved(booked, THURSDAY_9, by=make_staff())


# --- after the window: a late cancellation and a new session, shown first -----------------------


def test_too_late_to_move_it_is_cancelled_and_booked_anew_once_agreed(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)

    new = agreed_move(booked, THURSDAY_9, by=runner, at=LATE)

    old = Booking.objects.get(pk=booked.pk)
    assert new.pk != old.pk
    assert (old.state, old.sequence, kinds_of(old)) == ("cancelled_late", 1, ["reserve", "use"])
    assert (new.state, new.starts_at, new.moves) == ("confirmed", THURSDAY_9, 0)
    assert (new.therapist, kinds_of(new)) == (practice.imre, ["reserve"])
    assert credits_of(runner) == 3
    assert set(Message.objects.values_list("kind", "about")) == {
        ("booking_confirmed", f"{old.public_id}:0"),
        ("booking_cancelled", f"{old.public_id}:1"),
        ("booking_confirmed", f"{new.public_id}:0"),
    }


def test_the_new_session_may_overlap_the_one_it_replaces(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    to = TUESDAY_9 + timedelta(minutes=30)

    new = agreed_move(booked, to, by=runner, at=LATE, therapist=practice.imre)

    assert (new.starts_at, new.therapist) == (to, practice.imre)


def test_saying_yes_twice_rebooks_once(practice, runner):
    booked = book(practice, runner)
    quote = quote_move(booking=booked, starts_at=THURSDAY_9, therapist=None, by=runner, at=LATE)

    first, second = (
        carry_out_move(token=quote.token, booking=booked, by=runner, at=LATE) for _ in range(2)
    )

    assert first == second
    assert Booking.objects.count() == 2
    assert credits_of(runner) == 3


def test_without_another_credit_it_is_not_offered_and_says_why(practice):
    runner = make_runner_with_credits(1, practice=practice)
    booked = book(practice, runner)

    with pytest.raises(MoveRefused, match="needs another one") as refused:
        effect_of_moving(booking=booked, starts_at=THURSDAY_9, therapist=None, by=runner, at=LATE)

    assert refused.value.reason == "needs_credit"


def test_with_a_cancel_window_shorter_than_the_move_window_the_same_credit_books_anew(practice):
    terms = make_policy("mixed", cancel_window_minutes=60, move_window_minutes=1440)
    runner = make_runner_with_credits(1, practice=practice, policy=terms)
    booked = book(practice, runner)

    new = agreed_move(booked, THURSDAY_9, by=runner, at=LATE)

    assert Booking.objects.get(pk=booked.pk).state == "cancelled_ontime"
    assert (kinds_of(booked), kinds_of(new)) == (["reserve", "release"], ["reserve"])
    assert credits_of(runner) == 0


def test_if_the_new_time_goes_meanwhile_nothing_is_cancelled(practice, runner):
    booked = book(practice, runner)
    quote = quote_move(
        booking=booked, starts_at=THURSDAY_9, therapist=practice.imre, by=runner, at=LATE
    )
    other = make_runner_with_credits(practice=practice)
    book(practice, other, THURSDAY_9, therapist=practice.imre)

    with pytest.raises(TimeTaken) as refused:
        carry_out_move(token=quote.token, booking=booked, by=runner, at=LATE)

    assert len(refused.value.nearest) == 3
    assert Booking.objects.get(pk=booked.pk).state == "confirmed"
    assert credits_of(runner) == 4
    assert kinds_of(booked) == ["reserve"]


def test_the_window_is_24_hours_that_pass_in_the_night_the_clock_changes(practice):
    monday_9 = datetime(2026, 3, 30, 8, tzinfo=UTC)  # 09:00 in London, the first day of summer time
    at = monday_9 - timedelta(days=10)
    runner = make_runner_with_credits(practice=practice, at=at)
    booked = book(practice, runner, monday_9, at=at)
    last = monday_9 - DAY

    assert last.astimezone(booked.zone_info).hour == 9
    with pytest.raises(MoveRefused):
        moved(booked, monday_9 + DAY, by=runner, at=last + ONE_SECOND)
    assert moved(booked, monday_9 + DAY, by=runner, at=last).starts_at.date() == date(2026, 3, 31)
