"""Quotes by API (U6): shown, agreed to, stale, forged; the same acts as the pages'."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from payments.models import CreditEntry
from scheduling.models import Booking
from tests.builders import make_lot, make_runner
from tests.practice import open_practice

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def runner(client):
    runner = make_runner()
    client.force_login(runner, backend=BACKEND)
    return runner


@pytest.fixture
def post(client):
    def send(path, **body):
        return client.post(f"/api/v1/{path}", body, content_type="application/json")

    return send


@pytest.fixture
def book(post, practice, runner):
    make_lot(runner, variants=[practice.variant], at=timezone.now())

    def booked(days=5, hour=10):
        starts_at = practice.on(practice.day(days), hour).isoformat()
        held = post(
            "holds/",
            variant=practice.variant.code,
            location="harbour",
            therapist="imre",
            starts_at=starts_at,
        ).json()
        return post("bookings/", hold=held["id"]).json()

    return booked


def quote_of(post, booking, act="cancel", **wanted):
    answer = post(f"bookings/{booking['id']}/quote/", act=act, **wanted)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_quote_says_what_becomes_of_time_credit_and_money_and_changes_nothing(post, book):
    booked = book()

    quote = quote_of(post, booked)

    assert (quote["act"], quote["outcome"], quote["state"]) == (
        "cancel",
        "in_time",
        "cancelled_ontime",
    )
    assert (quote["credit"], quote["money_minor"], quote["currency"]) == ("returned", 0, "GBP")
    assert quote["package"]["name"] == "5 sessions"
    assert "The credit returns to 5 sessions, which ends on" in quote["sentence"]
    assert quote["valid_until"] > timezone.now().isoformat()
    assert Booking.objects.get(public_id=booked["id"]).state == "confirmed"


def test_what_was_quoted_is_done(post, book, practice):
    booked = book()
    to = practice.on(practice.day(6), 11)

    quote = quote_of(post, booked, "move", starts_at=to.isoformat(), therapist="sana")
    moved = post(f"bookings/{booked['id']}/move/", quote=quote["quote"]).json()

    assert (moved["id"], moved["therapist"]) == (booked["id"], "sana")
    assert moved["starts_at"] == quote["starts_at"]
    assert (quote["outcome"], quote["credit"]) == ("moved", "kept")
    quote = quote_of(post, booked)
    cancelled = post(f"bookings/{booked['id']}/cancellation/", quote=quote["quote"]).json()
    assert cancelled["state"] == quote["state"]


@pytest.mark.parametrize("late", ["by the clock", "by its deadline", "by another change"])
def test_a_stale_quote_gets_409_with_the_new_one_and_nothing_happens(
    client, post, book, runner, practice, late
):
    booked = book()
    starts_at = practice.on(practice.day(5), 10)
    moment = {
        "by the clock": starts_at - timedelta(hours=24, minutes=1),
        "by its deadline": timezone.now(),
        "by another change": timezone.now(),
    }[late]
    wait = timedelta(minutes={"by the clock": 2, "by its deadline": 11}.get(late, 0))
    with time_machine.travel(moment, tick=False) as clock:
        client.force_login(runner, backend=BACKEND)
        old = quote_of(post, booked)
        if late == "by another change":
            Booking.objects.filter(public_id=booked["id"]).update(token_version=9)
        clock.shift(wait)
        answer = post(f"bookings/{booked['id']}/cancellation/", quote=old["quote"])
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "stale_quote")
        assert Booking.objects.get(public_id=booked["id"]).state == "confirmed"
        new = problem["quote"]
        assert new["credit"] == ("used" if late == "by the clock" else "returned")
        assert new["sentence"] in problem["detail"]

        done = post(f"bookings/{booked['id']}/cancellation/", quote=new["quote"])

    assert done.json()["state"] == new["state"]
    assert CreditEntry.objects.filter(kind__in=["use", "release"]).count() == 1


@pytest.mark.parametrize("spoil", ["forged", "another act", "another booking", "cut", "empty"])
def test_a_quote_that_is_not_ours_for_this_gets_422(post, book, practice, spoil):
    booked = book()
    to = practice.on(practice.day(6), 11).isoformat()
    token = quote_of(post, booked)["quote"]
    token = {
        "forged": "x" + token[1:],
        "another act": quote_of(post, booked, "move", starts_at=to)["quote"],
        "another booking": quote_of(post, book(days=7))["quote"],
        "cut": token[:-2],
        "empty": "",
    }[spoil]

    answer = post(f"bookings/{booked['id']}/cancellation/", quote=token)

    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_quote")
    assert Booking.objects.get(public_id=booked["id"]).state == "confirmed"


@pytest.mark.parametrize("body", [{}, {"quote": None}, {"quote": "x" * 5000}, {"quote": 7}])
@pytest.mark.parametrize("page", ["cancellation", "move"])
def test_without_a_quote_nothing_is_done(post, book, page, body):
    booked = book()

    answer = post(f"bookings/{booked['id']}/{page}/", **body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_asking_for_what_cannot_be_is_refused_as_the_act_would_be(post, book, practice):
    booked = book()
    path = f"bookings/{booked['id']}/quote/"
    sunday_night = practice.on(practice.day(6), 3).isoformat()

    assert post(path, act="move").status_code == 422
    assert post(path, act="sell").status_code == 422
    assert post(path, act="move", starts_at="soon").status_code == 422
    assert post(path, act="move", starts_at=sunday_night).json()["code"] == "not_offered"
    assert post(path, act="move", starts_at=sunday_night, therapist="eve").status_code == 404


def test_other_peoples_sessions_are_not_there(client, post, book):
    booked = book()
    quote = quote_of(post, booked)["quote"]
    client.force_login(make_runner(), backend=BACKEND)

    assert post(f"bookings/{booked['id']}/quote/", act="cancel").status_code == 404
    for page in ("move", "cancellation"):
        assert post(f"bookings/{booked['id']}/{page}/", quote=quote).status_code == 404


def test_saying_yes_twice_does_it_once(post, book, practice):
    booked = book()
    to = practice.on(practice.day(6), 11).isoformat()
    move = quote_of(post, booked, "move", starts_at=to)["quote"]
    answers = [post(f"bookings/{booked['id']}/move/", quote=move).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["moves"] == 1

    cancel = quote_of(post, booked)["quote"]
    states = [
        post(f"bookings/{booked['id']}/cancellation/", quote=cancel).json()["state"]
        for _ in range(2)
    ]
    assert states == ["cancelled_ontime", "cancelled_ontime"]
    assert CreditEntry.objects.filter(kind="release").count() == 1
