"""The link in a mail (B13): signed out, first name and session only, dead after a change."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Message, RunnerProfile
from accounts.outbox import send_due
from payments.models import CreditEntry, CreditLot
from scheduling.cancelling import cancel_booking
from scheduling.day import complete
from scheduling.links import manage_token
from scheduling.models import Booking, BookingChange
from scheduling.moving import move_booking
from scheduling.web.limits import MAX_BAD_LINKS_A_MINUTE
from scheduling.web.slots import slot_value
from tests.scheduling.web.conftest import FROM_US, Visit, reload, say_yes

PAGES = ("", "move/", "cancel/", "cancellation/", "new-link/", "calendar.ics")


@pytest.fixture
def stranger(client) -> Client:
    """A browser nobody is signed in from; the cache is empty, so are the counters."""
    cache.clear()
    return client


def link(booking: Booking, page: str = "") -> str:
    return f"/session/{manage_token(booking)}/{page}"


def mailed_link() -> str:
    """The path of the session's link in the newest mail."""
    found = re.search(r"(/session/[^/\s]+/)(?:\s|#|$)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found.group(1)


# --- what it shows -----------------------------------------------------------------------------


def test_it_shows_the_session_and_a_first_name_and_nothing_else_of_hers(
    stranger, her_visit: Visit, booked, runner
):
    RunnerProfile.objects.filter(user=runner).update(mobile="+44 7700 900123")
    other = her_visit.held(her_visit.starts(8, 15))
    her_visit.post(other, "confirmation/", "book")
    for page in ("", "move/", "cancel/", "calendar.ics"):
        text = stranger.get(link(booked, page)).content.decode()
        for secret in (runner.email, "7700", "Ortiz", "credits left", "you will have", "15:00 to"):
            assert secret not in text, (page, secret)
        assert str(other.public_id) not in text
    text = stranger.get(link(booked)).content.decode()
    for fact in ("Ana", "10:00", "London time", "Deep tissue, 60", "Harbour Yard", "Imre"):
        assert fact in text


def test_by_the_link_nobody_reads_that_she_is_asked_to_call(
    stranger, her_visit: Visit, booked, runner
):
    RunnerProfile.objects.filter(user=runner).update(must_call=True)

    signed_out = stranger.get(link(booked, "move/")).content.decode()
    signed_in = her_visit.get(booked, "move/").content.decode()

    assert "Please call us before you book" in signed_in
    assert "Please call us before you book" not in signed_out
    assert "cannot be done by this link" in signed_out


def test_by_the_link_nobody_reads_when_her_credit_ends(stranger, her_visit: Visit, booked, runner):
    CreditLot.objects.filter(owner=runner).update(expires_on=booked.starts_local.date())
    later = f"move/?to={slot_value(booked.starts_at + timedelta(days=2))}"

    signed_out = stranger.get(link(booked, later))
    signed_in = her_visit.get(booked, later)

    assert signed_out.status_code == signed_in.status_code == 409
    assert "credit" in signed_in.content.decode().lower()
    assert "credit" not in main_of(signed_out)
    assert "cannot be done by this link" in main_of(signed_out)


def main_of(answer) -> str:
    """The page without its header and footer."""
    return answer.content.decode().partition("<main")[2].partition("</main>")[0].lower()


def test_the_page_is_kept_by_nobody_and_found_by_nobody(stranger, booked):
    for page in ("", "move/", "cancel/", "calendar.ics"):
        answer = stranger.get(link(booked, page))
        assert "no-store" in answer["Cache-Control"], page
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        # A form needs its Origin, the path is named to nobody.
        assert answer["Referrer-Policy"] == "strict-origin"
    assert '<meta name="robots" content="noindex">' in stranger.get(link(booked)).content.decode()


def test_looking_never_acts(stranger, booked):
    before = BookingChange.objects.count()
    for page in PAGES:
        for ask in (stranger.get, stranger.head):
            assert ask(link(booked, page)).status_code in (200, 302, 405), page
    stranger.get(link(booked, f"move/?to={slot_value(booked.starts_at + timedelta(days=1))}"))
    assert reload(booked).state == Booking.State.CONFIRMED
    assert BookingChange.objects.count() == before
    assert not Message.objects.filter(kind="new_link").exists()


def test_each_post_needs_the_forms_token(booked):
    cache.clear()
    strict = Client(enforce_csrf_checks=True)
    for page in ("move/", "cancellation/", "new-link/"):
        assert strict.post(link(booked, page), {"to": "x"}).status_code == 403
    assert reload(booked).state == Booking.State.CONFIRMED


# --- moving and cancelling ---------------------------------------------------------------------


def test_she_moves_by_the_link_and_is_led_to_the_new_one(stranger, her_visit: Visit, booked):
    to = her_visit.starts(6, 11)
    asked = stranger.get(link(booked, f"move/?to={slot_value(to)}"))
    assert f'action="{link(booked, "move/")}"' in asked.content.decode()
    old = link(booked)
    answer = say_yes(stranger, asked)
    moved = reload(booked)
    assert moved.starts_at == to
    assert answer.url == link(moved) != old
    assert "11:00" in stranger.get(answer.url).content.decode()
    change = BookingChange.objects.filter(kind="moved").get()
    assert (change.actor, change.reason) == (moved.runner, "By the link in a mail")


def test_the_times_to_move_to_stay_on_the_link(stranger, her_visit: Visit, booked):
    day = her_visit.practice.day(6)
    answer = stranger.get(link(booked, f"move/?day={day}"))
    assert answer.context["diary"].slots[0].url.startswith(link(booked, "move/?to="))
    assert "/bookings/" not in answer.content.decode()


def test_a_time_taken_meanwhile_answers_on_the_link(
    stranger, her_visit: Visit, other_visit: Visit, booked
):
    to = her_visit.starts(6)
    asked = stranger.get(link(booked, f"move/?to={slot_value(to)}"))
    other_visit.held(to)
    Visit(her_visit.practice).held(to, therapist="sana")
    answer = say_yes(stranger, asked)
    assert answer.status_code == 409
    assert link(booked, "move/?to=") in answer.content.decode()
    assert reload(booked).starts_at == booked.starts_at


def test_she_cancels_by_the_link_and_hears_what_became_of_the_credit(stranger, booked):
    asked = stranger.get(link(booked, "cancel/"))
    text = asked.content.decode()
    assert "You get your credit back." in text
    assert "5 sessions" not in text
    answer = say_yes(stranger, asked)
    assert "Your credit is back" in stranger.get(answer.url).content.decode()
    assert reload(booked).state == Booking.State.CANCELLED_ONTIME
    assert CreditEntry.objects.filter(kind="release").count() == 1


# --- dead links --------------------------------------------------------------------------------


def test_after_a_change_the_old_link_opens_nothing(stranger, her_visit: Visit, booked, runner):
    old = manage_token(booked)
    at = timezone.now()
    moved = move_booking(
        booking=booked, starts_at=her_visit.starts(6), therapist=None, by=runner, at=at
    )
    for page in ("", "move/", "cancel/", "calendar.ics"):
        answer = stranger.get(f"/session/{old}/{page}")
        assert answer.status_code == 410
        text = answer.content.decode()
        assert "This session has changed" in text
        for secret in ("Ana", runner.email, "Deep tissue", "Imre", manage_token(moved)):
            assert secret not in text
    for page in ("move/", "cancellation/"):
        answer = stranger.post(
            f"/session/{old}/{page}", {"to": slot_value(her_visit.starts(7)), "therapist": ""}
        )
        assert answer.status_code == 410
    assert reload(booked).starts_at == moved.starts_at
    assert reload(booked).state == Booking.State.CONFIRMED


def test_a_new_link_goes_to_the_address_on_file_once_an_hour(
    stranger, her_visit: Visit, booked, runner
):
    old = manage_token(booked)
    move_booking(
        booking=booked,
        starts_at=her_visit.starts(6),
        therapist=None,
        by=runner,
        at=timezone.now(),
    )
    send_due(at=timezone.now())
    mail.outbox.clear()
    with time_machine.travel(timezone.now().replace(minute=10) + timedelta(hours=1)):
        for _ in range(3):
            answer = stranger.post(f"/session/{old}/new-link/")
            text = stranger.get(answer.url).content.decode()
            assert "on its way to the address the session was booked with" in text
            assert runner.email not in text
        send_due(at=timezone.now())
    assert [one.to for one in mail.outbox] == [[runner.email]]
    assert mailed_link() == link(reload(booked))


@pytest.mark.parametrize("spoil", ["first", "version", "last", "cut", "words"])
def test_a_link_we_never_made_is_not_found(stranger, booked, spoil):
    token = manage_token(booked)
    name, version, proof = token.split(".")
    token = {
        "first": ("B" if token[0] == "A" else "A") + token[1:],
        "version": f"{name}.{int(version) + 1}.{proof}",
        "last": f"{name}.{version}.{proof[:-2]}{'AA' if proof[-2:] != 'AA' else 'BB'}",
        "cut": token[:-1],
        "words": "let-me-in",
    }[spoil]
    for page in ("", "move/", "cancel/", "calendar.ics"):
        assert stranger.get(f"/session/{token}/{page}").status_code == 404
    for page in ("move/", "cancellation/", "new-link/"):
        assert stranger.post(f"/session/{token}/{page}").status_code == 404
    assert reload(booked).state == Booking.State.CONFIRMED


def test_who_tries_too_many_links_waits(stranger, booked):
    for number in range(MAX_BAD_LINKS_A_MINUTE):
        assert stranger.get(f"/session/guess-{number}/").status_code == 404
    assert stranger.get(link(booked)).status_code == 429
    assert stranger.post(link(booked, "cancellation/")).status_code == 429
    assert reload(booked).state == Booking.State.CONFIRMED


def test_a_held_time_has_no_link(stranger, her_visit: Visit):
    assert stranger.get(link(her_visit.held())).status_code == 404


# --- over --------------------------------------------------------------------------------------


def test_a_cancelled_session_says_so(stranger, booked):
    cancelled = cancel_booking(booking=booked, by=None, at=timezone.now())
    text = stranger.get(link(cancelled)).content.decode()
    assert "We had to cancel. Your credit is back." in text
    assert "/cancel/" not in text


def test_a_past_session_says_so_and_is_not_changed(stranger, booked):
    with time_machine.travel(booked.ends_at + timedelta(hours=1)):
        text = stranger.get(link(booked)).content.decode()
        assert "This session is over" in text
        assert "/move/" not in text
        assert stranger.post(link(booked, "cancellation/")).status_code == 409


def test_every_mail_about_a_session_leads_to_its_link(stranger, her_visit: Visit, booked, runner):
    at = timezone.now()
    send_due(at=at)
    assert stranger.get(mailed_link()).status_code == 200
    move_booking(booking=booked, starts_at=her_visit.starts(6), therapist=None, by=runner, at=at)
    send_due(at=at)
    assert mail.outbox[-1].subject.startswith("Moved")
    assert mailed_link() == link(reload(booked))


def test_the_mail_after_the_session_leads_to_three_times_of_the_same(
    stranger, her_visit: Visit, booked, runner
):
    with time_machine.travel(booked.ends_at + timedelta(hours=1)):
        complete(booking=booked, by=None, at=timezone.now())
        send_due(at=timezone.now())
        assert mail.outbox[-1].subject == "Same again?"
        answer = stranger.get(mailed_link())
        again = answer.context["again"]
        days = [slot.starts_at.date() for slot in again.slots]
        assert len(set(days)) == 3
        # Ten o'clock is her hour, but today is too late for it.
        hours = [slot.starts_at.astimezone(booked.zone_info).hour for slot in again.slots]
        assert hours[1:] == [10, 10]
        assert answer.content.decode().count('name="slot"') == 3
        # Signed in: one tap holds, one confirms, nothing is typed.
        her_visit.client.force_login(runner)
        held = her_visit.client.post(
            "/book/hold/", again.hidden | {"slot": again.slots[0].value}, **FROM_US
        )
        confirmed = her_visit.client.post(held.url.replace("check/", "confirmation/"))
        assert confirmed.url.startswith("/bookings/")
    assert Booking.objects.of(runner).upcoming(booked.ends_at).count() == 1


def test_what_is_not_offered_any_more_is_not_offered_again(stranger, her_visit: Visit, booked):
    cancelled = cancel_booking(booking=booked, by=None, at=timezone.now())
    assert len(stranger.get(link(cancelled)).context["again"].slots) == 3
    her_visit.practice.imre.is_bookable_online = False
    her_visit.practice.imre.save()
    assert stranger.get(link(cancelled)).context["again"] is None
