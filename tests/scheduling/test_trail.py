"""What somebody does with sessions and hours is in the audit trail; what runs by itself is not."""

from datetime import date, timedelta

from accounts.models import AuditEntry
from scheduling.blocking import block_time, unblock
from scheduling.cancelling import cancel_booking
from scheduling.day import check_in, complete, mark_no_show
from scheduling.models import Closure, WorkingHours
from scheduling.moving import move_booking
from scheduling.ruling import add_closure, remove_rule
from tests.builders import make_staff
from tests.payments.test_trail import written
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    TUESDAY_10,
    book,
    make_practice,
    make_runner_with_credits,
)

HOUR = timedelta(hours=1)


def test_each_act_of_a_person_leaves_its_entry(db):
    practice, sam = make_practice(), make_staff()
    runner = make_runner_with_credits(practice=practice)
    at = A_WEEK_BEFORE
    [made] = written(lambda: book(practice, runner, TUESDAY_9))
    assert (made.action, made.runner) == ("schedule.confirmed", runner.public_id)
    booking = runner.bookings.get()
    assert (made.about, made.key) == ("booking", str(booking.public_id))
    assert made.after["state"] == "confirmed"

    later = book(practice, runner, TUESDAY_9 + timedelta(days=1))
    missed = book(practice, runner, TUESDAY_9 + timedelta(days=2))
    off = book(practice, runner, TUESDAY_9 + timedelta(days=3))
    table = [
        (
            "schedule.moved",
            lambda: move_booking(
                booking=booking,
                starts_at=TUESDAY_10,
                therapist=None,
                by=sam,
                at=at,
                reason="Ill",
            ),
        ),
        ("schedule.checked_in", lambda: check_in(booking=booking, by=sam, at=TUESDAY_10)),
        (
            "schedule.cancelled",
            lambda: cancel_booking(booking=off, by=sam, at=TUESDAY_10, reason="Ill"),
        ),
        (
            "schedule.no_show",
            lambda: mark_no_show(booking=missed, by=sam, at=missed.starts_at + HOUR),
        ),
    ]
    for expected, act in table:
        entries = written(act)
        assert [(one.action, one.by) for one in entries] == [(expected, sam.public_id)]
    assert AuditEntry.objects.get(action="schedule.moved").why == "Ill"
    assert written(lambda: complete(booking=later, by=None, at=later.ends_at + HOUR)) == []


def test_hours_closures_and_blocks_say_who_and_what_without_the_reason(db):
    practice, sam = make_practice(), make_staff()
    start = TUESDAY_9 + timedelta(days=20)
    made = {}

    def block():
        made["block"] = block_time(
            therapist=practice.imre,
            starts_at=start,
            ends_at=start + HOUR,
            reason="At the dentist",
            by=sam,
            at=A_WEEK_BEFORE,
        )

    def close():
        add_closure(
            location=practice.location,
            starts_on=date(2026, 12, 24),
            ends_on=date(2026, 12, 26),
            reason="Christmas",
            decisions={},
            by=sam,
            at=A_WEEK_BEFORE,
        )

    [blocked] = written(block)
    assert (blocked.action, blocked.about, blocked.by) == (
        "schedule.added",
        "time off",
        sam.public_id,
    )
    assert blocked.after["reason"] == "withheld"
    [freed] = written(lambda: unblock(time_off=made["block"], by=sam, at=A_WEEK_BEFORE))
    assert (freed.action, freed.by) == ("schedule.removed", sam.public_id)
    [closed] = written(close)
    assert (closed.action, closed.by) == ("schedule.added", sam.public_id)
    [opened] = written(
        lambda: remove_rule(rule=Closure.objects.get(), decisions={}, by=sam, at=A_WEEK_BEFORE)
    )
    assert (opened.action, opened.by) == ("schedule.removed", sam.public_id)

    shift = WorkingHours.objects.filter(therapist=practice.imre).first()
    shift.ends = shift.starts.replace(hour=20)
    [changed] = written(shift.save)
    assert changed.after["therapist_id"] == practice.imre.pk
    assert set(changed.before) == {"ends"}
