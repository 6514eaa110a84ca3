"""Sessions outside the rules and imported calendars on the staff pages (E3, E22, S11)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import THERAPISTS
from scheduling.models import BusyCalendar, TimeOff
from scheduling.outside import outside_rules
from tests.portal.staff.conftest import in_group, signed_in
from tests.scheduling.builders import book, make_runner_with_credits
from tests.scheduling.importing.conftest import calendar_file, event, server  # noqa: F401

BUSY = calendar_file(event("SUMMARY:Dentist", "DTSTART:20261201T090000Z", "DURATION:PT1H"))


@pytest.fixture
def imre(practice):
    """Imre, signed in."""
    practice.imre.user = in_group(THERAPISTS, name="Imre Kovacs")
    practice.imre.save()
    return signed_in(practice.imre.user)


@pytest.fixture
def booked(practice):
    now = timezone.now()
    day = now + timedelta(days=7 if (now + timedelta(days=7)).isoweekday() < 6 else 9)
    ten = day.astimezone(practice.location.zone).replace(hour=10, minute=0, second=0, microsecond=0)
    runner = make_runner_with_credits(practice=practice, at=now)
    return book(practice, runner, ten, at=now, therapist=practice.imre)


def _away(practice, booked):
    TimeOff.objects.create(
        therapist=practice.imre, starts_at=booked.starts_at, ends_at=booked.ends_at
    )


def test_the_first_page_counts_them_and_the_list_leads_to_each(desk, practice, booked):
    assert "outside the rules" not in desk.get("/staff/").content.decode()
    assert "Every session fits" in desk.get("/staff/outside/").content.decode()
    _away(practice, booked)

    assert "1 session outside the rules" in desk.get("/staff/").content.decode()
    page = desk.get("/staff/outside/").content.decode()
    assert f"/staff/bookings/{booked.public_id}/" in page
    assert "The therapist is away then." in page
    assert booked.runner.name in page


def _queries(client, address):
    client.get(address)  # the first visit writes its session
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)


@pytest.mark.parametrize("address", ["/staff/outside/", "/staff/"])
def test_the_list_costs_the_same_for_many(desk, practice, booked, address):
    _away(practice, booked)
    one = _queries(desk, address)
    for hours in (2, 4):
        start = booked.starts_at + timedelta(hours=hours)
        runner = make_runner_with_credits(practice=practice, at=timezone.now())
        TimeOff.objects.update(
            starts_at=start + timedelta(days=30), ends_at=start + timedelta(days=31)
        )
        book(practice, runner, start, at=timezone.now(), therapist=practice.imre)
    TimeOff.objects.update(starts_at=booked.starts_at, ends_at=booked.ends_at + timedelta(hours=5))
    assert len(outside_rules(at=timezone.now())) == 3
    assert _queries(desk, address) == one


def add(client, server, path="/busy.ics", **fields):  # noqa: F811
    url = server.url(path)
    return client.post("/staff/calendars/", {"label": "Private", "url": url} | fields)


def test_a_therapist_pastes_an_address_and_sees_at_once_that_it_is_read(
    imre, practice, server  # noqa: F811
):  # fmt: skip
    server.says(BUSY, path="/secret-0123456789.ics")

    answer = add(imre, server, "/secret-0123456789.ics")
    page = imre.get(answer["Location"]).content.decode()

    assert "Last read just now." in page
    assert "secret-0123456789" not in page
    calendar = BusyCalendar.objects.get()
    assert calendar.therapist == practice.imre
    assert calendar.times.count() == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://169.254.169.254/latest", "open internet"),
        ("ftp://x.example/a", "https"),
        ("not an address", "whole address"),
        ("https://10.0.0.1/cal.ics", "open internet"),
        ("", "required"),
    ],
)
def test_an_address_we_do_not_ask_is_refused_where_it_was_typed(imre, server, url, says):  # noqa: F811
    answer = add(imre, server, url=url)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "Error: Imported calendars" in page
    assert not BusyCalendar.objects.exists()


def test_a_calendar_that_cannot_be_read_is_kept_flagged_and_read_on_demand(
    imre, desk, server  # noqa: F811
):  # fmt: skip
    server.says(status=404)
    add(imre, server)
    assert "Could not be read. It was not found." in imre.get("/staff/calendars/").content.decode()
    assert "imported calendar <bdi>Private" in desk.get("/staff/").content.decode()

    server.says(BUSY)
    calendar = BusyCalendar.objects.get()
    imre.post(f"/staff/calendars/{calendar.pk}/reading/")
    assert "Last read just now." in imre.get("/staff/calendars/").content.decode()
    assert "imported calendar <bdi>Private" not in desk.get("/staff/").content.decode()


def test_everybody_has_only_their_own_and_a_manager_has_all(
    imre, desk, manager, practice, server  # noqa: F811
):  # fmt: skip
    server.says(BUSY)
    add(imre, server)
    mine = BusyCalendar.objects.get()
    lenas = BusyCalendar.objects.create(
        therapist=practice.lena, label="Lenas own", url=server.url("/lena.ics")
    )

    page = imre.get("/staff/calendars/").content.decode()
    assert ("Lenas own" in page, "Private" in page) == (False, True)
    assert imre.post(f"/staff/calendars/{lenas.pk}/reading/").status_code == 404
    imre.post(f"/staff/calendars/{lenas.pk}/removal/")
    desk.post(f"/staff/calendars/{mine.pk}/removal/")
    assert BusyCalendar.objects.count() == 2
    assert "Private" not in desk.get("/staff/calendars/").content.decode()
    assert add(desk, server, "/x").status_code == 200
    assert BusyCalendar.objects.count() == 2
    assert "Lenas own" in manager.get("/staff/calendars/").content.decode()

    imre.post(f"/staff/calendars/{mine.pk}/removal/")
    assert not BusyCalendar.objects.filter(pk=mine.pk).exists()
    assert mine.times.count() == 0


def test_the_calendars_page_costs_the_same_for_many(manager, practice):
    def add_more(first, last):
        for number in range(first, last):
            BusyCalendar.objects.create(
                therapist=practice.imre, label=f"{number}", url=f"https://a.example/{number}"
            )
        return _queries(manager, "/staff/calendars/")

    assert add_more(0, 1) == add_more(1, 10)
