"""Messages about credits (P15): each once, and only what is still true when it is sent."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from accounts import outbox
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.models import Message
from payments.crediting import extend_lot, freeze_lot, release, reserve, use
from payments.days import practice_day
from payments.models import CreditLot
from payments.noticing import queue_notices
from tests.builders import NOON, make_goodwill, make_lot, make_policy, make_runner, make_staff

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)


@pytest.fixture
def runner(db):
    return make_runner("ana@example.org", "Ana Ortiz")


def book(lot, at=NOON):
    booking = uuid.uuid4()
    reserve(
        owner=lot.owner,
        variant=lot.variants.first(),
        booking_id=booking,
        session_on=practice_day(at),
        by=lot.owner,
        at=at,
        lot=lot,
    )
    return booking


def come(lot, at=NOON):
    booking = book(lot, at)
    use(booking_id=booking, by=None, at=at, effective_at=at, reason="Done")


def told(at):
    """The subjects of what is queued and sent at a moment."""
    queue_notices(at=at)
    mail.outbox.clear()
    outbox.send_due(at=at)
    return [letter.subject for letter in mail.outbox]


@pytest.mark.parametrize(
    ("left", "subject"),
    [
        (31, None),
        (30, "5 sessions to use by 18 June"),
        (8, "5 sessions to use by 18 June"),
        (7, "5 sessions to use by 18 June"),
        (0, "5 sessions to use by 18 June"),
        (-1, None),
    ],
)
def test_the_last_day_is_told_30_and_7_days_before(runner, left, subject):
    make_lot(runner, validity_days=100)  # until 18 June

    assert told(NOON + (100 - left) * DAY) == ([subject] if subject else [])


def test_each_is_told_once_and_anew_for_a_new_last_day(runner):
    lot = make_lot(runner, validity_days=100)
    days = [day for day in range(60, 101) if told(NOON + day * DAY)]
    assert days == [70, 93]

    extend_lot(
        lot=lot,
        until=TODAY + 140 * DAY,
        reason="Ill",
        by=make_staff(),
        at=NOON + 100 * DAY,
        key=uuid.uuid4(),
    )
    days = [day for day in range(100, 141) if told(NOON + day * DAY)]
    assert days == [110, 133]


def test_nothing_is_told_of_what_is_booked(runner):
    lot = make_lot(runner, units=2, validity_days=100)
    make_lot(runner, units=9, validity_days=300)  # so that none of them is the last
    for _ in range(2):
        book(lot)

    assert told(NOON + 80 * DAY) == []


def test_what_is_booked_before_the_mail_goes_silences_it(runner):
    lot = make_lot(runner, units=1, validity_days=100)
    at = datetime(2026, 6, 11, 0, 20, tzinfo=NOON.tzinfo)
    queue_notices(at=at)
    message = Message.objects.get()
    assert message.send_after.hour == 8  # nine o'clock in London, not in the night
    book(lot, at)

    outbox.send_due(at=at + timedelta(hours=9))

    assert not mail.outbox
    message.refresh_from_db()
    assert message.dropped_because == "What she has is booked."


def test_who_turned_them_off_hears_of_no_last_day_also_while_the_mail_waits(runner):
    def want(wanted, at):
        decide(
            runner,
            Purpose.CREDIT_NOTICES,
            agrees=wanted,
            channel=Channel.ACCOUNT,
            by=runner,
            at=at,
        )

    make_lot(runner, validity_days=100)
    month, week = NOON + 70 * DAY, NOON + 93 * DAY
    queue_notices(at=month)
    want(False, month)
    assert told(month) == []
    assert not Message.objects.filter(kind="credits_left", dropped_at=None).exists()
    want(True, month)
    assert told(week) == ["5 sessions to use by 18 June"]


def test_the_last_credit_and_the_end_are_told_once(runner):
    lot = make_lot(runner, units=3, validity_days=300)
    assert told(NOON) == []
    come(lot)
    assert told(NOON) == []
    come(lot)
    assert told(NOON) == ["One session left"]
    booking = book(lot)
    assert told(NOON) == []  # a booking covers it
    use(booking_id=booking, by=None, at=NOON, effective_at=NOON, reason="Done")
    assert told(NOON) == ["Your last session is used"]
    assert told(NOON + DAY) == []
    assert told(NOON + 10 * DAY) == []


def test_a_cancelled_session_brings_no_second_message(runner):
    lot = make_lot(runner, units=2, validity_days=300)
    booking = book(lot)
    assert told(NOON) == ["One session left"]
    release(booking_id=booking, by=runner, at=NOON, reason="Cancelled")
    book(lot)

    assert told(NOON) == []


def test_nobody_hears_of_the_end_of_one_package_while_another_lasts(runner):
    lot = make_lot(runner, units=2, validity_days=200)
    make_lot(runner, units=5, validity_days=300)
    for _ in range(2):
        come(lot)
        assert told(NOON) == []


@pytest.mark.parametrize("what", ["single", "frozen", "gone"])
def test_who_has_nothing_to_gain_hears_nothing(runner, what):
    lot = make_lot(runner, units=1 if what == "single" else 2, validity_days=100)
    if what == "single":
        come(lot)
        assert told(NOON) == []
        return
    if what == "frozen":
        freeze_lot(lot=lot, reason="Ill", by=make_staff(), at=NOON, key=uuid.uuid4())
    else:
        runner.is_active = False
        runner.save()
    assert told(NOON + 95 * DAY) == []


@pytest.mark.parametrize(("validity", "days"), [(30, [23]), (7, []), (31, [1, 24])])
def test_what_lasts_no_longer_was_bought_with_its_end_in_sight(runner, validity, days):
    make_lot(runner, validity_days=validity)

    assert [day for day in range(validity + 1) if told(NOON + day * DAY)] == days


def test_the_mail_names_package_day_and_rule_in_text_and_html(runner):
    terms = make_policy("by-booking", expiry_rule="book_by")
    make_lot(runner, validity_days=100, name="Five times legs", policy=terms)

    assert told(NOON + 93 * DAY) == ["5 sessions to book by 18 June"]
    [letter] = mail.outbox
    html = letter.alternatives[0][0]
    for words in (letter.body, html):
        assert "Five times legs" in words
        assert "Thursday 18 June" in words
        assert "the session itself may be later" in words
        assert "/book/" in words
    assert letter.to == ["ana@example.org"]


def test_goodwill_ends_like_anything_else(runner):
    make_goodwill(runner, expires_on=TODAY + 100 * DAY)

    assert told(NOON + 93 * DAY) == ["1 session to use by 18 June"]
    assert CreditLot.objects.get().notices.count() == 1
