"""The waitlist as the desk sees it."""

from datetime import timedelta

import time_machine

from accounts.models import User
from scheduling.models import Location
from scheduling.waitlisting.offering import serve_waitlist
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY
from tests.scheduling.waitlist import MINUTE, someone, wait

PAGE = "/staff/waitlist/?location=harbour"


def rows(answer):
    return [[cell.text for cell in row] for row in answer.context["table"].rows]


def test_it_lists_who_waits_in_the_order_they_are_asked(desk, practice):
    wait(practice, someone(practice, "ana"))
    wait(practice, someone(practice, "bea"), at=A_WEEK_BEFORE + MINUTE, priority=1)

    answer = desk.get(PAGE)

    assert [row[0] for row in rows(answer)] == ["Bea", "Ana"]
    assert rows(answer)[1][1:5] == [
        f"{practice.sports_60.name}, with anyone",
        "Tue 1 Dec",
        "at any time",
        "Waiting",
    ]


def test_a_day_shows_who_could_take_it(desk, practice):
    wait(practice, someone(practice, "ana"), weekdays="2", last_on=TUESDAY + timedelta(days=7))

    assert len(rows(desk.get(f"{PAGE}&day={TUESDAY}"))) == 1
    assert rows(desk.get(f"{PAGE}&day={TUESDAY + timedelta(days=1)}")) == []
    assert rows(desk.get(f"{PAGE}&day={TUESDAY + timedelta(days=14)}")) == []


def test_another_place_has_its_own_list(desk, practice):
    Location.objects.create(code="mill", name="Mill", address="1 Mill Lane")
    wait(practice, someone(practice, "ana"))

    assert rows(desk.get("/staff/waitlist/?location=mill")) == []


def test_an_offered_time_says_until_when(desk, practice):
    entry = wait(practice, someone(practice, "ana"))
    serve_waitlist(at=A_WEEK_BEFORE)
    until = entry.offers.get().expires_at

    with time_machine.travel(A_WEEK_BEFORE + MINUTE):
        desk.force_login(User.objects.get(name="Dee Desk"))
        assert rows(desk.get(PAGE))[0][4] == f"Held until {until:%a} 24 Nov {until:%H:%M}"


def test_the_day_board_leads_here(desk, practice):
    assert "/staff/waitlist/?location=harbour" in desk.get("/staff/day/").content.decode()


def test_a_long_list_costs_no_more_queries(desk, practice, django_assert_max_num_queries):
    wait(practice, someone(practice, "ana"), therapists=(practice.imre,))
    with django_assert_max_num_queries(20) as queries:
        desk.get(PAGE)
    for number in range(8):
        runner = someone(practice, f"more-{number}")
        wait(practice, runner, therapists=(practice.lena,), at=A_WEEK_BEFORE + number * MINUTE)

    with django_assert_max_num_queries(len(queries)):
        assert len(rows(desk.get(PAGE))) == 9
