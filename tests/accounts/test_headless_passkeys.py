"""Passkeys by allauth's headless API: one is set up in a session, and signs in without one."""

from copy import copy

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from fido2.utils import websafe_encode

from tests.accounts.callers import PASSWORD, App, Browser, make_ana, pending
from tests.passkeys import ORIGIN, SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("commits_at_once")]
MINE = "account/authenticators/webauthn"
LOGIN = "auth/webauthn/login"


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    """Any origin would do while developing."""
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False


@pytest.fixture
def ana():
    return make_ana()


def signed_in(kind):
    """Proved a moment ago, as a change to how she signs in asks for."""
    caller = kind()
    caller.sign_in()
    assert caller.call("POST", "auth/reauthenticate", {"password": PASSWORD})[0] == 200
    return caller


def asked(caller, path=LOGIN, method="GET"):
    status, answer = caller.call(method, path)
    assert status == 200, answer
    return answer["data"].get("creation_options") or answer["data"]["request_options"]


def set_up(caller, key):
    options = asked(caller, f"{MINE}?passwordless")
    body = {"name": "My phone", "credential": key.register(options), "passwordless": True}
    return caller.call("POST", MINE, body)


def tried(caller, credential, path=LOGIN):
    return caller.call("POST", path, {"credential": credential})


def refused(answer):
    status, told = answer
    return (status, told["errors"][0]["code"]) == (400, "incorrect_code")


@pytest.mark.parametrize("kind", [App, Browser])
def test_a_passkey_is_set_up_in_a_session_and_signs_in_without_one(kind, ana):
    caller, key = kind(), SoftKey()
    caller.sign_in()
    assert caller.call("GET", f"{MINE}?passwordless")[0] == 401, "who she is is asked again first"
    caller.call("POST", "auth/reauthenticate", {"password": PASSWORD})
    status, answer = set_up(caller, key)
    assert (status, answer["data"]["name"], answer["data"]["is_passwordless"]) == (
        200,
        "My phone",
        True,
    )
    assert [letter.to for letter in mail.outbox] == [[ana.email]]

    later = kind()
    credential = key.sign(asked(later))
    status, answer = tried(later, credential)
    assert (status, answer["data"]["user"]["email"]) == (200, ana.email)
    assert [one["type"] for one in answer["data"]["methods"]] == ["webauthn"]
    assert later.call("GET", "auth/session")[0] == 200
    assert refused(tried(kind(), credential)), "an answer is good for one question"

    by_password = kind()
    status, answer = by_password.sign_in()
    assert (status, pending(answer)) == (401, ["mfa_authenticate"])
    options = asked(by_password, "auth/webauthn/authenticate")
    assert tried(by_password, key.sign(options), "auth/webauthn/authenticate")[0] == 200


def test_a_passkey_of_another_place_question_or_person_is_refused(ana):
    key = SoftKey()
    caller = signed_in(App)
    for wrong in (
        SoftKey(origin="https://massage.example.net"),
        SoftKey(host="example.net", origin="https://example.net"),
        SoftKey(origin=ORIGIN.replace("https", "http")),
    ):
        assert refused(set_up(caller, wrong))
    assert not Authenticator.objects.exists()
    assert set_up(caller, key)[0] == 200

    forged, elsewhere, likewise = SoftKey(), copy(key), copy(key)
    forged.credential_id, forged.user_handle = key.credential_id, key.user_handle
    elsewhere.origin, likewise.origin = "https://massage.example.net", f"{ORIGIN}.example.net"
    caller = App()
    for one in (forged, elsewhere, likewise, SoftKey()):
        assert refused(tried(caller, one.sign(asked(caller))))
    assert refused(
        tried(caller, key.sign(asked(caller), challenge=websafe_encode(b"another question")))
    )
    assert refused(tried(App(), key.sign(asked(App())))), "asked in another session"
    assert caller.call("GET", "auth/session")[0] == 401
    ana.is_active = False
    ana.save()
    assert tried(caller, key.sign(asked(caller)))[0] == 401


def test_nonsense_for_a_credential_is_refused_and_breaks_nothing(ana):
    key = SoftKey()
    caller = signed_in(App)
    set_up(caller, key)
    new = SoftKey().register(asked(caller, MINE))
    for path, start, sound in ((LOGIN, App(), key.sign(asked(App()))), (MINE, caller, new)):
        asked(start, path)
        wrong = [None, "x", [], 7, {}, {"response": "x"}, sound | {"clientExtensionResults": "x"}]
        wrong += [sound | {name: "AAAA"} for name in ("id", "rawId", "response")]
        wrong.append({name: value for name, value in sound.items() if name != "rawId"})
        for name in sound["response"]:
            for value in (None, 3, "é", "AAAA", websafe_encode(b"[]"), websafe_encode(b"\xa0")):
                wrong.append(sound | {"response": sound["response"] | {name: value}})
        for nonsense in wrong:
            cache.clear()  # the limit of tries is another matter
            assert tried(start, nonsense, path)[0] == 400, (path, nonsense)
