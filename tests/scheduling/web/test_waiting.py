"""Waiting for a time: one tap to join, signed in or by a code, and what the pages say of it."""

from datetime import time, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from scheduling.models import Closure, WaitlistEntry
from scheduling.waitlisting.joining import Want, join
from scheduling.web.slots import slot_value
from tests.builders import make_runner
from tests.scheduling.web.conftest import FROM_US, UNKNOWN, Visit

TELL_ME = "Tell me if a time opens up"


@pytest.fixture
def closed_day(practice):
    """A day in a week with no free time at all."""
    day = practice.day(7)
    Closure.objects.create(location=practice.location, starts_on=day, ends_on=day)
    return day


def tap(visit: Visit, headers=FROM_US, **fields):
    """The button on the day's page."""
    wish = {
        "variant": visit.practice.variant.code,
        "location": visit.practice.location.code,
        "therapist": "",
    }
    return visit.client.post("/waitlist/", wish | fields, **headers)


def test_a_day_without_a_free_time_offers_to_tell_her(visit: Visit, practice, closed_day):
    page = f"/book/{practice.variant.code}/"
    full = visit.client.get(f"{page}?day={closed_day}").content.decode()
    other = visit.client.get(f"{page}?day={practice.day(8)}").content.decode()

    assert TELL_ME in full
    assert f'name="day" value="{closed_day}"' in full
    assert TELL_ME not in other


def test_a_time_that_has_just_gone_offers_to_tell_her_of_that_start(
    her_visit: Visit, other_visit: Visit
):
    other_visit.held(therapist="imre")
    Visit(her_visit.practice).held(therapist="sana")
    answer = her_visit.hold(therapist="")
    assert answer.status_code == 409
    assert TELL_ME in answer.content.decode()
    assert answer.context["wish"]["start"] == slot_value(her_visit.starts())

    tap(her_visit, start=answer.context["wish"]["start"])

    entry = WaitlistEntry.objects.get()
    assert entry.first_on == entry.last_on == her_visit.practice.day(5)
    assert (entry.starts_from, entry.starts_before) == (time(10), time(10, 15))


def test_signed_in_it_is_one_tap(her_visit: Visit, runner, closed_day):
    answer = tap(her_visit, day=closed_day.isoformat(), therapist="imre")

    entry = WaitlistEntry.objects.get()
    assert answer.url == f"/waitlist/{entry.public_id}/"
    assert entry.runner == runner
    assert [one.code for one in entry.therapists.all()] == ["imre"]
    text = her_visit.client.get(answer.url).content.decode()
    assert "You are on the list" in text
    assert "at any time, with Imre" in text


def test_a_double_tap_is_one_wish(her_visit: Visit, closed_day):
    first, second = (tap(her_visit, day=closed_day.isoformat()) for _ in range(2))

    assert first.url == second.url
    assert WaitlistEntry.objects.count() == 1


def test_signed_out_one_field_and_a_code_keep_the_choice(visit: Visit, closed_day):
    answer = tap(visit, day=closed_day.isoformat())
    assert answer.url == "/waitlist/you/"
    assert not WaitlistEntry.objects.exists()
    answer = visit.client.post(answer.url, {"email": "robin@example.org"})
    assert answer.url == "/waitlist/code/"
    assert "robin@example.org" in visit.client.get(answer.url).content.decode()

    answer = visit.client.post(answer.url, {"code": visit.code()})

    entry = WaitlistEntry.objects.get()
    assert answer.url == f"/waitlist/{entry.public_id}/"
    assert entry.runner.email == "robin@example.org"
    assert entry.first_on == closed_day
    assert "On the list" in visit.client.get("/waitlist/").content.decode()


def test_a_wrong_address_and_a_wrong_code_are_told_and_nothing_is_lost(visit: Visit, closed_day):
    tap(visit, day=closed_day.isoformat())
    answer = visit.client.post("/waitlist/you/", {"email": "robin"})
    assert answer.status_code == 422
    assert "Enter an email address" in answer.content.decode()
    visit.client.post("/waitlist/you/", {"email": "robin@example.org"})
    assert visit.client.post("/waitlist/code/", {"code": "12"}).status_code == 422
    sent = len(mail.outbox)
    visit.client.post("/waitlist/you/", {"email": "robin@example.org"})
    assert len(mail.outbox) == sent  # the code on its way still works

    visit.client.post("/waitlist/code/", {"code": visit.code()})

    assert WaitlistEntry.objects.count() == 1


def test_without_a_wish_the_sign_in_pages_lead_to_the_list(visit: Visit):
    for page in ("you", "code"):
        assert visit.client.get(f"/waitlist/{page}/").url == "/waitlist/"


