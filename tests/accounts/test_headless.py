"""The same doors for apps and for front ends in a browser, by allauth's headless API."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from tests.accounts.callers import PASSWORD, App, Browser, make_ana, pending
from tests.second_factor import digits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("commits_at_once")]


@pytest.fixture
def ana():
    return make_ana()


@pytest.mark.parametrize("kind", [App, Browser])
def test_join_sign_in_and_out(kind, ana):
    caller = kind()
    status, answer = caller.call("GET", "auth/session")
    assert (status, answer["meta"]["is_authenticated"]) == (401, False)
    assert {"login", "signup", "login_by_code", "mfa_login_webauthn"} <= {
        flow["id"] for flow in answer["data"]["flows"]
    }
    status, answer = caller.call("POST", "auth/signup", {"email": "New@Example.com", "name": "N"})
    assert (status, pending(answer)) == (401, ["verify_email"])
    code = mail.outbox[-1].subject.removeprefix("Your code: ")
    status, answer = caller.call("POST", "auth/email/verify", {"key": code})
    assert (status, answer["data"]["user"]["email"]) == (200, "new@example.com")
    status, _ = caller.call("DELETE", "auth/session")
    assert status == 401
    status, _ = caller.call("GET", "auth/session")
    assert status == (410 if kind is App else 401), "an app's token is gone for good"

    caller = kind()
    status, answer = caller.call(
        "POST", "auth/login", {"email": ana.email, "password": "not the pass phrase"}
    )
    assert (status, answer["errors"][0]["code"]) == (400, "email_password_mismatch")
    assert caller.sign_in()[0] == 200
    assert caller.call("GET", "auth/session")[1]["data"]["user"]["email"] == ana.email


def test_a_browser_needs_the_csrf_token(ana):
    browser = Client(enforce_csrf_checks=True)
    body = json.dumps({"email": ana.email, "password": PASSWORD})
    response = browser.post("/_allauth/browser/v1/auth/login", body, "application/json")
    assert response.status_code == 403


def test_an_app_sets_up_a_factor_and_shows_it_the_next_time(ana):
    app = App()
    app.sign_in()
    status, answer = app.call("GET", "account/authenticators/totp")
    assert status == 404
    secret = answer["meta"]["secret"]
    status, answer = app.call("POST", "account/authenticators/totp", {"code": digits(secret)})
    assert status == 401
    assert "reauthenticate" in [flow["id"] for flow in answer["data"]["flows"]]
    assert app.call("POST", "auth/reauthenticate", {"password": PASSWORD})[0] == 200
    status, answer = app.call("POST", "account/authenticators/totp", {"code": digits(secret)})
    assert (status, answer["data"]["type"]) == (200, "totp")
    assert mail.outbox[-1].subject == "An authenticator app was set up"
    codes = app.call("GET", "account/authenticators/recovery-codes")[1]["data"]["unused_codes"]
    assert len(codes) == 10

    again = App()
    status, answer = again.sign_in()
    assert (status, pending(answer)) == (401, ["mfa_authenticate"])
    status, answer = again.call("POST", "auth/2fa/authenticate", {"code": "000000"})
    assert (status, answer["errors"][0]["param"]) == (400, "code")
    assert again.call("POST", "auth/2fa/authenticate", {"code": codes[0]})[0] == 200


def test_an_app_lists_and_ends_sessions(ana):
    app, lost = App(), App()
    lost.sign_in()
    app.sign_in()
    theirs = UserSession.objects.get(session_key=lost.token)
    status, answer = app.call("GET", "auth/sessions")
    assert (status, len(answer["data"])) == (200, 2)
    assert [one["is_current"] for one in answer["data"] if one["id"] == theirs.pk] == [False]
    assert app.call("DELETE", "auth/sessions", {"sessions": [theirs.pk]})[0] == 200
    assert lost.call("GET", "auth/session")[0] == 410
    response = Client().get("/api/v1/credits/", headers={"X-Session-Token": lost.token})
    assert response.status_code == 401


def test_an_app_changes_the_address_and_both_are_told(ana):
    app = App()
    app.sign_in()
    assert app.call("POST", "account/email", {"email": "new@example.com"})[0] == 401
    app.call("POST", "auth/reauthenticate", {"password": PASSWORD})
    assert app.call("POST", "account/email", {"email": "new@example.com"})[0] == 200
    code = mail.outbox[-1].subject.removeprefix("Your code: ")
    assert app.call("POST", "auth/email/verify", {"key": code})[0] == 200
    assert {message.to[0] for message in mail.outbox[-2:]} == {ana.email, "new@example.com"}


def test_too_many_tries_are_429_or_refused(ana):
    app = App()
    wrong = {"email": ana.email, "password": "not the pass phrase"}
    answers = [app.call("POST", "auth/login", wrong) for _ in range(6)]
    assert answers[-1][1]["errors"][0]["code"] == "too_many_login_attempts"
    statuses = [
        app.call("POST", "auth/password/request", {"email": ana.email})[0] for _ in range(6)
    ]
    assert statuses[-1] in (400, 429)
    assert statuses[0] not in (400, 429)


def test_the_description_is_served():
    response = Client().get("/_allauth/openapi.json")
    assert response.status_code == 200
    assert "/_allauth/{client}/v1/auth/login" in response.json()["paths"]
