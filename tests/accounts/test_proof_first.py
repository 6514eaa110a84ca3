"""Who signs in by code alone is asked for a new one before what opens the account changes."""

import json
import re
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db
PROOF = "/account/security/code/"
NEW = {"action_add": "", "email": "thief@example.com"}


@pytest.fixture
def ana():
    return User.objects.create_user("ana@example.com", name="Ana")


def _sign_in(client, ana):
    client.post(reverse("account_request_login_code"), {"email": ana.email})
    code = re.search(r"\d{6}", mail.outbox[-1].subject)[0]
    client.post(reverse("account_confirm_login_code"), {"code": code})


def test_an_old_sign_in_changes_nothing_and_a_new_one_does(client, ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _sign_in(client, ana)
    time_machine.move_to("2027-03-01T15:16:00Z", tick=False)

    for name, data in (
        ("account_set_password", {"password1": "seven quiet otters"}),
        ("mfa_activate_totp", {"code": "123456"}),
        ("usersessions_list", {}),
        ("account_email", NEW),
    ):
        asked = client.post(reverse(name), data).url
        assert unquote(asked) == f"{PROOF}?next={reverse(name)}", name
    assert not EmailAddress.objects.filter(email=NEW["email"]).exists()

    client.post(asked, {"action": "send"})
    client.post(asked, {"code": re.search(r"\d{6}", mail.outbox[-1].subject)[0]})
    assert mail.outbox[-1].to == [NEW["email"]], "what she began goes on"


def test_a_new_password_does_not_wait_in_the_session(client, ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _sign_in(client, ana)
    time_machine.move_to("2027-03-01T15:16:00Z", tick=False)

    client.post(reverse("account_set_password"), {"password1": "seven quiet otters"})

    assert "otters" not in str(dict(client.session))


def test_a_session_is_not_ended_by_whoever_found_the_screen(client, ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _sign_in(client, ana)
    phone = Client()
    phone.force_login(ana)
    phone.get("/account/")
    session = UserSession.objects.get(session_key=phone.session.session_key)
    time_machine.move_to("2027-03-01T15:16:00Z", tick=False)

    client.post(reverse("end_session", args=[session.pk]))

    assert phone.get("/account/").status_code == 200


def test_an_app_is_told_how_to_prove_it(ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    app, base = Client(), "/_allauth/app/v1"

    def call(method, path, data=None, **headers):
        return app.generic(
            method, f"{base}/{path}", json_of(data), content_type="application/json",
            headers=headers,
        )  # fmt: skip

    asked = call("POST", "auth/code/request", {"email": ana.email}).json()
    token = {"X-Session-Token": asked["meta"]["session_token"]}
    code = re.search(r"\d{6}", mail.outbox[-1].subject)[0]
    signed_in = call("POST", "auth/code/confirm", {"code": code}, **token).json()
    token = {"X-Session-Token": signed_in["meta"].get("session_token", token["X-Session-Token"])}
    time_machine.move_to("2027-03-01T15:16:00Z", tick=False)

    for method, path, data in (
        ("POST", "account/email", {"email": NEW["email"]}),
        ("DELETE", "auth/sessions", {"sessions": [1]}),
    ):
        answer = call(method, path, data, **token)
        assert answer.status_code == 401, path
        assert answer.json()["data"]["flows"] == [{"id": "prove_by_code"}]
    assert call("GET", "auth/sessions", **token).status_code == 200


def json_of(data):
    return json.dumps(data) if data is not None else ""
