"""Mails about sessions, worded from the booking as it is when they go."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import Message
from accounts.outbox import send_due
from scheduling import links
from scheduling.cancelling import cancel_booking
from scheduling.day import complete
from scheduling.moving import move_booking
from scheduling.reminding import queue_reminders
from tests.builders import make_order, make_package, make_runner, make_staff, pay_at_the_desk
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

DAY_BEFORE = TUESDAY_9 - timedelta(hours=24)


def sent(at=A_WEEK_BEFORE):
    """The mails that go out when a worker comes by, newest last."""
    mail.outbox.clear()
    send_due(at=at)
    return mail.outbox


def text_of(letter):
    [html] = [part.content for part in letter.alternatives if part.mimetype == "text/html"]
    return letter.body, html


def test_the_confirmation_says_when_where_with_whom_and_what_is_left(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)

    [letter] = sent()

    assert letter.to == [runner.email]
    assert letter.subject == "Booked: Tue 1 Dec 09:00 with Imre"
    for words in text_of(letter):
        for fact in (
            "Tuesday 1 December, 09:00",
            "London time",
            "Imre Kovacs",
            "3 Harbour Yard",
            "Free to move or cancel until Mon 30 Nov 09:00",
            "4 credits left",
            links.move_url(booked),
            links.cancel_url(booked),
        ):
            assert fact in words
    [(name, content, mimetype)] = letter.attachments
    assert name == "session.ics"
    assert "METHOD:REQUEST" in str(content)
    assert mimetype.startswith("text/calendar")


def test_a_session_cancelled_before_the_mail_went_is_not_confirmed_any_more(practice, runner):
    booked = book(practice, runner)
    cancel_booking(booking=booked, by=runner, at=A_WEEK_BEFORE)

    letters = sent()

    assert [one.subject[:10] for one in letters] == ["Cancelled:"]
    assert Message.objects.get(kind="booking_confirmed").dropped_because


def test_a_session_moved_before_the_mail_went_is_told_of_once_as_it_is_now(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    move_booking(booking=booked, starts_at=TUESDAY_11, therapist=None, by=runner, at=A_WEEK_BEFORE)

    [letter] = sent()

    assert letter.subject == "Moved: Tue 1 Dec 11:00 with Imre"


@pytest.mark.parametrize(
    ("by_us", "at", "says"),
    [
        (False, TWO_DAYS_BEFORE, "Your credit is back. You have 5 credits."),
        (False, TUESDAY_9 - ONE_HOUR, "so the credit is used"),
        (True, TUESDAY_9 - ONE_HOUR, "We had to cancel"),
    ],
)
def test_the_cancellation_says_what_became_of_the_credit(practice, runner, by_us, at, says):
    booked = book(practice, runner)
    sent()
    cancel_booking(booking=booked, by=make_staff() if by_us else runner, at=at)

    [letter] = sent(at)

    for words in text_of(letter):
        assert says in words
    assert "METHOD:CANCEL" in str(letter.attachments[0][1])


def test_late_money_is_told_with_near_times(practice):
    buyer = make_runner()
    held = hold(practice, runner=buyer, therapist=practice.imre)
    package = make_package(variants=[practice.sports_60])
    order = make_order(buyer, package, at=A_WEEK_BEFORE, reserved_for=held.public_id)
    later = A_WEEK_BEFORE + ONE_HOUR
    book(practice, make_runner_with_credits(practice=practice), at=later, therapist=practice.imre)
    sent(later)

    pay_at_the_desk(order, at=later)

    letter = next(one for one in sent(later) if one.to == [buyer.email])
    for words in text_of(letter):
        assert "you have 5" in words
        assert words.count("Tue 1 Dec") == 3


# --- reminders (N2) --------------------------------------------------------------------------


def test_a_reminder_goes_24_hours_before_and_once(practice, runner):
    book(practice, runner, therapist=practice.imre)
    sent()

    assert queue_reminders(at=DAY_BEFORE - timedelta(seconds=1)) == 0
    assert queue_reminders(at=DAY_BEFORE) == 1
    assert queue_reminders(at=DAY_BEFORE + ONE_HOUR) == 0

    [letter] = sent(DAY_BEFORE + ONE_HOUR)
    assert letter.subject == "Tomorrow 09:00 with Imre"


def test_who_booked_within_24_hours_is_not_reminded(practice, runner):
    book(practice, runner, at=DAY_BEFORE + timedelta(minutes=1))

    assert queue_reminders(at=DAY_BEFORE + ONE_HOUR) == 0


def test_who_moved_within_24_hours_is_not_reminded(practice, runner):
    booked = book(practice, runner)
    move_booking(
        booking=booked,
        starts_at=TUESDAY_11,
        therapist=None,
        by=make_staff(),
        at=DAY_BEFORE + timedelta(hours=3),
    )

    assert queue_reminders(at=DAY_BEFORE + timedelta(hours=4)) == 0


@pytest.mark.parametrize("how", ["cancelled", "moved", "begun"])
def test_a_reminder_is_not_sent_for_what_is_not_so_any_more(practice, runner, how):
    booked = book(practice, runner)
    sent()
    queue_reminders(at=DAY_BEFORE)
    at = DAY_BEFORE
    if how == "cancelled":
        cancel_booking(booking=booked, by=runner, at=at)
    elif how == "moved":
        move_booking(
            booking=booked,
            starts_at=TUESDAY_11 + timedelta(days=1),
            therapist=None,
            by=runner,
            at=at,
        )
    else:
        at = TUESDAY_9

    assert not [one for one in sent(at) if "Tomorrow" in one.subject or "Today" in one.subject]


def test_after_the_session_she_is_asked_whether_she_wants_the_same_again(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    sent()
    complete(booking=booked, by=None, at=TUESDAY_9 + ONE_HOUR)

    [letter] = sent(TUESDAY_9 + ONE_HOUR)

    for words in text_of(letter):
        assert "Same again?" in words
        assert links.book_again_url(booked) in words