def test_who_signs_in_another_way_finds_her_wish_unfinished(visit: Visit, runner, closed_day):
    tap(visit, day=closed_day.isoformat())
    visit.client.force_login(runner)

    text = visit.client.get("/waitlist/").content.decode()

    assert "Put it on the list" in text
    assert f'value="{closed_day}"' in text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"variant": "no-such"}, 404),
        ({"location": "\x00"}, 404),
        ({"therapist": "nobody"}, 404),
        ({"day": "soon"}, 409),
        ({"day": "2020-01-01"}, 409),
        ({"start": "ten"}, 409),
    ],
    ids=str,
)
@pytest.mark.parametrize("who", ["visit", "her_visit"])
def test_what_cannot_be_waited_for_is_told(request, who, fields, status):
    visit = request.getfixturevalue(who)

    assert tap(visit, **fields).status_code == status
    assert not WaitlistEntry.objects.exists()


def test_another_site_puts_nothing_on_the_list(her_visit: Visit, closed_day):
    foreign = {"HTTP_SEC_FETCH_SITE": "cross-site"}

    assert tap(her_visit, foreign, day=closed_day.isoformat()).status_code == 403
    assert not WaitlistEntry.objects.exists()


# --- changing it -------------------------------------------------------------------------------


@pytest.fixture
def entry(her_visit: Visit, runner, closed_day):
    tap(her_visit, day=closed_day.isoformat())
    return WaitlistEntry.objects.get()


def save(visit: Visit, entry: WaitlistEntry, **fields):
    typed = {
        "variants": [visit.practice.variant.code],
        "first_on": entry.first_on.isoformat(),
        "last_on": entry.last_on.isoformat(),
        "weekdays": list("1234567"),
        "notice": "",
    }
    return visit.client.post(f"/waitlist/{entry.public_id}/", typed | fields)


def test_the_page_of_a_wish_changes_it(her_visit: Visit, entry, closed_day):
    answer = save(
        her_visit,
        entry,
        last_on=(closed_day + timedelta(days=13)).isoformat(),
        weekdays=["2", "4"],
        starts_from="17:00",
        starts_before="20:00",
        therapists=["imre", "sana"],
        notice="30",
    )

    assert answer.url == "/waitlist/"
    entry.refresh_from_db()
    assert (entry.weekdays, entry.notice_minutes) == ("24", 30)
    text = her_visit.client.get("/waitlist/").content.decode()
    assert "on Tuesdays and Thursdays, from 17:00 and before 20:00" in text
    assert "with Imre or Sana" in text


def test_a_wish_that_makes_no_sense_is_told_and_what_was_typed_stays(her_visit: Visit, entry):
    missing = save(her_visit, entry, weekdays=[])
    backwards = save(her_visit, entry, starts_from="20:00", starts_before="17:00")

    assert (missing.status_code, backwards.status_code) == (422, 409)
    assert "Choose at least one day of the week" in missing.content.decode()
    assert "The hours end before they begin" in backwards.content.decode()
    assert 'value="20:00"' in backwards.content.decode()


def test_taking_it_off_the_list_is_a_post(her_visit: Visit, entry):
    page = f"/waitlist/{entry.public_id}/"
    assert her_visit.client.get(f"{page}withdrawal/").url == page
    for _ in range(2):
        assert her_visit.client.post(f"{page}withdrawal/").url == "/waitlist/"

    entry.refresh_from_db()
    assert entry.state == WaitlistEntry.State.WITHDRAWN
    assert "Taken off the list" in her_visit.client.get("/waitlist/").content.decode()
    assert "Save" not in her_visit.client.get(page).content.decode()


def test_only_she_sees_it(her_visit: Visit, entry):
    stranger = Client()
    page = f"/waitlist/{entry.public_id}/"
    for address in ("/waitlist/", page):
        assert stranger.get(address).url.startswith("/accounts/login/")
    stranger.force_login(make_runner("eve@example.org"))
    assert stranger.get(page).status_code == 404
    assert stranger.post(f"{page}withdrawal/").status_code == 404
    assert her_visit.client.get(f"/waitlist/{UNKNOWN}/").status_code == 404


def test_many_wishes_cost_no_more_queries(
    her_visit: Visit, runner, practice, entry, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as queries:
        her_visit.client.get("/waitlist/")
    for days in range(8, 12):
        day = practice.day(days)
        want = Want((practice.variant,), practice.location, day, day, (practice.imre,))
        join(runner=runner, want=want, at=timezone.now())

    with django_assert_max_num_queries(len(queries) + 1):  # therapists are named by now
        her_visit.client.get("/waitlist/")
