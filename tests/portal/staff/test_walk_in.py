"""A walk-in: a gap, a search, her name, Book. What a rule refuses can be booked with a reason."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Message, RunnerProfile, User
from payments.models import CreditEntry
from scheduling.models import Booking
from tests.builders import make_order, make_policy, make_runner
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    make_credits,
    make_runner_with_credits,
)

WALK_IN = "/staff/walk-in/"
EVENING = {"day": "2026-12-01", "clock": "18:00"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_10 + timedelta(minutes=5), tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(practice):
    return make_runner_with_credits(practice=practice)


def found(client, query: str) -> list[str]:
    people = client.get(WALK_IN, {"q": query}).context["people"]
    return [person["name"] for person in people]


def typed(runner, **other):
    return {
        "location": "harbour",
        "runner": str(runner.public_id),
        "session": "sports-60",
        "day": "2026-12-01",
        "clock": "11:00",
        "therapist": "imre",
        "tell": "yes",
    } | other


def test_four_taps_and_one_field(desk, practice, ana):
    gap = desk.get("/staff/day/?day=2026-12-01").context["board"]["columns"][0]["gaps"][0]
    first = desk.get(gap["url"])
    at = {"location": "harbour", "at": "2026-12-01T10:00Z", "therapist": "imre"}
    assert first.context["known"] == at
    second = desk.get(WALK_IN, {**at, "q": "ortiz"})
    [person] = second.context["people"]
    third = desk.get(person["url"])
    form = third.context["form"]
    # Everything is filled in: Book is the fourth tap.
    assert third.context["judged"].is_free
    filled = {name: form[name].value() for name in ("session", "day", "clock", "therapist")}
    response = desk.post(WALK_IN, typed(ana) | {name: str(one) for name, one in filled.items()})

    booking = Booking.objects.get()
    assert (booking.runner, booking.therapist, booking.starts_at) == (
        ana,
        practice.imre,
        TUESDAY_10,
    )
    assert booking.state == Booking.State.CONFIRMED
    assert "Ana Ortiz is booked" in desk.get(response.url).content.decode()


def test_she_is_found_by_name_address_mobile_and_order_number(desk, practice):
    ana = make_runner("ana@example.org", name="Ana Ortiz")
    RunnerProfile.objects.filter(user=ana).update(mobile="+44 7700 900-123")
    order = make_order(ana)

    for query in ("ortiz", "ana@", "07700 900123", "900123", "+447700900123", order.number):
        assert found(desk, query) == ["Ana Ortiz"], query
    assert found(desk, "07700 900999") == []


def test_the_first_therapist_who_is_free_now_is_proposed(desk, practice, ana):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_10, therapist=practice.imre)

    page = desk.get(WALK_IN, {"runner": ana.public_id})
    assert page.context["form"].initial["therapist"] == "lena"
    assert str(page.context["form"].initial["clock"]) == "10:00:00"


def test_the_session_proposed_is_her_last_else_one_she_has_a_credit_for(desk, practice, ana, clock):
    assert (
        desk.get(WALK_IN, {"runner": ana.public_id}).context["form"].initial["session"]
        == "sports-60"
    )
    new = make_runner()
    assert (
        desk.get(WALK_IN, {"runner": new.public_id}).context["form"].initial["session"]
        == "sports-30"
    )
    desk.post(WALK_IN, typed(new, session="sports-60"))
    assert (
        desk.get(WALK_IN, {"runner": new.public_id}).context["form"].initial["session"]
        == "sports-60"
    )


def test_a_credit_is_set_aside_and_without_one_it_is_due_to_pay(desk, practice, ana):
    desk.post(WALK_IN, typed(ana))
    assert CreditEntry.objects.filter(kind="reserve").count() == 1

    make_policy()
    poor = make_runner()
    desk.post(WALK_IN, typed(poor, therapist="lena"))
    page = desk.get("/staff/day/?day=2026-12-01").content.decode()
    assert "due to pay" in page
    assert CreditEntry.objects.filter(kind="reserve").count() == 1


def test_a_credit_bought_later_is_set_aside_by_one_press(desk, practice):
    make_policy()
    runner = make_runner()
    desk.post(WALK_IN, typed(runner))
    booking = Booking.objects.get()
    page = reverse("staff:booking", args=[booking.public_id])
    assert "Pay with a credit" in desk.get(page).content.decode()
    pay = reverse("staff:pay_with_credit", args=[booking.public_id])
    refused = desk.post(pay, follow=True)
    assert CreditEntry.objects.count() == 0
    assert 'role="alert"' in refused.content.decode()

    make_credits(runner, practice=practice)
    desk.post(pay)
    assert CreditEntry.objects.filter(booking_id=booking.public_id, kind="reserve").count() == 1
    assert "Pay with a credit" not in desk.get(page).content.decode()


def test_a_rule_against_it_is_named_and_booked_anyway_with_a_reason(desk, practice, ana):
    refused = desk.post(WALK_IN, typed(ana, **EVENING, tell="no"))
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Outside their hours (E2)." in page
    assert 'value="18:00"' in page
    assert '<input type="radio" name="tell" value="no" checked>' in page
    assert not Booking.objects.exists()

    override = refused.context["judged"].codes
    again = desk.post(WALK_IN, typed(ana, **EVENING, override=override, reason=" "))
    assert again.status_code == 422
    desk.post(WALK_IN, typed(ana, **EVENING, override=override, reason="Race tomorrow"))
    booking = Booking.objects.get()
    assert booking.overrides == ["outside_hours"]
    page = desk.get(reverse("staff:booking", args=[booking.public_id])).content.decode()
    assert "Race tomorrow" in page


def test_a_taken_time_offers_others_and_no_way_round(desk, practice, ana):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_11, therapist=practice.imre)

    refused = desk.post(WALK_IN, typed(ana))
    assert refused.status_code == 409
    assert not refused.context["judged"].can_be_overridden
    [first, *_] = refused.context["others"]
    assert (first["starts_at"], first["therapist_name"]) == (TUESDAY_11, "Lena Schmidt")
    forced = desk.post(WALK_IN, typed(ana, override="overlap,room", reason="Please"))
    assert forced.status_code == 409
    assert Booking.objects.filter(runner=ana).count() == 0


def test_somebody_new_is_added_with_a_name_and_an_address(desk, practice):
    make_policy()
    at = {"location": "harbour", "at": "2026-12-01T11:00Z", "therapist": "imre"}
    response = desk.post(WALK_IN, {**at, "name": "Noor Hale", "email": "Noor@Example.org"})

    noor = User.objects.get(email="noor@example.org")
    assert noor.name == "Noor Hale"
    query = {key: one[0] for key, one in parse_qs(urlsplit(response.url).query).items()}
    assert query == {**at, "runner": str(noor.public_id)}
    desk.post(WALK_IN, typed(noor))
    assert Booking.objects.get().runner == noor


def test_an_address_we_know_is_that_person_and_keeps_her_name(desk, practice, ana):
    response = desk.post(WALK_IN, {"name": "A. O.", "email": ana.email.upper()})

    assert str(ana.public_id) in response.url
    ana.refresh_from_db()
    assert ana.name == "Ana Ortiz"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "noor@"}, "Enter an email address, like name@example.com"),
        ({"email": ""}, "Enter an email address, like name@example.com"),
        ({"name": " "}, "Enter the name."),
    ],
)
def test_what_is_missing_of_somebody_new_is_said_and_kept(desk, practice, wrong, words):
    response = desk.post(WALK_IN, {"name": "Noor Hale", "email": "noor@example.org"} | wrong)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert User.objects.filter(name="Noor Hale").count() == 0


def test_what_was_searched_in_vain_is_in_the_right_field(desk, practice):
    by_name = desk.get(WALK_IN, {"q": "Noor Hale"}).context
    by_mail = desk.get(WALK_IN, {"q": "noor@example.org"}).context

    assert (by_name["form"].initial, by_name["adds"]) == ({"name": "Noor Hale"}, True)
    assert by_mail["form"].initial == {"email": "noor@example.org"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"session": "nothing"}, "Choose a session."),
        ({"session": ""}, "Choose a session."),
        ({"clock": "noon"}, "Enter a time, like 14:15."),
        ({"day": "2999-01-01"}, "That day is too far away."),
        ({"therapist": "nobody"}, "Choose a therapist."),
    ],
)
def test_what_is_not_said_of_the_session_is_asked_at_the_field(desk, practice, ana, wrong, words):
    response = desk.post(WALK_IN, typed(ana, **wrong))

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Booking.objects.exists()


@pytest.mark.parametrize("odd", ["nonsense", "00000000-0000-4000-8000-000000000000", ""])
def test_an_odd_runner_is_searched_for(desk, practice, odd):
    assert desk.get(WALK_IN, {"runner": odd}).context["people"] == []


def test_it_is_undone_with_a_press_and_the_credit_comes_back(desk, practice, ana):
    offer = desk.get(desk.post(WALK_IN, typed(ana)).url).context["offer"]

    desk.post(offer.undo_url, offer.hidden)
    booking = Booking.objects.get()
    assert booking.state == Booking.State.CANCELLED_CLINIC
    assert CreditEntry.objects.filter(booking_id=booking.public_id, kind="release").count() == 1


def test_she_is_told_or_not(desk, practice, ana):
    desk.post(WALK_IN, typed(ana, tell="no"))
    assert Message.objects.filter(kind="booking_confirmed").count() == 0

    desk.post(WALK_IN, typed(ana, clock="13:00"))
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_a_practice_with_nothing_on_offer_says_so(desk, practice, ana):
    practice.sports_60.service.is_active = False
    practice.sports_60.service.save()

    assert "Nothing is on offer" in desk.get(WALK_IN, {"runner": ana.public_id}).content.decode()


def test_the_pages_cost_as_many_queries_however_many_people_and_sessions(
    desk, practice, ana, django_assert_max_num_queries
):
    def visit(limit_who, limit_what):
        with django_assert_max_num_queries(limit_who) as who:
            desk.get(WALK_IN, {"q": "example.org"})
        with django_assert_max_num_queries(limit_what) as what:
            desk.get(WALK_IN, {"runner": ana.public_id})
        return len(who), len(what)

    limits = visit(16, 45)
    for number in range(5):
        person = make_runner_with_credits(practice=practice)
        book(practice, person, TUESDAY_9 + (2 + number) * ONE_HOUR)
    visit(*limits)
