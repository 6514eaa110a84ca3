"""Sessions end: of staff when left alone, of anybody when old. Refreshing by itself is no use."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session

from accounts.models import User
from accounts.roles import FRONT_DESK

pytestmark = pytest.mark.django_db
AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = "/staff/"


@pytest.fixture
def clock(settings):
    settings.STAFF_IDLE_MINUTES, settings.STAFF_SESSION_HOURS = 30, 12
    settings.SESSION_COOKIE_AGE = 30 * 24 * 3600
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def desk(clock, client):
    dana = User.objects.create_user("dana@example.com")
    dana.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(dana)
    return client


def test_a_session_of_staff_ends_when_it_is_left_alone(desk, clock):
    for _ in range(3):
        clock.shift(timedelta(minutes=25))
        assert desk.get(DAY).status_code == 200, "used again and again"
    clock.shift(timedelta(minutes=31))
    response = desk.get(DAY)
    assert response.url.startswith("/accounts/login/?next=")
    assert not Session.objects.filter(session_key=desk.cookies["session"].value).exists()


def test_a_screen_that_refreshes_itself_does_not_keep_anybody_signed_in(desk, clock):
    for _ in range(6):
        clock.shift(timedelta(minutes=6))
        desk.get(DAY, headers={"HX-Request": "true"})
    assert desk.get(DAY).status_code == 302


def test_a_session_of_staff_ends_after_half_a_day_however_busy(desk, clock):
    for _ in range(12 * 3 - 1):
        clock.shift(timedelta(minutes=20))
        assert desk.get("/account/").status_code == 200
    clock.shift(timedelta(minutes=20))
    assert desk.get("/account/").status_code == 302


def test_a_runner_stays_for_a_month_and_no_longer(client, clock, mara):
    client.force_login(mara)
    for _ in range(29):
        clock.shift(timedelta(days=1))
        assert client.get("/account/").status_code == 200
    clock.shift(timedelta(days=1))
    assert client.get("/account/").status_code == 302


def test_an_apps_token_ends_like_a_session(desk, clock):
    token = desk.cookies["session"].value
    desk.cookies.clear()
    path, headers = "/api/v1/staff/bookings/", {"X-Session-Token": token}
    clock.shift(timedelta(minutes=29))
    assert desk.get(path, headers=headers).status_code == 200
    clock.shift(timedelta(minutes=29))
    assert desk.get(path, headers=headers).status_code == 200, "its use was noted"
    clock.shift(timedelta(minutes=31))
    assert desk.get(path, headers=headers).status_code == 401


def test_whoever_gets_a_role_is_held_to_the_limits_of_staff(client, clock, mara):
    client.force_login(mara)
    mara.groups.add(Group.objects.get(name=FRONT_DESK))
    client.force_login(mara)
    client.get(DAY)
    clock.shift(timedelta(minutes=31))
    assert client.get(DAY).status_code == 302
