"""The mail about a time that opened up, and the page behind its link: signed out or in (E14)."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import Message
from accounts.outbox import send_due
from payments.models import CreditEntry
from scheduling.links import offer_token
from scheduling.models import Booking, WaitlistEntry, WaitlistOffer
from scheduling.waitlisting.answering import decline
from scheduling.waitlisting.joining import Want, join
from scheduling.waitlisting.offering import serve_waitlist
from tests.scheduling.web.conftest import Visit

DAYS = 6
LINK = re.compile(r"https?://[^/\s]+(/offers/\S+/)")


@dataclass
class Offered:
    """What Ana is offered, and a browser that opens its link signed out."""

    offer: WaitlistOffer
    client: Client = field(default_factory=Client)

    @property
    def path(self) -> str:
        return f"/offers/{offer_token(self.offer)}/"

    @property
    def booking(self) -> Booking:
        return Booking.objects.get(pk=self.offer.booking_id)

    @property
    def entry(self) -> WaitlistEntry:
        return WaitlistEntry.objects.get(pk=self.offer.entry_id)

    def see(self):
        return self.client.get(self.path)

    def post(self, what: str, **fields):
        return self.client.post(f"{self.path}{what}/", fields)


def make_offer(practice, runner) -> Offered:
    day = practice.day(DAYS)
    at = timezone.now()
    join(runner=runner, want=Want((practice.variant,), practice.location, day, day), at=at)
    assert serve_waitlist(at=at) == 1
    return Offered(WaitlistOffer.objects.with_everything().get())


@pytest.fixture
def offered(practice, runner, lot) -> Offered:
    """Nine o'clock in six days, with one of her four credits."""
    return make_offer(practice, runner)


@pytest.fixture
def unpaid(practice, runner) -> Offered:
    return make_offer(practice, runner)


# --- the mail ----------------------------------------------------------------------------------


def test_the_mail_says_when_with_whom_and_until_when_and_its_link_opens_signed_out(offered):
    send_due(at=timezone.now())

    [letter] = mail.outbox
    local = offered.booking.starts_local
    assert letter.subject.startswith(f"A time opened up: {local:%a} {local.day} {local:%b} 09:00")
    assert len(letter.subject) <= 50
    until = offered.offer.expires_at.astimezone(offered.booking.zone_info)
    [(html, _)] = letter.alternatives
    for words in (letter.body, html):
        assert "Imre Kovács" in words
        assert "London time" in words
        assert f"{until:%H:%M}" in words
        assert "credits is set aside" in words
        assert offered.path in words
    assert letter.to == ["ana@example.org"]
    assert offered.client.get(LINK.search(letter.body)[1]).status_code == 200


def test_a_dead_offer_is_not_mailed(offered):
    decline(offer=offered.offer, by=None, at=timezone.now())

    send_due(at=timezone.now())

    assert mail.outbox == []
    assert Message.objects.get().dropped_because == "The time is no longer held for her."


def test_an_offer_that_has_run_out_is_not_mailed(offered):
    send_due(at=offered.offer.expires_at)

    assert mail.outbox == []


def test_without_a_credit_the_mail_says_that_it_is_paid_on_the_next_page(unpaid):
    send_due(at=timezone.now())

    assert "then pay on the next page" in mail.outbox[0].body


# --- looking -----------------------------------------------------------------------------------


def test_looking_never_answers(offered):
    for page in ("", "acceptance/", "refusal/"):
        offered.client.get(f"{offered.path}{page}", follow=True)

    assert offered.booking.state == Booking.State.HELD
    assert offered.entry.state == WaitlistEntry.State.OFFERED


def test_the_page_says_until_when_and_nothing_else_of_hers(offered):
    answer = offered.see()

    text = answer.content.decode()
    until = offered.offer.expires_at.astimezone(offered.booking.zone_info)
    assert f"Held until {until:%H:%M}" in re.sub(r"<[^>]+>", "", text)
    assert "One of your credits is set aside" in text
    assert "Ana" in text
    for hers in ("Ortiz", "ana@example.org", "4 of 60"):
        assert hers not in text
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("page", ["", "acceptance/", "refusal/"])
def test_a_link_we_never_made_opens_nothing(offered, page):
    token = offered.path.split("/")[2]
    broken = f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"

    assert offered.client.post(f"/offers/{broken}/{page}").status_code in (404, 405)
    assert offered.client.get(f"/offers/{broken}/").status_code == 404
    assert offered.booking.state == Booking.State.HELD


# --- answering ---------------------------------------------------------------------------------


def test_yes_by_the_link_books_it_with_the_credit(offered):
    answer = offered.post("acceptance")

    assert answer.url.startswith("/session/")
    assert "See you" in offered.client.get(answer.url).content.decode()
    assert offered.booking.state == Booking.State.CONFIRMED
    assert CreditEntry.objects.filter(kind="reserve").count() == 1
    again = offered.post("acceptance")
    assert again.url == answer.url
    assert offered.see().url == answer.url


def test_yes_signed_in_leads_to_her_session(offered, runner):
    offered.client.force_login(runner)

    answer = offered.post("acceptance")

    assert answer.url == f"/bookings/{offered.booking.public_id}/"


@pytest.mark.parametrize(
    ("then", "state", "words"),
    [("stay", "waiting", "You stay on the list"), ("leave", "declined", "You are off the list")],
)
def test_no_lets_it_go(offered, then, state, words):
    answer = offered.post("refusal", then=then)

    assert answer.url == offered.path
    assert words in offered.client.get(answer.url).content.decode()
    assert offered.booking.state == Booking.State.EXPIRED
    assert offered.entry.state == state
    assert CreditEntry.objects.filter(kind="release").count() == 1


def test_too_late_says_until_when_it_was_held(offered):
    with time_machine.travel(offered.offer.expires_at + timedelta(minutes=3)):
        serve_waitlist(at=timezone.now())
        answer = offered.client.post(f"{offered.path}acceptance/", follow=True)

    assert answer.status_code == 410
    assert "This time is no longer held" in answer.content.decode()
    assert offered.booking.state == Booking.State.EXPIRED


def test_a_post_needs_its_token(offered):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(f"{offered.path}acceptance/").status_code == 403
    assert offered.booking.state == Booking.State.HELD


def test_without_a_credit_yes_leads_on_to_pay(unpaid, runner):
    assert "Yes, go on to pay" in unpaid.see().content.decode()
    check = f"/book/{unpaid.booking.public_id}/check/"
    assert unpaid.post("acceptance").url == f"/accounts/login/?next={check}"

    unpaid.client.force_login(runner)
    assert unpaid.post("acceptance").url == check

    assert "Go to payment" in unpaid.client.get(check).content.decode()
    assert unpaid.booking.state == Booking.State.HELD


def test_the_check_page_counts_the_credit_that_is_set_aside(offered, runner):
    her = Visit(None)
    her.client.force_login(runner)
    text = her.get(offered.booking, "check/", "book").content.decode()
    assert "Uses 1 of 4, you will have 3" in text

    her.post(offered.booking, "confirmation/", "book")

    assert offered.booking.state == Booking.State.CONFIRMED
    assert CreditEntry.objects.filter(kind="reserve").count() == 1


def test_her_list_and_her_statement_say_that_a_time_is_held(offered, runner):
    offered.client.force_login(runner)

    listed = offered.client.get("/waitlist/").content.decode()
    statement = offered.client.get("/account/credits/").content.decode()

    assert "A time is held for you until" in listed
    assert offered.path in listed
    assert "Set aside" in statement
    assert "Held with an offered time" in statement
