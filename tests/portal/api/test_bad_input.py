"""What a client should not send gets an answer with a code, never a failure of ours."""

import pytest
from django.utils import timezone

from payments.models import Order
from scheduling.models import Booking
from tests.builders import make_lot, make_package, make_runner
from tests.payments.conftest import running_sandbox, shop, shop_today  # noqa: F401 - used here
from tests.practice import open_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def runner(client):
    runner = make_runner()
    client.force_login(runner, backend="django.contrib.auth.backends.ModelBackend")
    return runner


@pytest.fixture
def post(client):
    def send(path, **body):
        return client.post(f"/api/v1/{path}", body, content_type="application/json")

    return send


def wish(practice, **changed):
    wanted = {"variant": practice.variant.code, "location": "harbour"}
    starts_at = practice.on(practice.day(3), 10)
    return wanted | {"therapist": "imre", "starts_at": starts_at.isoformat()} | changed


FAR = {
    "9999-12-31T23:59:00Z": "horizon",
    "2200-01-01T00:00:00Z": "horizon",
    "0001-01-01T00:00:00Z": "notice",
    "0001-01-01T00:00:00+14:00": "notice",
}


@pytest.mark.parametrize(("starts_at", "reason"), FAR.items())
def test_a_time_at_the_ends_of_the_calendar_is_not_offered(
    post, runner, practice, starts_at, reason
):
    answer = post("holds/", **wish(practice, starts_at=starts_at))

    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["reason"]) == ("not_offered", reason)


@pytest.mark.parametrize("starts_at", FAR)
def test_a_session_stays_when_moved_to_the_ends_of_the_calendar(post, runner, practice, starts_at):
    make_lot(runner, variants=[practice.variant], at=timezone.now())
    held = post("holds/", **wish(practice)).json()
    booked = post("bookings/", hold=held["id"]).json()

    answer = post(f"bookings/{booked['id']}/quote/", act="move", starts_at=starts_at)

    assert (answer.status_code, answer.json()["code"]) == (409, "not_offered")


@pytest.mark.parametrize(
    ("start", "end"), [("9999-12-30", "9999-12-31"), ("0001-01-01", "0001-02-01")]
)
def test_free_times_of_any_days_can_be_asked_for(client, practice, start, end):
    answer = client.get(
        "/api/v1/availability/",
        {"variant": practice.variant.code, "location": "harbour", "start": start, "end": end},
    )

    assert answer.status_code == 200
    assert answer.json() == []


@pytest.mark.parametrize("on", ["9999-12-31", "0001-01-01", "yesterday"])
def test_a_day_that_is_none_of_ours_is_invalid(client, runner, practice, on):
    runner.is_superuser = True
    runner.save()

    answer = client.get("/api/v1/staff/day/", {"location": "harbour", "on": on})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


BACK = "https://portal.example/back/"


@pytest.fixture
def known_site(settings):
    settings.SITE_URL = "https://portal.example"


@pytest.mark.parametrize(
    "address", ["http://[", "https://portal.example.evil/", "//portal.example/", "", "no address"]
)
def test_stripe_is_not_told_to_send_anybody_elsewhere(post, runner, practice, known_site, address):
    answer = post("orders/", package="five-60", success_url=address, cancel_url=BACK)

    assert (answer.status_code, answer.json()["code"]) == (409, "foreign_address")
    assert not Order.objects.exists()


def test_an_address_longer_than_stripe_takes_is_invalid(post, runner, practice, known_site):
    long = BACK + "x" * 2000

    answer = post("orders/", package="five-60", success_url=long, cancel_url=BACK)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_held_time_is_not_sold_a_package_that_cannot_pay_for_it(
    post, runner, practice, known_site
):
    make_package("three-30", units=3, variants=[practice.others["30"]])
    held = post("holds/", **wish(practice)).json()

    answer = post(
        "orders/",
        package="three-30",
        success_url=BACK,
        cancel_url=BACK,
        reserved_for=held["id"],
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "package_not_offered")
    assert not Order.objects.exists()


def test_a_held_time_outlives_its_card_page(post, runner, practice, known_site, shop_today):  # noqa: F811
    held = post("holds/", **wish(practice)).json()

    answer = post(
        "orders/", package="five-60", success_url=BACK, cancel_url=BACK, reserved_for=held["id"]
    )

    assert answer.status_code == 201
    attempt = Order.objects.get().attempts.get()
    assert Booking.objects.get().hold_expires_at > attempt.expires_at


def test_stripe_down_while_asking_says_so_and_loses_nothing(
    client,
    post,
    runner,
    practice,
    known_site,
    shop_today,  # noqa: F811
):
    bought = post("orders/", package="five-60", success_url=BACK, cancel_url=BACK).json()
    shop_today.sandbox.fault(kind="500_before", path="/v1/checkout", count=1)

    answer = post(f"orders/{bought['id']}/verification/")

    assert (answer.status_code, answer.json()["code"]) == (503, "payments_unavailable")
    assert answer["Retry-After"]
    assert client.get(f"/api/v1/orders/{bought['id']}/").json()["status"] == "open"
