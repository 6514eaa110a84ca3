"""Signing in and joining on allauth's pages, and over its headless API for apps."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.urls import reverse

from accounts.models import User

ASK = "/accounts/login/code/"
LOGIN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"


def _ask(client, email, **more):
    return client.post(ASK, {"email": email, **more})


# --- Web -------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("email", ["mara@example.com", "Nobody.Yet@example.com"])
def test_the_one_form_lets_known_and_unknown_people_in(client, mara, code, email):
    response = _ask(client, email, next="/account/")
    assert response.status_code == 302
    assert response.url.startswith(CONFIRM)

    response = client.post(response.url, {"code": code(), "next": "/account/"})

    assert (response.status_code, response.url) == (302, "/account/")
    user = User.objects.get(email=email.lower())
    assert client.session["_auth_user_id"] == str(user.pk)
    assert EmailAddress.objects.get(user=user).verified


@pytest.mark.django_db
def test_known_and_unknown_cannot_be_told_apart(client, mara):
    known = _ask(client, mara.email)
    client.cookies.clear()
    unknown = _ask(client, "nobody@example.com")

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    pages = []
    for email in (mara.email, "other@example.com"):
        client.cookies.clear()
        page = client.get(_ask(client, email).url).content.decode().replace(email, "X")
        pages.append(re.sub(r'(nonce|value)="[^"]*"', "", page))
    assert pages[0] == pages[1]


@pytest.mark.django_db
def test_a_wrong_code_is_said_beside_the_field_and_what_was_booked_stays(client, code):
    _ask(client, "new@example.com")
    right = code()
    response = client.post(CONFIRM, {"code": "000000" if right != "000000" else "111111"})

    page = response.content.decode()
    assert "Error: Enter the code" in page
    assert 'aria-invalid="true"' in page
    assert "That is not the code in the mail." in page
    assert client.post(CONFIRM, {"code": right}).status_code == 302


@pytest.mark.django_db
def test_a_new_code_can_be_asked_for_on_the_page(client, code):
    _ask(client, "new@example.com")
    assert "Send a new code" in client.get(CONFIRM).content.decode()
    client.post(CONFIRM, {"action": "resend"})

    assert len(mail.outbox) == 2
    assert client.post(CONFIRM, {"code": code()}).status_code == 302


@pytest.mark.django_db
def test_a_second_factor_follows_the_code(client, mara, code):
    auth = TOTP.activate(mara, "JBSWY3DPEHPK3PXP")
    _ask(client, mara.email)
    response = client.post(CONFIRM, {"code": code()})

    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    counter = next(yield_hotp_counters_from_time())
    digits = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", counter))
    response = client.post(response.url, {"code": digits})
    assert client.session["_auth_user_id"] == str(auth.instance.user_id)


@pytest.mark.django_db
def test_staff_with_a_password_get_in_with_it_and_a_wrong_one_is_said(client):
    staff = User.objects.create_user("desk@example.com", "a long enough pass phrase", is_staff=True)
    EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)

    page = client.post(LOGIN, {"login": staff.email, "password": "not this one"})
    assert "<details open>" in page.content.decode()
    assert "_auth_user_id" not in client.session

    client.post(LOGIN, {"login": staff.email, "password": "a long enough pass phrase"})
    assert client.session["_auth_user_id"] == str(staff.pk)


@pytest.mark.django_db
def test_joining_on_the_sign_up_page_needs_no_password(client, code):
    client.post("/accounts/signup/", {"name": "New Runner", "email": "New@Example.com"})
    response = client.post("/accounts/confirm-email/", {"code": code()})

    assert response.status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.name, user.has_usable_password()) == ("New Runner", False)
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("door", ["/admin/login/", "/_util/login/", "/de/_util/login/"])
def test_wagtails_own_password_doors_are_shut(client, door):
    user = User.objects.create_user(email="ana@example.org", password="a long pass phrase")
    response = client.get(f"{door}?next=/admin/")
    assert response.url == "/accounts/login/?next=/admin/"
    response = client.post(door, {"username": user.email, "password": "a long pass phrase"})
    assert response.status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_request_login_code",
        "account_signup",
        "account_signup_by_passkey",
        "account_reset_password",
    ],
)
def test_pages_for_the_signed_out_look_like_ours(client, name):
    page = client.get(reverse(name)).content.decode()
    assert '<html lang="en-GB">' in page
    assert re.search(r"<title>\s*\S", page)
    assert 'class="top"' in page
    assert page.count("<h1") == 1
    assert " style=" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["security", "account_email", "account_logout", "mfa_activate_totp", "usersessions_list"],
)
def test_pages_for_the_signed_in_look_like_ours(client, mara, code, name):
    _ask(client, mara.email)
    client.post(CONFIRM, {"code": code()})

    page = client.get(reverse(name)).content.decode()

    assert '<html lang="en-GB">' in page
    assert re.search(r"<title>\s*\S", page)
    assert 'class="top"' in page
    assert page.count("<h1") == 1
    assert "Where you are signed in" in page
    assert " style=" not in page


# --- Headless --------------------------------------------------------------------------------
class App:
    """A phone's app: no cookies, a session token in a header."""

    def __init__(self, client):
        self.client, self.token = client, None

    def call(self, method, path, body=None, expect=200):
        headers = {"X-Session-Token": self.token} if self.token else {}
        self.client.cookies.clear()
        response = self.client.generic(
            method,
            f"/_allauth/app/v1/{path}",
            data=json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )
        assert response.status_code == expect, response.content
        answer = response.json()
        self.token = answer.get("meta", {}).get("session_token", self.token)
        return answer


@pytest.fixture
def app(client):
    return App(client)


@pytest.mark.django_db
def test_an_app_joins_by_sign_up_and_code(app, code):
    app.call("POST", "auth/signup", {"email": "App@Example.com", "name": "App Runner"}, expect=401)
    answer = app.call("POST", "auth/email/verify", {"key": code()})

    assert answer["meta"]["is_authenticated"]
    assert answer["data"]["user"]["email"] == "app@example.com"
    user = User.objects.get(email="app@example.com")
    assert user.name == "App Runner"
    assert app.call("GET", "auth/session")["meta"]["is_authenticated"]


@pytest.mark.django_db
def test_an_app_signs_a_known_runner_in_by_code(app, mara, code):
    app.call("POST", "auth/code/request", {"email": mara.email}, expect=401)
    answer = app.call("POST", "auth/code/confirm", {"code": code()})

    assert answer["meta"]["is_authenticated"]
    assert answer["data"]["user"]["email"] == mara.email
    assert EmailAddress.objects.get(user=mara).verified


@pytest.mark.django_db
def test_an_app_is_told_of_a_wrong_code(app, mara, code):
    app.call("POST", "auth/code/request", {"email": mara.email}, expect=401)
    wrong = "000000" if code() != "000000" else "111111"
    answer = app.call("POST", "auth/code/confirm", {"code": wrong}, expect=400)
    assert answer["errors"][0]["param"] == "code"


@pytest.mark.django_db
def test_an_app_cannot_tell_whether_an_address_is_known(app, mara):
    known = app.call("POST", "auth/signup", {"email": mara.email}, expect=401)
    app.token = None
    unknown = app.call("POST", "auth/signup", {"email": "stranger@example.com"}, expect=401)

    assert known["data"] == unknown["data"]
    assert mail.outbox[0].subject == "You already have an account"
    assert mail.outbox[0].to == [mara.email]
