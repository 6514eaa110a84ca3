"""Mails about sessions, worded from the booking as it is when they go."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from accounts.models import Message
from accounts.outbox import send_due
from scheduling import links
from scheduling.cancelling import cancel_booking
from scheduling.day import check_in, complete
from scheduling.links import manage_url
from scheduling.models import Booking
from scheduling.moving import move_booking
from scheduling.quoting import carry_out_move, quote_move
from scheduling.reminding import queue_reminders
from scheduling.wording import moment_words
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
from tests.scheduling.web.conftest import say_yes

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
        (
            False,
            TWO_DAYS_BEFORE,
            "Your credit is back in 5 sessions, which ends on 24 November 2027.",
        ),
        (False, TUESDAY_9 - ONE_HOUR, "The credit of 5 sessions is used."),
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


# --- every kind, both renderings (N1) ----------------------------------------------------------


def confirmed_letter(booked, runner):
    return A_WEEK_BEFORE


def moved_letter(booked, runner):
    move_booking(
        booking=booked, starts_at=TUESDAY_11, therapist=None, by=runner, at=TWO_DAYS_BEFORE
    )
    return TWO_DAYS_BEFORE


def moved_by_us_letter(booked, runner):
    move_booking(
        booking=booked, starts_at=TUESDAY_11, therapist=None, by=make_staff(), at=TWO_DAYS_BEFORE
    )
    return TWO_DAYS_BEFORE


def cancelled_letter(booked, runner):
    cancel_booking(booking=booked, by=runner, at=TWO_DAYS_BEFORE)
    return TWO_DAYS_BEFORE


def cancelled_late_letter(booked, runner):
    cancel_booking(booking=booked, by=runner, at=TUESDAY_9 - ONE_HOUR)
    return TUESDAY_9 - ONE_HOUR


def cancelled_by_us_letter(booked, runner):
    cancel_booking(booking=booked, by=make_staff(), at=TWO_DAYS_BEFORE)
    return TWO_DAYS_BEFORE


def reminder_letter(booked, runner):
    queue_reminders(at=DAY_BEFORE + ONE_HOUR)
    return DAY_BEFORE + ONE_HOUR


def done_letter(booked, runner):
    complete(booking=booked, by=None, at=TUESDAY_9 + ONE_HOUR)
    return TUESDAY_9 + ONE_HOUR


FREE = "Free to move or cancel until Mon 30 Nov 09:00. After that the credit is used."
ASIDE = "One credit of 5 sessions is set aside for it."
BACK = "Your credit is back in 5 sessions, which ends on 24 November 2027."
MOVED_FREE = "Free to move or cancel until Mon 30 Nov 11:00"
GRACE = "For 5 minutes after booking you can undo it at no cost"
SORRY = ("We had to cancel your session", "We are sorry", "costs you nothing")

# Subject, what it says of terms and credit, what it must not say.
KINDS = {
    confirmed_letter: ("Booked: Tue 1 Dec 09:00 with Maximili", [FREE, GRACE, ASIDE], SORRY),
    moved_letter: (
        "Moved: Tue 1 Dec 11:00 with Maximili",
        ["Your session has moved", MOVED_FREE, ASIDE],
        ["We have moved", GRACE],
    ),
    moved_by_us_letter: (
        "We moved it: Tue 1 Dec 11:00 with Maximili",
        ["We have moved your session", MOVED_FREE, ASIDE],
        ["Your session has moved"],
    ),
    cancelled_letter: (
        "Cancelled: Tue 1 Dec 09:00 with Maximili",
        ["Your session is cancelled", BACK, "It was free to cancel until Mon 30 Nov 09:00."],
        [*SORRY, "These are close"],
    ),
    cancelled_late_letter: (
        "Cancelled: Tue 1 Dec 09:00 with Maximili",
        ["The credit of 5 sessions is used.", "It was free to cancel until Mon 30 Nov 09:00."],
        [*SORRY, "is back"],
    ),
    cancelled_by_us_letter: (
        "We had to cancel: Tue 1 Dec 09:00 with Maximili",
        [*SORRY, BACK, "These are close"],
        ["It was free to cancel"],
    ),
    reminder_letter: (
        "Tomorrow 09:00 with Maximili",
        ["The free time to cancel is over", "Tell us anyway", ASIDE],
        [FREE, GRACE],
    ),
    done_letter: ("Same again?", ["Same again?", "The credit of 5 sessions is used."], [FREE]),
}


@pytest.mark.parametrize("makes", KINDS, ids=lambda one: one.__name__.removesuffix("_letter"))
def test_every_mail_has_time_zone_address_link_terms_and_credit_in_both_renderings(
    practice, runner, makes
):
    type(practice.imre).objects.filter(pk=practice.imre.pk).update(
        name="Maximiliana-Alexandrina Featherstonehaugh-Cholmondeley"
    )
    practice.imre.refresh_from_db()
    booked = book(practice, runner, therapist=practice.imre)
    if makes is not confirmed_letter:
        sent()
    subject, says, not_says = KINDS[makes]

    [letter] = sent(makes(booked, runner))

    assert letter.subject.startswith(subject)
    assert len(letter.subject) <= 50
    text, html = text_of(letter)
    assert len(html.encode()) <= 30_000
    now = type(booked).objects.get(pk=booked.pk)
    hour = f"{now.starts_local:%H:%M} (London time)"
    link = manage_url(now)
    for words in (text, " ".join(html.split())):
        for fact in ("Tuesday 1 December, ", hour, "3 Harbour Yard", link, *says):
            assert fact in words, fact
        for other in not_says:
            assert other not in words, other


def test_what_we_cancel_offers_three_times_the_same_therapist_first_each_one_button_away(
    practice, runner, client
):
    booked = book(practice, runner, therapist=practice.imre)
    sent()
    cancel_booking(booking=booked, by=make_staff(), at=TWO_DAYS_BEFORE)

    [letter] = sent(TWO_DAYS_BEFORE)

    text, html = text_of(letter)
    found = re.findall(r"- (.*) with (\w+): http://[^/]+(/book/sports-60/time/\S+)", text)
    assert [one[1] for one in found] == ["Imre"] * 3
    assert len({one[0] for one in found}) == 3
    assert "Tue 1 Dec 09:00" not in [one[0] for one in found]
    assert html.count("/book/sports-60/time/") == 3
    with time_machine.travel(TWO_DAYS_BEFORE, tick=False):
        page = client.get(found[0][2])
        assert page.status_code == 200
        assert not Booking.objects.filter(state="held").exists()
        held = say_yes(client, page, HTTP_SEC_FETCH_SITE="same-origin")
    assert held.status_code == 302
    waiting = Booking.objects.get(state="held")
    assert moment_words(waiting.starts_at, waiting.zone) == found[0][0]
    assert waiting.therapist == practice.imre


def test_a_time_of_a_link_that_went_meanwhile_shows_what_is_close(practice, runner, client):
    book(practice, runner, therapist=practice.imre)
    wish = {"slot": "2026-12-01T09:00:00Z", "therapist": "imre", "location": "harbour"}
    with time_machine.travel(TWO_DAYS_BEFORE, tick=False):
        answer = client.get("/book/sports-60/time/", wish)
        assert answer.status_code == 409
        assert answer.content.decode().count('class="slot"') == 3
        for spoilt in ({"slot": "soon"}, {"therapist": "eve"}, {"location": "?"}):
            assert client.get("/book/sports-60/time/", wish | spoilt).status_code == 404
        assert client.get("/book/nothing/time/", wish).status_code == 404
        far = wish | {"slot": "9999-12-31T23:59:00Z"}
        assert client.get("/book/sports-60/time/", far).status_code == 409


def test_a_credit_that_lives_on_because_we_cancelled_is_told_with_its_new_end(practice):
    runner = make_runner_with_credits(practice=practice, validity_days=8)
    booked = book(practice, runner)
    sent()
    cancel_booking(booking=booked, by=make_staff(), at=TWO_DAYS_BEFORE)

    [letter] = sent(TWO_DAYS_BEFORE)

    for words in text_of(letter):
        assert "Your credit is back in 5 sessions, which now ends on 13 December 2026." in words


def test_moved_there_and_back_before_the_mail_went_tells_once_where_it_is(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    sent()
    for to in (TUESDAY_11, TUESDAY_9):
        move_booking(booking=booked, starts_at=to, therapist=None, by=runner, at=TWO_DAYS_BEFORE)

    [letter] = sent(TWO_DAYS_BEFORE)

    assert letter.subject == "Moved: Tue 1 Dec 09:00 with Imre"
    assert "SEQUENCE:2" in str(letter.attachments[0][1])


def test_moved_then_cancelled_before_the_mail_went_tells_only_the_end(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    sent()
    at = TWO_DAYS_BEFORE
    move_booking(booking=booked, starts_at=TUESDAY_11, therapist=None, by=runner, at=at)
    for _ in range(2):
        cancel_booking(booking=booked, by=runner, at=at)

    [letter] = sent(at)

    assert letter.subject == "Cancelled: Tue 1 Dec 11:00 with Imre"
    assert not sent(at + ONE_HOUR)


def test_a_late_move_tells_of_the_session_that_ended_and_of_the_one_that_came(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    sent()
    at = TUESDAY_9 - ONE_HOUR
    wish = {"starts_at": TUESDAY_11 + timedelta(days=2), "therapist": None, "by": runner, "at": at}
    quote = quote_move(booking=booked, **wish)
    carry_out_move(token=quote.token, booking=booked, by=runner, at=at)

    letters = sent(at)

    assert [one.subject for one in letters] == [
        "Cancelled: Tue 1 Dec 09:00 with Imre",
        "Booked: Thu 3 Dec 11:00 with Imre",
    ]


def test_who_has_arrived_is_not_reminded(practice, runner):
    booked = book(practice, runner)
    sent()
    queue_reminders(at=DAY_BEFORE)
    check_in(booking=booked, by=None, at=TUESDAY_9 - timedelta(minutes=30))

    assert not sent(TUESDAY_9 - timedelta(minutes=20))
