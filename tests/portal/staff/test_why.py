"""Why is 10:00 not free (U11): every rule by its code, in words, with a link to what is behind."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from portal.staff.rules import SHORT, WORDS
from scheduling.models import Closure, HoursException, Room, TimeOff
from scheduling.reasons import OVERRIDABLE, Reason
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TWO_DAYS_BEFORE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(practice):
    return make_runner_with_credits(practice=practice)


def ask(client, at=TUESDAY_10, **query):
    asked = {"session": "sports-60", "at": at.isoformat(), "therapist": "imre"} | query
    return client.get("/staff/why/", asked)


def answer(client, at=TUESDAY_10, **query):
    [found] = ask(client, at, **query).context["answers"]
    return found


def codes(found) -> list[str]:
    return [one.code for one in found.against]


def links(found) -> list[tuple[str, str]]:
    return [(link.label, link.url) for one in found.against for link in one.links]


def test_every_code_has_words_and_those_staff_set_aside_short_ones():
    assert set(WORDS) == {str(reason) for reason in Reason}
    assert set(SHORT) == {str(reason) for reason in OVERRIDABLE}


def test_a_free_time_is_offered_online(desk, practice):
    found = answer(desk)

    assert (codes(found), found.state) == ([], "free")


def test_another_session_is_named_and_linked(desk, practice, ana):
    booking = book(practice, ana, TUESDAY_10, therapist=practice.imre)

    found = answer(desk, TUESDAY_10 + timedelta(minutes=30))
    assert (codes(found), found.state) == (["overlap"], "not free")
    assert links(found) == [
        (
            "Ana Ortiz, 10:00 to 11:00, free again 10 min later",
            reverse("staff:booking", args=[booking.public_id]),
        )
    ]


def test_a_turnaround_can_be_set_aside(desk, practice, ana):
    book(practice, ana, TUESDAY_10, therapist=practice.imre)

    found = answer(desk, TUESDAY_11)
    assert (codes(found), found.state) == (["turnaround"], "only against a rule")


def test_a_hold_is_named(desk, practice):
    hold(practice, TUESDAY_10, therapist=practice.imre, at=TWO_DAYS_BEFORE)

    assert codes(answer(desk)) == ["hold"]


def test_the_last_room_says_who_is_in_it(desk, practice, ana):
    Room.objects.filter(name="Room 2").update(is_active=False)
    book(practice, ana, TUESDAY_10, therapist=practice.lena)

    found = answer(desk)
    assert codes(found) == ["room"]
    assert links(found)[0][0].startswith("Room 1: Ana Ortiz, 10:00 to 11:00")


def test_blocked_time_links_to_the_block(desk, practice):
    block = TimeOff.objects.create(
        kind="blocked",
        reason="Team talk",
        therapist=practice.imre,
        starts_at=TUESDAY_10,
        ends_at=TUESDAY_11,
    )

    found = answer(desk)
    address = reverse("staff:block", args=[block.pk])
    assert links(found) == [("Team talk, 10:00 to 11:00", f"{address}?location=harbour")]


def test_hours_and_closures_are_links_for_those_who_set_them_up(desk, manager, practice):
    exception = HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        is_open=False,
    )
    address = reverse("schedule_other_hours:edit", args=[exception.pk])

    assert links(answer(desk)) == [("Not in that day", "")]
    assert links(answer(manager)) == [("Not in that day", address)]
    Closure.objects.create(
        location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY, reason="Stocktaking"
    )
    assert ("Stocktaking", "") in links(answer(desk, therapist="lena"))


def test_too_soon_online_is_free_at_the_desk(desk, practice, clock):
    clock.move_to(TUESDAY_9 + timedelta(minutes=30))

    found = answer(desk)
    assert (codes(found), found.state) == (["notice"], "free at the desk")


def test_a_therapist_only_the_desk_books_is_said_to_be_that(desk, practice):
    practice.imre.is_bookable_online = False
    practice.imre.save()

    found = answer(desk)
    assert (codes(found), found.state) == (["eligibility"], "free at the desk")


def test_who_does_not_give_the_session_is_in_the_answer(desk, practice):
    practice.imre.variants.clear()

    assert codes(answer(desk)) == ["eligibility"]


def test_what_is_against_everyone_is_said_once(desk, practice, clock):
    response = ask(desk, TUESDAY_10 + timedelta(days=300), therapist="")

    assert [one.code for one in response.context["common"]] == ["horizon"]
    assert [codes(one) for one in response.context["answers"]] == [[], []]


def test_it_offers_to_book_where_a_rule_may_be_set_aside(desk, practice, ana):
    def offers(**query):
        return "Book somebody in at" in ask(desk, **query).content.decode()

    book(practice, ana, TUESDAY_10, therapist=practice.imre)
    assert offers(at=TUESDAY_11)
    assert not offers(at=TUESDAY_10)


def test_the_form_alone_asks_and_is_filled_in(desk, practice):
    response = desk.get("/staff/why/", {"therapist": "lena", "day": "2026-12-01"})

    assert response.context["answers"] is None
    page = response.content.decode()
    assert '<option value="lena" selected>' in page
    assert 'value="2026-12-01"' in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"clock": "25:99"}, "Enter a time, like 14:15."),
        ({"clock": ""}, "Enter a time, like 14:15."),
        ({"day": "9999-12-31"}, "That day is too far away."),
        ({"day": "tomorrow"}, "Choose a day."),
        ({"session": "nothing-60"}, "Choose a session."),
        ({"therapist": "nobody"}, "Choose a therapist."),
    ],
)
def test_what_cannot_be_asked_is_said_at_the_field(desk, practice, asked, words):
    query = {"session": "sports-60", "day": "2026-12-01", "clock": "10:00", "therapist": ""}
    response = desk.get("/staff/why/", query | asked)

    assert response.status_code == 422
    assert words in response.content.decode()


@pytest.mark.parametrize("odd", ["nonsense", "0001-01-01T00:00", "9999-12-31T23:59", "10:00"])
def test_an_odd_moment_is_the_empty_form(desk, practice, odd):
    assert desk.get("/staff/why/", {"at": odd}).context["answers"] is None


def test_the_answer_costs_as_many_queries_whatever_is_in_the_way(
    desk, practice, django_assert_max_num_queries
):
    with django_assert_max_num_queries(45) as quiet:
        ask(desk, therapist="")
    for therapist in practice.therapists:
        person = make_runner_with_credits(practice=practice)
        book(practice, person, TUESDAY_10, therapist=therapist)
        TimeOff.objects.create(
            therapist=therapist, starts_at=TUESDAY_10, ends_at=TUESDAY_10 + ONE_HOUR
        )
    with django_assert_max_num_queries(len(quiet)):
        ask(desk, therapist="")
