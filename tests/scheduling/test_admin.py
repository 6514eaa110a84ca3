"""Setting up the practice in the Wagtail admin."""

from datetime import time

import pytest
from django.contrib.auth.models import Group

from accounts.roles import BOOKKEEPERS, FRONT_DESK, THERAPISTS
from scheduling.models import BusyCalendar, Closure, HoursException, Therapist, WorkingHours
from tests.builders import make_staff
from tests.scheduling.builders import TUESDAY, book

PAGES = ["therapists", "locations", "rooms", "other_hours", "closures", "time_off", "calendars"]


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_form_opens(manager, page):
    assert manager.get(f"/admin/schedule_{page}/").status_code == 200
    assert manager.get(f"/admin/schedule_{page}/new/").status_code == 200


def sessions_of(therapist):
    given = list(therapist.variants_given.order_by("pk"))
    data = {
        "variants_given-TOTAL_FORMS": len(given),
        "variants_given-INITIAL_FORMS": len(given),
        "variants_given-MIN_NUM_FORMS": 0,
        "variants_given-MAX_NUM_FORMS": 1000,
    }
    for number, one in enumerate(given):
        data |= {
            f"variants_given-{number}-variant": one.variant_id,
            f"variants_given-{number}-duration_minutes": one.duration_minutes or "",
            f"variants_given-{number}-price_minor": ""
            if one.price_minor is None
            else one.price_minor,
            f"variants_given-{number}-id": one.pk,
            f"variants_given-{number}-DELETE": "",
        }
    return data


def form_of(therapist, *shifts):
    data = {
        "name": therapist.name,
        "code": therapist.code,
        "position": 0,
        "is_active": "on",
        "is_bookable_online": "on",
        "break_minutes": 15,
        **sessions_of(therapist),
        "working_hours-TOTAL_FORMS": len(shifts),
        "working_hours-INITIAL_FORMS": 0,
        "working_hours-MIN_NUM_FORMS": 0,
        "working_hours-MAX_NUM_FORMS": 1000,
    }
    for number, (location, weekday, starts, ends, *days) in enumerate(shifts):
        data |= {
            f"working_hours-{number}-location": location.pk,
            f"working_hours-{number}-weekday": weekday,
            f"working_hours-{number}-starts": starts,
            f"working_hours-{number}-ends": ends,
            f"working_hours-{number}-valid_from": days[0] if days else "2026-01-01",
            f"working_hours-{number}-valid_to": days[1] if days else "",
            f"working_hours-{number}-id": "",
            f"working_hours-{number}-ORDER": number + 1,
            f"working_hours-{number}-DELETE": "",
        }
    return data


def save(manager, practice, *shifts, **fields):
    WorkingHours.objects.all().delete()
    data = form_of(practice.imre, *shifts) | fields
    return manager.post(f"/admin/schedule_therapists/edit/{practice.imre.pk}/", data)


def test_split_shifts_are_saved_with_their_therapist(manager, practice):
    place = practice.location

    answer = save(manager, practice, (place, 1, "08:00", "12:00"), (place, 1, "14:00", "00:00"))

    assert answer.status_code == 302
    imre = Therapist.objects.get(code="imre")
    assert [(one.starts, one.ends) for one in imre.working_hours.all()] == [
        (time(8), time(12)),
        (time(14), time(0)),
    ]
    assert imre.variants.count() == 2


@pytest.mark.parametrize(
    ("shifts", "says"),
    [
        ([(1, "08:00", "12:00"), (1, "11:00", "14:00")], "Overlaps the shift Monday 08:00-12:00"),
        ([(1, "22:00", "02:00")], "Enter it as two shifts"),
        (
            [
                (1, "08:00", "12:00", "2026-01-01", "2026-06-30"),
                (1, "11:00", "14:00", "2026-06-30", ""),
            ],
            "Overlaps the shift Monday 08:00-12:00",
        ),
        ([(1, "08:00", "12:00", "2026-06-30", "2026-01-01")], "The last day is before the first"),
    ],
)
def test_shifts_that_cannot_be_are_refused_with_a_sentence(manager, practice, shifts, says):
    answer = save(manager, practice, *[(practice.location, *shift) for shift in shifts])

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not WorkingHours.objects.exists()


def test_other_hours_that_contradict_others_are_refused(manager, practice):
    HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        is_open=False,
    )

    answer = manager.post(
        "/admin/schedule_other_hours/new/",
        {
            "therapist": practice.imre.pk,
            "location": practice.location.pk,
            "starts_on": TUESDAY,
            "ends_on": TUESDAY,
            "is_open": "on",
            "starts": "10:00",
            "ends": "12:00",
        },
    )

    assert answer.status_code == 200
    assert "Contradicts other hours" in answer.content.decode()
    assert HoursException.objects.count() == 1


