"""Who signs in by code alone is asked for a new one before what opens the account changes."""

import json
import re
import time
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.adapter import AccountAdapter
from accounts.erasing import open_request
from accounts.models import User
from accounts.proof_first import CHANGES, CHANGES_BY_API, CONNECTING
from portal.account import privacy
from tests.builders import make_runner, make_staff
from tests.second_factor import digits, give_factor, proved_just_now

pytestmark = pytest.mark.django_db
PROOF = "/account/security/code/"
LEAVE = "/account/privacy/deletion/"
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


def _wait(time_machine, *, minutes=16):
    later = timezone.now() + timedelta(minutes=minutes)
    time_machine.move_to(later, tick=False)


@pytest.fixture
def long_ago(client, ana, time_machine):
    """Ana, who signed in by code sixteen minutes ago."""
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _sign_in(client, ana)
    _wait(time_machine)
    return client


def _prove(client, page):
    client.post(page, {"action": "send"})
    return client.post(page, {"code": re.search(r"\d{6}", mail.outbox[-1].subject)[0]})


def test_every_change_asks_whoever_signed_in_long_ago_by_page_and_by_api(long_ago):
    for name in [*CHANGES, *CONNECTING]:
        numbers = [1] if name.endswith((":copy", ":delete", ":edit", "end_session")) else []
        asked = long_ago.post(reverse(name, args=numbers) + "?process=connect")
        assert asked.url.startswith(PROOF), name
    for kind, action in (("user", "assign_role"), ("User", "delete"), ("user", "set_active_state")):
        asked = long_ago.post(reverse("wagtail_bulk_action", args=["accounts", kind, action]))
        assert asked.url.startswith(PROOF), action
    for name in CHANGES_BY_API:
        answer = long_ago.post(reverse(f"headless:browser:{name}"), "{}", "application/json")
        assert answer.status_code == 401, name
        assert answer.json()["data"]["flows"] == [{"id": "prove_by_code"}]


def test_a_fresh_token_of_somebody_else_proves_nothing_for_a_cookie(long_ago):
    thief = proved_just_now(Client(), User.objects.create_user("thief@example.com"))
    own = {"X-Session-Token": thief.session.session_key}
    for kind, asked in (("browser", 401), ("app", 200)):
        answer = long_ago.post(
            f"/_allauth/{kind}/v1/account/email", json_of({"email": f"{kind}@example.com"}),
            "application/json", headers=own,
        )  # fmt: skip
        assert answer.status_code == asked, kind
    path, body = "/_allauth/app/v1/auth/sessions", json_of({"sessions": [1]})
    answer = long_ago.delete(path, body, "application/json")
    assert answer.json()["meta"]["is_authenticated"] is False, "a cookie is nothing to an app"
    assert [letter.to for letter in mail.outbox[1:]] == [["app@example.com"]]


def test_a_token_of_a_session_that_is_over_is_gone_not_asked_for_proof(time_machine, settings):
    settings.STAFF_IDLE_MINUTES = 30
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    staff = make_staff()
    token = {"X-Session-Token": proved_just_now(Client(), staff).session.session_key}
    path, body = "/_allauth/app/v1/account/email", json_of({"email": "new@example.com"})
    answers = []
    for minutes in (0, 16, 31):
        _wait(time_machine, minutes=minutes)
        answer = Client().post(path, body, "application/json", headers=token)
        answers.append((answer.status_code, answer.json().get("data", {}).get("flows")))
    assert [status for status, _ in answers] == [401, 401, 410]
    assert answers[1][1], "how to prove it"


def test_what_was_begun_is_not_carried_out_for_a_look_nor_long_after(long_ago, ana, time_machine):
    asked = long_ago.post(LEAVE, {"typed": "delete"}).url
    assert "asking for your account to be deleted" in long_ago.get(asked).content.decode()
    other = long_ago.get(f"{PROOF}?next=/account/").content.decode()
    assert "to be deleted" not in other, "only what this proof leads to"

    page = long_ago.get(LEAVE).url
    assert "to be deleted" not in long_ago.get(page).content.decode()
    assert _prove(long_ago, page).url == LEAVE
    assert open_request(ana) is None, "she only looked"

    _wait(time_machine)
    asked = long_ago.post(LEAVE, {"typed": "delete"}).url
    _wait(time_machine)
    assert _prove(long_ago, asked).url == LEAVE
    assert open_request(ana) is None, "too long ago"

    _wait(time_machine)
    long_ago.post(LEAVE, {"typed": "delete"})
    _prove(long_ago, f"{PROOF}?next=/account/")
    assert long_ago.get(asked).url == LEAVE
    assert "account_reauthentication_state" not in long_ago.session
    _wait(time_machine)
    asked = long_ago.post(LEAVE, {"typed": "delete"}).url
    session = long_ago.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session.save()
    assert long_ago.get(asked).url == LEAVE, "proven meanwhile"
    assert "account_reauthentication_state" not in long_ago.session
    assert open_request(ana) is None


