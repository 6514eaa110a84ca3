"""The security log tells what was tried and by whom, and nothing that would help a thief."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit_trail import AuditEntry
from accounts.models import User
from accounts.outbox import send_due
from tests.second_factor import accepted_digits, digits, give_factor

PASSWORD = "seven quiet otters paint"
LOG = "accounts.security_log"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    ana = User.objects.create_user("ana@example.com", name="Ana", password=PASSWORD)
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, logger=LOG)

    def read():
        found = [r.getMessage() for r in caplog.records if r.name == LOG]
        caplog.clear()
        return found

    return read


def _events(entries):
    return [entry.split()[0] for entry in entries]


def test_every_step_of_signing_in_is_written_and_names_nobody(client, ana, said):
    give_factor(ana)
    client.post(reverse("account_login"), {"login": ana.email, "password": "not hers at all"})
    client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    code = digits()
    client.post(reverse("mfa_authenticate"), {"code": code})
    key = client.session.session_key
    client.post(reverse("account_logout"))

    entries = said()
    assert _events(entries) == [
        "password_refused", "proved", "factor_refused", "proved", "signed_in", "signed_out",
    ]  # fmt: skip
    assert re.fullmatch(r"password_refused who=nobody from=\w{16} account=\w{16}", entries[0])
    assert f"who={ana.public_id}" in entries[1]
    assert "by=password" in entries[1]
    assert "by=mfa kind=totp" in entries[3]
    whole = "\n".join(entries)
    assert [x for x in (ana.email, "127.0.0.1", PASSWORD, "otters", code, key) if x in whole] == []


def test_a_wrong_code_of_a_mail_is_written(client, ana, said):
    client.post(reverse("account_request_login_code"), {"email": ana.email})
    right = re.search(r"\d{6}", mail.outbox[-1].subject)[0]
    wrong = "111111" if right != "111111" else "222222"
    client.post(reverse("account_confirm_login_code"), {"code": wrong})
    client.post(reverse("account_confirm_login_code"), {"code": right})

    assert _events(said()) == ["code_refused", "proved", "signed_in"]


def test_a_no_is_written_with_the_pattern_of_what_was_asked_and_never_the_address(
    client, ana, said
):
    client.force_login(ana)
    said()
    client.get("/staff/runners/", {"q": "mara@example.com"})
    Client(enforce_csrf_checks=True).post("/accounts/login/code/", {"email": "mara@example.com"})
    client.get("/api/v1/me/", headers={"X-Session-Token": "guessed"})
    client.get("/api/v1/no-such-thing/")

    entries = said()
    assert _events(entries)[:2] == ["not_allowed", "not_allowed"]
    assert f"who={ana.public_id}" in entries[0]
    assert "asked=GET /staff/runners/" in entries[0]
    assert "asked=POST /accounts/login/code/" in entries[1]
    assert "mara" not in "\n".join(entries)
    assert "guessed" not in "\n".join(entries)


def test_a_lost_device_is_signed_out_everywhere_from_the_server(client, ana):
    phone, other = Client(), Client()
    for one in (client, phone):
        one.force_login(ana)
    other.force_login(User.objects.create_user("eve@example.com"))

    call_command("end_sessions", person="Ana@Example.com")

    assert client.get("/account/").status_code == 302
    assert phone.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 200
    entry = AuditEntry.objects.get(action="sessions.ended")
    assert (entry.key, entry.after) == (str(ana.public_id), {"ended": 2})

    call_command("end_sessions", everybody=True)
    assert other.get("/account/").status_code == 302
    with pytest.raises(CommandError):
        call_command("end_sessions", person="nobody@example.com")


def test_who_lost_every_factor_begins_anew(client, ana):
    give_factor(ana)
    client.force_login(ana)

    call_command("forget_factors", person=ana.email)
    send_due(at=timezone.now())

    assert client.get("/account/").status_code == 302
    assert not Authenticator.objects.filter(user=ana).exists()
    assert mail.outbox[-1].subject == "Your second factors were taken off"
    entry = AuditEntry.objects.get(action="second_factor.forgotten")
    assert (entry.key, entry.before) == (str(ana.public_id), {"kinds": ["totp"]})


def test_an_account_switched_off_is_out_at_once_whatever_its_role(client, ana):
    ana.groups.add(Group.objects.get(name="Managers"))
    client.force_login(ana)
    User.objects.filter(pk=ana.pk).update(is_active=False)

    assert client.get("/account/").status_code == 302


def test_proving_it_again_changes_the_key_of_the_session(client, ana):
    client.post(reverse("account_login"), {"login": ana.email, "password": PASSWORD})
    client.get("/account/")
    stolen = Client()
    stolen.cookies["session"] = before = client.session.session_key

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert client.session.session_key != before
    assert client.get("/account/").status_code == 200
    assert stolen.get("/account/").status_code == 302
    assert UserSession.objects.get(user=ana).session_key == client.session.session_key


def test_six_digits_work_once_as_long_as_they_are_good(ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:01Z", tick=False)
    device, code = give_factor(ana).wrap(), digits()
    assert device.validate_code(code)

    time_machine.move_to("2027-03-01T15:00:40Z", tick=False)
    assert code in accepted_digits()
    assert not device.validate_code(code)


def test_staff_can_sign_out_from_every_page_of_theirs(client, ana):
    ana.groups.add(Group.objects.get(name="Managers"))
    client.force_login(ana)

    assert f'href="{reverse("account_logout")}"' in client.get("/staff/runners/").content.decode()