def test_two_seasons_may_have_the_same_hours(manager, practice):
    place = practice.location
    summer = (place, 1, "08:00", "12:00", "2026-04-01", "2026-09-30")
    winter = (place, 1, "08:00", "12:00", "2026-10-01", "")

    assert save(manager, practice, summer, winter).status_code == 302
    assert practice.imre.working_hours.count() == 2


def test_load_limits_and_a_length_and_price_of_ones_own_are_saved(manager, practice):
    given = practice.imre.variants_given.get(variant=practice.sports_60)
    number = list(practice.imre.variants_given.order_by("pk")).index(given)
    fields = {
        f"variants_given-{number}-duration_minutes": 75,
        f"variants_given-{number}-price_minor": 7000,
        "most_minutes_a_day": 300,
        "most_minutes_in_a_row": 120,
    }

    answer = save(manager, practice, (practice.location, 1, "08:00", "12:00"), **fields)

    assert answer.status_code == 302
    given.refresh_from_db()
    imre = Therapist.objects.get(code="imre")
    assert (given.duration_minutes, given.price_minor) == (75, 7000)
    assert (imre.most_minutes_a_day, imre.most_minutes_in_a_row) == (300, 120)


def test_a_therapist_without_a_room_is_saved_with_a_warning(manager, practice):
    for room in practice.rooms:
        room.variants.set([practice.sports_30])

    answer = save(manager, practice, (practice.location, 1, "08:00", "12:00"))
    page = manager.get(answer["Location"]).content.decode()

    assert "No room at Harbour fits Sports massage, 60 minutes" in page
    assert "fits Sports massage, 30 minutes" not in page


@pytest.mark.parametrize(("length", "status"), [(60, 302), (61, 200)])
def test_a_name_may_have_sixty_characters(manager, practice, length, status):
    shift = (practice.location, 1, "08:00", "12:00")
    assert save(manager, practice, shift, name="N" * length).status_code == status


@pytest.mark.parametrize(
    ("page", "fields", "says"),
    [
        ("closures", {"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, "before the first"),
        ("closures", {"starts_on": "24 Dec", "ends_on": "2026-12-01"}, "valid date"),
        ("time_off", {"starts_at": "2026-12-02 09:00", "ends_at": "2026-12-01 09:00"},
         "Ends before it starts"),
        ("other_hours", {"starts_on": "2026-12-01", "ends_on": "2026-12-01", "is_open": "on",
                         "starts": "22:00", "ends": "02:00"}, "Enter it as two"),
        ("other_hours", {"starts_on": "2026-12-01", "ends_on": "2026-12-01", "is_open": "on"},
         "Give the hours"),
        ("locations", {"name": "North", "code": "north", "address": "1 Way", "timezone": "Mars",
                       "notice_minutes": 0, "travel_minutes": 0, "position": 0},
         "Choose a time zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(manager, practice, page, fields, says):
    owner = {"therapist": practice.imre.pk, "location": practice.location.pk}
    answer = manager.post(f"/admin/schedule_{page}/new/", owner | fields)
    assert answer.status_code == 200
    assert says in answer.content.decode()


@pytest.mark.parametrize("page", ["locations", "rooms", "therapists"])
def test_what_has_sessions_is_not_deleted_but_switched_off(manager, practice, runner, page):
    booked = book(practice, runner)
    kept = {"locations": booked.location, "rooms": booked.room, "therapists": booked.therapist}
    address = f"/admin/schedule_{page}/delete/{kept[page].pk}/"

    for ask in (manager.get, manager.post):
        answer = ask(address)
        assert answer.status_code == 302
        assert "Untick" in manager.get(answer["Location"]).content.decode()
    kept[page].refresh_from_db()


@pytest.mark.parametrize("page", PAGES)
def test_a_list_costs_the_same_however_long_it_is(
    manager, practice, page, django_assert_max_num_queries
):
    for number in range(12):
        BusyCalendar.objects.create(
            therapist=practice.imre, label=f"{number}", url=f"https://a.example/{number}"
        )
        Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    manager.get(f"/admin/schedule_{page}/")
    with django_assert_max_num_queries(30):
        manager.get(f"/admin/schedule_{page}/")


@pytest.mark.parametrize("role", [FRONT_DESK, THERAPISTS, BOOKKEEPERS])
def test_others_than_managers_do_not_set_up(practice, client, role):
    user = make_staff()
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    for page in PAGES:
        assert client.get(f"/admin/schedule_{page}/").status_code in (302, 403)
