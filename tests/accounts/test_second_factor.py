"""Staff show a second factor in each session; no door goes around it."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User
from accounts.roles import FRONT_DESK, RUN_DAY
from accounts.second_factor import (
    has_second_factor,
    is_member_of_staff,
    staff_without_second_factor,
)
from tests.second_factor import SECRET, digits, give_factor, with_one_factor

pytestmark = pytest.mark.django_db
LED = "/account/security/second-factor/?next="


@pytest.fixture
def dana():
    """The front desk: nothing but the role makes her staff."""
    dana = User.objects.create_user("dana@example.com", "a long enough pass phrase", name="Dana")
    dana.groups.add(Group.objects.get(name=FRONT_DESK))
    EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
    return dana


def _owner(**values):
    return User.objects.create_superuser("olive@example.com", **values)


def test_every_kind_of_staff_is_staff_and_runners_are_not(dana, mara):
    by_hand = User.objects.create_user("hand@example.com")
    by_hand.user_permissions.add(
        Permission.objects.get(content_type__app_label="scheduling", codename="run_day")
    )
    flagged = User.objects.create_user("flag@example.com", is_staff=True)
    owner = User.objects.create_user("owner@example.com", is_superuser=True)
    left = User.objects.create_user("left@example.com", is_staff=True, is_active=False)
    staff = [dana, by_hand, flagged, owner]

    assert all(map(is_member_of_staff, staff))
    assert not is_member_of_staff(mara)
    assert set(staff_without_second_factor()) == set(staff)
    for person in staff[1:]:
        give_factor(person)
    Authenticator.objects.create(user=dana, type="recovery_codes", data={"seed": "x"})
    assert list(staff_without_second_factor()) == [dana], "codes alone are no factor"
    assert not has_second_factor(dana)
    assert left not in staff_without_second_factor()


@pytest.mark.parametrize("who", ["role", "owner"])
def test_one_factor_opens_no_staff_page_and_no_staff_operation(client, dana, who):
    person = dana if who == "role" else _owner()
    give_factor(person)
    with_one_factor(client, person)

    for page in ("/staff/", "/staff/day/", "/admin/", "/admin/api-tokens/", "/admin/users/"):
        response = client.get(page)
        assert (response.status_code, response.url) == (302, LED + page.replace("/", "%2F"))
    for path in ("/staff/day/", "/admin/pages/"):
        assert client.post(path).url == LED + "%2Fstaff%2F", "what was posted is not done"
    needed = "second_factor_needed"
    theirs = {"staff/bookings/": needed, "staff/accounts/": needed, "webhooks/": needed}
    not_of_the_desk = {"staff/accounts/": "not_found", "webhooks/": "forbidden"}
    wanted = theirs | (not_of_the_desk if who == "role" else {})
    for operation, code in wanted.items():
        response = client.get(f"/api/v1/{operation}")
        assert response.json()["code"] == code, operation
        assert response["Content-Type"] == "application/problem+json"
    assert client.get("/account/").status_code == 200, "her own pages are hers"


def test_a_part_of_a_page_tells_the_page_to_go(client, dana):
    with_one_factor(client, dana)
    response = client.get("/staff/day/", headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"
    response = client.get("/admin/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert response.status_code == 403


def test_staff_without_a_factor_are_led_to_one_and_back(client, dana, commits_at_once):
    with_one_factor(client, dana)
    page = client.get("/staff/day/", follow=True).content.decode()
    assert "One more step for staff" in page
    assert reverse("mfa_add_webauthn") in page

    response = client.get(reverse("mfa_activate_totp"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_reauthenticate"))
    client.post(
        response.redirect_chain[-1][0],
        {"password": "a long enough pass phrase", "next": reverse("mfa_activate_totp")},
    )
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    client.post(reverse("mfa_activate_totp"), {"code": digits(secret)})

    response = client.get("/account/security/second-factor/")
    assert response.url == "/staff/day/", "back to where she was"
    assert client.get("/staff/day/").status_code == 200


def test_staff_with_a_factor_are_asked_for_it_and_brought_back(client, dana):
    give_factor(dana)
    with_one_factor(client, dana)
    response = client.get("/staff/day/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=%2Fstaff%2Fday%2F"

    where = response.redirect_chain[-1][0]
    assert client.post(where, {"code": "000000", "next": "/staff/day/"}).status_code == 200
    assert client.get("/staff/day/").status_code == 302
    response = client.post(where, {"code": digits(), "next": "/staff/day/"})
    assert response.url == "/staff/day/"
    assert client.get("/staff/day/").status_code == 200


def test_a_factor_taken_away_shuts_the_session_it_opened(client, dana):
    client.force_login(dana)
    assert client.get("/staff/day/").status_code == 200
    Authenticator.objects.filter(user=dana).delete()
    assert client.get("/staff/day/").url.startswith(LED)


def test_the_factor_of_somebody_else_counts_for_nothing(client, dana, mara):
    """A session keeps whose factor it was: signing in as another person inherits nothing."""
    client.force_login(dana)
    records = client.session["account_authentication_methods"]
    other = _owner()
    with_one_factor(client, other)
    session = client.session
    session["account_authentication_methods"] = records
    session.save()
    assert client.get("/staff/day/").url.startswith(LED)


@pytest.mark.parametrize(
    "door",
    [
        "/admin/login/",
        "/admin/password_reset/",
        "/django-admin/",
        "/django-admin/login/",
        "/admin/account/",
        "/admin/logout/",
    ],
)
def test_no_second_door_takes_a_password(client, dana, door):
    dana.is_superuser = dana.is_staff = True
    dana.save()
    give_factor(dana)
    client.post(
        door,
        {
            "username": dana.email,
            "email": dana.email,
            "login": dana.email,
            "password": "a long enough pass phrase",
        },
    )
    assert client.get("/staff/day/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_signing_in_by_password_stops_at_the_challenge(client, dana):
    give_factor(dana)
    response = client.post(
        reverse("account_login"), {"login": dana.email, "password": "a long enough pass phrase"}
    )
    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    client.post(response.url, {"code": digits()})
    assert client.get("/staff/day/").status_code == 200


def test_apps_are_told_by_a_problem_and_let_in_with_the_factor(client, dana):
    def call(method, path, body=None, token=""):
        client.cookies.clear()
        return client.generic(
            method,
            path,
            json.dumps(body) if body else "",
            "application/json",
            headers={"X-Session-Token": token} if token else {},
        )

    login = {"email": dana.email, "password": "a long enough pass phrase"}
    token = call("POST", "/_allauth/app/v1/auth/login", login).json()["meta"]["session_token"]
    day = "/api/v1/staff/bookings/"
    refused = call("GET", day, token=token)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")

    give_factor(dana)
    answer = call("POST", "/_allauth/app/v1/auth/login", login)
    assert answer.status_code == 401
    token = answer.json()["meta"]["session_token"]
    assert {"id": "mfa_authenticate", "types": ["totp"], "is_pending": True} in answer.json()[
        "data"
    ]["flows"]
    assert call("GET", day, token=token).status_code == 401
    answer = call("POST", "/_allauth/app/v1/auth/2fa/authenticate", {"code": digits()}, token=token)
    token = answer.json()["meta"].get("session_token", token)
    assert call("GET", day, token=token).status_code == 200


def test_outside_a_session_a_role_is_enough(dana):
    assert User.objects.get(pk=dana.pk).has_perm(RUN_DAY), "the worker and commands act for people"


def test_the_known_secret_is_a_secret_of_tests(dana):
    assert TOTP(give_factor(dana)).validate_code(digits(SECRET))
