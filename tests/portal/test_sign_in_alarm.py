"""Many failed sign-ins ring an alarm, whatever was guessed and wherever (fault 43)."""

import json
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit_trail import AuditEntry
from accounts.models import Message, User
from accounts.outbox import send_due
from accounts.roles import FRONT_DESK, MANAGERS, OWNERS
from portal import sign_in_alarm
from tests.builders import make_staff
from tests.second_factor import give_factor

PASSWORD = "a long enough pass phrase"
pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Who hears of it, and one at the desk who does not."""
    staff = {role: make_staff() for role in (MANAGERS, OWNERS, FRONT_DESK)}
    for role, user in staff.items():
        user.groups.add(Group.objects.get(name=role))
    return staff


@pytest.fixture
def ana():
    ana = User.objects.create_user("ana@example.com", PASSWORD)
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    RecoveryCodes.activate(give_factor(ana).user)
    return ana


def _password(visitor):
    return visitor.post(reverse("account_login"), {"login": "kit@example.com", "password": "wrong"})


def _code(visitor):
    visitor.post(reverse("account_request_login_code"), {"email": "kit@example.com"})
    visitor.post(reverse("account_confirm_login_code"), {"code": "000000"})


def _digits(visitor):
    visitor.post(reverse("account_login"), {"login": "ana@example.com", "password": PASSWORD})
    visitor.post(reverse("mfa_authenticate"), {"code": "000000"})


def _recovery_code(visitor):
    visitor.post(reverse("account_login"), {"login": "ana@example.com", "password": PASSWORD})
    visitor.post(reverse("mfa_authenticate"), {"code": "abcdefgh"})


def _app(visitor, path, **body):
    headers = {"X-Session-Token": visitor.token} if hasattr(visitor, "token") else {}
    visitor.cookies.clear()
    answer = visitor.post(
        f"/_allauth/app/v1/auth/{path}", json.dumps(body), "application/json", headers=headers
    ).json()
    visitor.token = answer.get("meta", {}).get("session_token", "")


def _password_by_app(visitor):
    _app(visitor, "login", email="kit@example.com", password="wrong")


def _digits_by_app(visitor):
    _app(visitor, "login", email="ana@example.com", password=PASSWORD)
    _app(visitor, "2fa/authenticate", code="000000")


def _code_by_app(visitor):
    _app(visitor, "code/request", email="ana@example.com")
    _app(visitor, "code/confirm", code="000000")


DOORS = (
    _password, _code, _digits, _recovery_code, _password_by_app, _digits_by_app, _code_by_app,
)  # fmt: skip


def _mails():
    return Message.objects.filter(kind=sign_in_alarm.MAIL)


def test_every_kind_of_guess_counts_and_people_in_charge_hear_of_it_once(
    people, ana, settings, caplog, client
):
    settings.SIGN_IN_ALARM_TRIES = len(DOORS)
    for door in DOORS:
        assert not _mails().exists(), door
        door(Client())

    assert {message.user for message in _mails()} == {people[MANAGERS], people[OWNERS]}
    [entry] = AuditEntry.objects.filter(action=sign_in_alarm.ACT)
    assert (entry.by, entry.runner, entry.origin) == (None, None, "")
    assert entry.after == {"failed": len(DOORS), "minutes": 10}
    [line] = [one for one in caplog.messages if "tries to sign in failed" in one]
    assert "@" not in line
    assert "127.0.0.1" not in line

    _password(Client())
    assert _mails().count() == 2, "once, however long it goes on"
    send_due(at=timezone.now())
    told = [one for one in mail.outbox if one.subject == "Many failed sign-ins"]
    assert len(told) == 2
    assert f"{len(DOORS)} tries to sign in failed within 10 minutes" in told[0].body
    assert "example.com" not in told[0].body.replace(people[OWNERS].email, "")


def test_it_rings_again_after_a_quiet_time_and_a_mail_is_not_sent_twice(people, settings):
    settings.SIGN_IN_ALARM_TRIES = 2
    with time_machine.travel("2027-03-01 10:01:00Z") as clock:
        for _ in range(3):
            _password(Client())
        clock.shift(timedelta(minutes=15))
        _password(Client())
        _password(Client())
        assert AuditEntry.objects.filter(action=sign_in_alarm.ACT).count() == 1, "no quiet yet"
        clock.shift(timedelta(minutes=21))
        _password(Client())
        assert AuditEntry.objects.filter(action=sign_in_alarm.ACT).count() == 1, "few are few"
        _password(Client())
        assert AuditEntry.objects.filter(action=sign_in_alarm.ACT).count() == 2
    assert _mails().count() == 4


def test_the_first_staff_page_says_so_for_a_day(people, settings, client):
    settings.SIGN_IN_ALARM_TRIES = 1
    _password(Client())
    for role, says in ((MANAGERS, True), (FRONT_DESK, False)):
        client.force_login(people[role])
        assert ("Many failed sign-ins" in client.get("/staff/").content.decode()) is says
    assert not sign_in_alarm.last_alarm(at=timezone.now() + timedelta(days=1, minutes=1))


def _alarms():
    return AuditEntry.objects.filter(action=sign_in_alarm.ACT).count()


def test_what_was_not_even_looked_at_rings_nothing(people, settings):
    """One place that hammers at one account, or at many, is held by the limits."""
    settings.SIGN_IN_ALARM_TRIES = 11
    visitor = Client()
    for _ in range(7):
        _password(visitor)
    for number in range(20):
        visitor.post(
            reverse("account_login"), {"login": f"kit{number}@example.com", "password": "wrong"}
        )
    assert _alarms() == 0


def test_while_it_lasts_it_rings_each_day_and_the_page_says_so_all_the_time(people, settings):
    settings.SIGN_IN_ALARM_TRIES, settings.SIGN_IN_ALARM_MINUTES = 1, 60
    with time_machine.travel("2027-03-01 10:01:00Z") as clock:
        for _ in range(2 * 24):
            _password(Client())
            clock.shift(timedelta(minutes=59))
            assert sign_in_alarm.last_alarm(at=timezone.now())
    assert _alarms() == 3, "at the beginning, and each day"
    assert _mails().count() == 6


def test_it_rings_again_when_ten_times_as_many_fail(people):
    at = timezone.now()
    for second, count in enumerate((50, 60, 499, 500, 501, 4999, 5000, 5001)):
        sign_in_alarm.ring(None, count=count, at=at + timedelta(seconds=second))
    assert [
        entry.after["failed"]
        for entry in AuditEntry.objects.filter(action=sign_in_alarm.ACT).order_by("pk")
    ] == [50, 500, 5000]


def test_an_alarm_that_nobody_heard_rings_again(people, settings, monkeypatch, caplog):
    settings.SIGN_IN_ALARM_TRIES = 1
    with monkeypatch.context() as patch:
        patch.setattr(sign_in_alarm.outbox, "enqueue", lambda **values: 1 / 0)
        assert _password(Client()).status_code == 200, "no trouble of hers"
    assert "ZeroDivisionError" in caplog.text
    assert not AuditEntry.objects.filter(action=sign_in_alarm.ACT).exists()
    _password(Client())
    assert _mails().count() == 2


def test_an_empty_cache_begins_to_count_anew(people, settings):
    settings.SIGN_IN_ALARM_TRIES = 2
    _password(Client())
    cache.clear()
    _password(Client())
    assert not _mails().exists()
    _password(Client())
    assert _mails().count() == 2