def test_what_is_posted_with_a_query_is_carried_out_at_the_place_of_whoever_proves_it(
    long_ago, ana, settings, monkeypatch
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    far = {"X-Forwarded-For": "203.0.113.7"}
    asked = long_ago.post(f"{LEAVE}?from=mail", {"typed": "delete"}, headers=far).url
    held = str(long_ago.session["account_reauthentication_state"])
    secrets = (long_ago.session.session_key, "203.0.113.7", "COOKIE")
    assert [said for said in secrets if said in held] == []
    long_ago.post(asked, {"action": "send"})
    long_ago.post(asked, {"code": "not it"})
    assert "COOKIE" not in str(long_ago.session["account_reauthentication_state"])
    near = {"X-Forwarded-For": "198.51.100.1"}
    code = re.search(r"\d{6}", mail.outbox[-1].subject)[0]
    places = []

    def asks(request):
        places.append(AccountAdapter().get_client_ip(request))
        return ana

    monkeypatch.setattr(privacy, "signed_in_runner", asks)
    assert long_ago.post(asked, {"code": code}, headers=near).url == "/account/privacy/"
    assert open_request(ana)
    assert places == ["198.51.100.1"]


def test_who_has_a_password_meets_the_same_at_allauths_own_pages(client, ana, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    ana.set_password("seven quiet otters")
    ana.save()
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    factor = give_factor(ana)
    proved_just_now(client, ana)
    off = reverse("mfa_deactivate_totp")
    asked = client.post(off).url
    assert "what you sent a moment ago" in client.get(asked).content.decode()
    assert "COOKIE" not in str(client.session["account_reauthentication_state"])

    _wait(time_machine)
    client.post(asked, {"password": "seven quiet otters"})
    assert type(factor).objects.filter(pk=factor.pk).exists(), "too long ago"
    _wait(time_machine)
    asked = client.post(off).url
    client.post(asked, {"password": "seven quiet otters"})
    assert not type(factor).objects.filter(pk=factor.pk).exists()


def test_a_password_never_waits_wherever_it_was_typed(client, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _owner(client)
    runner = make_runner()
    _wait(time_machine)
    page = reverse("wagtailusers_users:edit", args=[runner.pk])
    said = {"email": "thief@example.com", "name": runner.name, "is_active": "on"}
    typed = {"password1": "seven quiet otters", "password2": "seven quiet otters"}
    assert unquote(client.post(page, said | typed).url).endswith(f"?next={page}")
    assert "account_reauthentication_state" not in client.session


def test_staff_change_people_in_the_admin_after_the_proof_and_come_back_there(client, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _owner(client)
    runner = make_runner()
    _wait(time_machine)
    page = reverse("wagtailusers_users:edit", args=[runner.pk])
    said = {"email": "new@example.com", "name": runner.name, "is_active": "on"}
    asked = client.post(page, said)
    assert asked.url == f"{reverse('mfa_reauthenticate')}?{urlencode({'next': page})}"
    runner.refresh_from_db()
    assert runner.email != said["email"]
    shown = client.get(asked.url).content.decode()
    assert "changing a person&#x27;s account" in shown

    back = client.post(asked.url, {"code": digits(), "next": page})

    assert back.url.startswith("/admin/users/")
    runner.refresh_from_db()
    assert runner.email == said["email"]
    assert client.get(back.url).status_code == 200


def test_what_a_role_may_do_changes_after_the_proof_alone(client, time_machine):
    time_machine.move_to("2027-03-01T15:00:00Z", tick=False)
    _owner(client)
    role = Group.objects.create(name="Helpers")
    _wait(time_machine)
    for page in ("edit", "delete"):
        asked = client.post(reverse(f"wagtailusers_groups:{page}", args=[role.pk]), {"name": "X"})
        assert asked.url.startswith(reverse("mfa_reauthenticate")), page
    assert Group.objects.filter(name="Helpers").exists()


def _owner(client):
    owner = make_staff(name="Olive Grant")
    owner.groups.add(Group.objects.get(name="Owners"))
    client.force_login(owner)


def test_what_the_proof_refuses_is_in_the_security_log(long_ago, ana, caplog):
    caplog.set_level("INFO", logger="accounts.security_log")
    caplog.clear()
    token = {"X-Session-Token": long_ago.session.session_key}
    for ask in (
        lambda: long_ago.post(reverse("account_email"), NEW),
        lambda: long_ago.post(LEAVE, {"typed": "delete"}),
        lambda: long_ago.post(
            "/api/v1/me/export/", content_type="application/json", HTTP_SEC_FETCH_SITE="same-origin"
        ),
        lambda: Client().post(
            "/_allauth/app/v1/account/email", "{}", "application/json", headers=token
        ),
    ):
        ask()
        asked = [said for said in caplog.messages if said.startswith("proof_asked ")]
        assert len(asked) == 1, caplog.messages
        assert f"who={ana.public_id}" in asked[0]
        caplog.clear()
    long_ago.post("/_allauth/browser/v1/account/email", "{}", "application/json")
    assert [m.split()[0] for m in caplog.messages][:2] == ["proof_asked", "not_known"]
    assert f"who={ana.public_id}" in caplog.messages[1]
    caplog.clear()
    Client().post("/api/v1/me/export/", content_type="application/json")
    assert not [m for m in caplog.messages if m.startswith("not_known")], "how everybody begins"
