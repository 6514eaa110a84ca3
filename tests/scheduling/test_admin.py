"""Setting up the practice in the Wagtail admin."""

from datetime import time

import pytest
from django.contrib.auth.models import Group

from accounts.roles import MANAGERS
from scheduling.models import HoursException, Therapist, WorkingHours
from tests.builders import make_staff
from tests.scheduling.builders import TUESDAY

PAGES = ["therapists", "locations", "rooms", "other_hours", "closures", "time_off"]


@pytest.fixture
def manager(practice, client):
    user = make_staff()
    user.groups.add(Group.objects.get(name=MANAGERS))
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_form_opens(manager, page):
    assert manager.get(f"/admin/schedule_{page}/").status_code == 200
    assert manager.get(f"/admin/schedule_{page}/new/").status_code == 200


def form_of(therapist, *shifts):
    data = {
        "name": therapist.name,
        "code": therapist.code,
        "position": 0,
        "is_active": "on",
        "is_bookable_online": "on",
        "variants": list(therapist.variants.values_list("pk", flat=True)),
        "working_hours-TOTAL_FORMS": len(shifts),
        "working_hours-INITIAL_FORMS": 0,
        "working_hours-MIN_NUM_FORMS": 0,
        "working_hours-MAX_NUM_FORMS": 1000,
    }
    for number, (location, weekday, starts, ends) in enumerate(shifts):
        data |= {
            f"working_hours-{number}-location": location.pk,
            f"working_hours-{number}-weekday": weekday,
            f"working_hours-{number}-starts": starts,
            f"working_hours-{number}-ends": ends,
            f"working_hours-{number}-valid_from": "2026-01-01",
            f"working_hours-{number}-valid_to": "",
            f"working_hours-{number}-id": "",
            f"working_hours-{number}-ORDER": number + 1,
            f"working_hours-{number}-DELETE": "",
        }
    return data


def save(manager, practice, *shifts):
    WorkingHours.objects.all().delete()
    data = form_of(practice.imre, *shifts)
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
