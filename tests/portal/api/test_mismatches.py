"""What needs a person, by API: closed with a note, replayed, and nobody else's business."""

import pytest
from django.utils import timezone

from payments.mismatching import open_mismatch
from payments.models import Mismatch
from tests.portal.staff.conftest import bookkeeper, desk  # noqa: F401 - fixtures used here

pytestmark = pytest.mark.django_db


@pytest.fixture
def mismatch():
    return open_mismatch("M06", about="Order 1", at=timezone.now())


def resolve(client, mismatch, resolution):
    return client.post(
        f"/api/v1/staff/mismatches/{mismatch.pk}/resolution/",
        {"resolution": resolution},
        content_type="application/json",
    )


def test_a_mismatch_is_listed_and_closed_with_a_note(bookkeeper, mismatch):  # noqa: F811
    [listed] = bookkeeper.get("/api/v1/staff/mismatches/").json()
    answer = resolve(bookkeeper, mismatch, "Called her and booked another time.")

    assert listed["id"] == mismatch.pk
    assert (answer.status_code, answer.json()["status"]) == (200, "resolved")
    assert bookkeeper.get("/api/v1/staff/mismatches/").json() == []


def test_it_is_not_closed_without_a_word(bookkeeper, mismatch):  # noqa: F811
    answer = resolve(bookkeeper, mismatch, "  ")

    assert (answer.status_code, answer.json()["code"]) == (409, "resolution_error")
    assert Mismatch.objects.open().count() == 1


def test_to_the_front_desk_the_addresses_do_not_exist(desk, mismatch):  # noqa: F811
    assert desk.get("/api/v1/staff/mismatches/").status_code == 404
    assert resolve(desk, mismatch, "Done.").status_code == 404
    assert desk.post("/api/v1/staff/events/evt_1/replay/").status_code == 404


def test_an_event_nobody_has_heard_of_is_not_found(bookkeeper):  # noqa: F811
    assert bookkeeper.post("/api/v1/staff/events/evt_none/replay/").status_code == 404
