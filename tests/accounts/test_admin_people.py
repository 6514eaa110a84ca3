"""People in the Wagtail admin: no password is set there, and a changed address is told."""

import logging

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.outbox import send_due
from accounts.roles import FRONT_DESK, OWNERS
from tests.builders import make_staff

PASSWORD = "seven quiet otters paint"
ANOTHER = "nine loud herons swim"
ADD = reverse("wagtailusers_users:add")
LOG = "accounts.security_log"
pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    owner = make_staff(name="Olive Grant", password=PASSWORD)
    owner.groups.add(Group.objects.get(name=OWNERS))
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client.force_login(owner)
    return owner


@pytest.fixture
def dana(owner):
    dana = make_staff("dana@practice.example", "Dana Cole", password=PASSWORD)
    dana.groups.add(Group.objects.get(name=FRONT_DESK))
    EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
    return dana


def _change(client, person, **said):
    groups = list(person.groups.values_list("pk", flat=True))
    form = {"email": person.email, "name": person.name, "is_active": "on", "groups": groups}
    return client.post(reverse("wagtailusers_users:edit", args=[person.pk]), form | said)


def test_nobody_sets_a_password_in_the_admin_not_even_her_own(client, owner, dana):
    typed = {"password1": ANOTHER, "password2": ANOTHER}
    for person in (owner, dana):
        page = reverse("wagtailusers_users:edit", args=[person.pk])
        assert "password" not in client.get(page).content.decode().lower()
        assert _change(client, person, **typed).status_code == 302
        person.refresh_from_db()
        assert person.check_password(PASSWORD)
    account = client.get(reverse("wagtailadmin_account")).content.decode()
    assert 'name="password' not in account
    assert 'name="name_email-email"' not in account


def test_staff_made_without_a_password_sign_in_by_code_and_set_up_their_factor(client, owner):
    assert "password" not in client.get(ADD).content.decode().lower()
    role = Group.objects.get(name=FRONT_DESK).pk
    new = {"email": "New@Practice.example", "name": "Nia Webb", "groups": [role]}
    assert client.post(ADD, new).status_code == 302
    nia, hers = User.objects.get(email="new@practice.example"), Client()
    assert not nia.has_usable_password(), "else she would be asked for one she never had"

    hers.post(reverse("account_request_login_code"), {"email": nia.email})
    code = mail.outbox[-1].subject.removeprefix("Your code: ")
    hers.post(reverse("account_confirm_login_code"), {"code": code})
    page = hers.get("/staff/day/", follow=True).content.decode()
    assert "One more step for staff" in page
    assert "mfa.totp.secret" not in hers.session
    assert hers.get(reverse("mfa_activate_totp")).status_code == 200
    assert hers.session["mfa.totp.secret"]


def test_a_changed_address_is_told_at_both_and_the_old_one_opens_nothing(
    client, owner, dana, caplog
):
    caplog.set_level(logging.INFO, logger=LOG)
    assert _change(client, dana, name="Dana M. Cole").status_code == 302
    send_due(at=timezone.now())
    assert (mail.outbox, _said(caplog)) == ([], []), "her address is what it was"

    assert _change(client, dana, email="Dana.Cole@practice.example").status_code == 302
    send_due(at=timezone.now())

    assert {(one.to[0], one.subject) for one in mail.outbox} == {
        ("dana@practice.example", "Your sign-in address was changed"),
        ("dana.cole@practice.example", "This is your sign-in address now"),
    }
    [entry] = _said(caplog)
    assert f"address_changed who={dana.public_id} " in entry
    assert f"by={owner.public_id}" in entry
    assert "practice.example" not in entry
    rows = EmailAddress.objects.filter(user=dana).values_list("email", "primary", "verified")
    assert list(rows) == [("dana.cole@practice.example", True, False)]
    for email, opens in (("dana@practice.example", False), ("dana.cole@practice.example", True)):
        hers = Client()
        hers.post(reverse("account_request_login_code"), {"email": email})
        code = mail.outbox[-1].subject.removeprefix("Your code: ")
        hers.post(reverse("account_confirm_login_code"), {"code": code})
        assert (hers.session.get("_auth_user_id") == str(dana.pk)) == opens, email


def test_an_address_somebody_else_has_proven_is_refused(client, owner, dana):
    """Merged accounts and such have proven more addresses than the one they sign in with."""
    taken = "olive@home.example"
    EmailAddress.objects.create(user=owner, email=taken, verified=True)
    new = {"email": taken, "name": "Nia Webb"}
    for answer in (_change(client, dana, email=taken), client.post(ADD, new)):
        assert "Somebody else signs in with this address." in answer.content.decode()
    dana.refresh_from_db()
    assert dana.email == "dana@practice.example"


def _said(caplog):
    return [r.getMessage() for r in caplog.records if r.name == LOG and "address" in r.getMessage()]
