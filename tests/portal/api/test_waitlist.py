"""Waiting for a time by API: the acts of the pages, as another front end calls them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.models import Booking, WaitlistEntry
from scheduling.waitlisting.offering import serve_waitlist
from tests.builders import make_lot, make_runner
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
def api(client):
    def call(method, path="", **body):
        send = getattr(client, method)
        return send(f"/api/v1/waitlist/{path}", body, content_type="application/json")

    return call


def wish(practice, **changed):
    day = practice.day(6).isoformat()
    wanted = {"variants": [practice.variant.code], "location": "harbour"}
    return wanted | {"first_day": day, "last_day": day} | changed


def offered(api, practice, **changed):
    made = api("post", **wish(practice, **changed))
    assert serve_waitlist(at=timezone.now()) == 1
    return made.json()["id"]


def credit(runner, practice):
    make_lot(runner, units=1, variants=[practice.variant], at=timezone.now())


def test_joining_twice_is_one_entry_on_her_list(api, runner, practice):
    first = api("post", **wish(practice, therapists=["imre"], weekdays=[1, 2, 3, 4, 5, 6, 7]))
    second = api("post", **wish(practice, therapists=["imre"]))

    assert (first.status_code, second.status_code) == (201, 201)
    [entry] = api("get").json()
    assert entry["id"] == first.json()["id"] == second.json()["id"]
    assert (entry["state"], entry["therapists"], entry["offer"]) == ("waiting", ["imre"], None)


def test_a_changed_wish_keeps_its_place(api, runner, practice):
    made = api("post", **wish(practice)).json()

    changed = api("put", f"{made['id']}/", **wish(practice, starts_from="17:00")).json()
    assert changed["starts_from"] == "17:00:00"
    assert changed["created_at"] == made["created_at"]


def test_accepting_books_with_the_credit(api, runner, practice):
    credit(runner, practice)
    entry = offered(api, practice)
    [listed] = api("get").json()
    assert listed["offer"]["has_credit"]
    assert listed["offer"]["booking"]["state"] == "held"

    answers = [api("post", f"{entry}/acceptance/").json() for _ in range(2)]

    assert [one["state"] for one in answers] == ["confirmed", "confirmed"]
    assert answers[0]["id"] == listed["offer"]["booking"]["id"]
    assert api("get").json()[0]["state"] == "accepted"


def test_accepting_without_a_credit_leaves_the_hold_to_pay(api, runner, practice):
    entry = offered(api, practice)

    answer = api("post", f"{entry}/acceptance/").json()

    assert answer["state"] == "held"
    assert answer["held_until"]


@pytest.mark.parametrize(("keep", "state"), [(True, "waiting"), (False, "declined")])
def test_declining(api, runner, practice, keep, state):
    credit(runner, practice)
    entry = offered(api, practice)

    answer = api("post", f"{entry}/decline/", keep=keep)

    assert (answer.status_code, answer.json()["state"], answer.json()["offer"]) == (
        200,
        state,
        None,
    )
    assert Booking.objects.get().state == Booking.State.EXPIRED


def test_leaving_lets_go_of_what_is_held(api, runner, practice):
    entry = offered(api, practice)

    assert [api("delete", f"{entry}/").status_code for _ in range(2)] == [204, 204]

    assert WaitlistEntry.objects.get().state == "withdrawn"
    assert Booking.objects.get().state == Booking.State.EXPIRED


def test_too_late_is_a_problem_with_a_code(api, runner, practice):
    entry = offered(api, practice, starts_before="09:15")
    serve_waitlist(at=timezone.now() + timedelta(minutes=31))

    answer = api("post", f"{entry}/acceptance/")

    assert (answer.status_code, answer.json()["code"]) == (409, "offer_over")


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"variants": ["no-such"]}, 404, "not_found"),
        ({"therapists": ["nobody"]}, 404, "not_found"),
        ({"variants": []}, 422, None),
        ({"weekdays": [8]}, 422, None),
        ({"first_day": "0001-01-01"}, 422, None),
        ({"last_day": "2030-01-01"}, 409, "waitlist_refused"),
        ({"first_day": "2020-01-01", "last_day": "2020-01-02"}, 409, "waitlist_refused"),
        ({"starts_from": "18:00", "starts_before": "09:00"}, 409, "waitlist_refused"),
    ],
    ids=str,
)
def test_what_cannot_be_waited_for_has_a_code(api, runner, practice, changed, status, code):
    answer = api("post", **wish(practice, **changed))

    assert answer.status_code == status
    assert code in (None, answer.json()["code"])
    assert not WaitlistEntry.objects.exists()


def test_somebody_elses_entry_does_not_exist(api, client, runner, practice):
    entry = offered(api, practice)
    client.force_login(make_runner("eve@example.org"), "django.contrib.auth.backends.ModelBackend")

    assert api("get").json() == []
    for method, path in (("delete", ""), ("post", "acceptance/"), ("post", "decline/")):
        assert api(method, f"{entry}/{path}").status_code == 404
    assert WaitlistEntry.objects.get().state == "offered"


def test_an_entry_without_an_offer_has_nothing_to_answer(api, runner, practice):
    entry = api("post", **wish(practice)).json()["id"]

    assert api("post", f"{entry}/acceptance/").status_code == 404


def test_signed_out_there_is_no_list(api, practice):
    assert api("get").status_code == 401


def test_a_long_list_costs_no_more_queries(api, runner, practice, django_assert_max_num_queries):
    api("post", **wish(practice, therapists=["imre"]))
    with django_assert_max_num_queries(30) as queries:
        api("get")
    before = len(queries)
    for number in range(3):
        day = practice.day(10 + number).isoformat()
        api("post", **wish(practice, first_day=day, last_day=day, therapists=["sana"]))

    with django_assert_max_num_queries(before):
        assert len(api("get").json()) == 4
