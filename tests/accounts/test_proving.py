"""A code to her address proves again who she is, where she has neither password nor factor."""

import io
import zipfile

import pytest
from django.core import mail
from django.test import Client, RequestFactory

from accounts import failed_tries
from accounts.erasing import open_request
from accounts.fresh import FRESH_FOR
from tests.builders import make_runner
from tests.second_factor import give_factor, proved_just_now

EXPORT = "/account/privacy/export/"
LEAVE = "/account/privacy/deletion/"
PAGE = "/account/security/code/"
PROOF = "/api/v1/me/proof/"
BY_API = {"HTTP_SEC_FETCH_SITE": "same-origin", "content_type": "application/json"}


@pytest.fixture
def ana(db):
    ana = make_runner("ana@example.org", "Ana Ortiz")
    ana.set_unusable_password()
    ana.save()
    return ana


def signed_in_long_ago(person) -> Client:
    return proved_just_now(Client(), person, seconds_ago=FRESH_FOR + 1)


def asked(client: Client, path: str, **typed: str) -> str:
    """The page that wants the proof."""
    response = client.post(path, typed)
    assert response.status_code == 302
    assert response.url.startswith(f"{PAGE}?next=")
    return response.url


def test_her_file_comes_after_the_code_and_she_stays_signed_in(ana, code):
    client = signed_in_long_ago(ana)
    session = client.session.session_key
    page = asked(client, EXPORT)
    shown = client.get(page).content.decode()
    assert "ana@example.org" in shown
    assert mail.outbox == [], "looking sends nothing"
    assert (
        'autocomplete="one-time-code"'
        in client.post(page, {"action": "send"}, follow=True).content.decode()
    )
    assert [letter.to for letter in mail.outbox] == [[ana.email]]

    wrong = client.post(page, {"code": "000000" if code() != "000000" else "000001"})
    assert wrong.status_code == 422
    assert "2 tries left" in wrong.content.decode()
    file = client.post(page, {"code": f" {code()} "})

    assert zipfile.is_zipfile(io.BytesIO(file.content))
    assert client.session.session_key != session, "a new key for what was proved"
    assert client.post(page, {"code": code()}).url == EXPORT, "once is enough"
    assert client.get(EXPORT).url == "/account/privacy/"


def test_what_she_typed_to_leave_is_carried_out_and_a_look_comes_back(ana, code):
    client = signed_in_long_ago(ana)
    assert client.get(LEAVE).url == f"{PAGE}?next=%2Faccount%2Fprivacy%2Fdeletion%2F"
    page = asked(client, LEAVE, typed="delete")
    client.post(page, {"action": "send"})
    assert open_request(ana) is None

    done = client.post(page, {"code": code()}, follow=True).content.decode()

    assert "Your account will be deleted" in done
    assert open_request(ana) is not None
    assert client.get(LEAVE).status_code == 200


def test_tries_and_codes_are_few_and_a_code_is_for_one_session_and_a_while(ana, code):
    client, other = signed_in_long_ago(ana), signed_in_long_ago(ana)
    page = asked(client, EXPORT)
    asked(other, EXPORT)
    client.post(page, {"action": "send"})
    assert "no longer works" in other.post(page, {"code": code()}, follow=True).content.decode()
    for _ in range(3):
        last = client.post(page, {"code": "not it"}, follow=True).content.decode()
    assert "no longer works" in last
    assert "Send a code to my address" in last
    assert client.post(page, {"code": code()}).status_code == 302
    assert asked(client, EXPORT), "still not proven"

    client.post(page, {"action": "send"})
    session = client.session
    session["proving_by_code"] |= {"at": session["proving_by_code"]["at"] - 15 * 60 - 1}
    session.save()
    client.post(page, {"code": code()})
    assert asked(client, EXPORT), "too old"
    client.post(page, {"action": "send"})
    ana.email = "new@example.org"
    ana.save()
    client.post(page, {"code": code()})
    assert asked(client, EXPORT), "of an address she has no more"
    ana.email = "ana@example.org"
    ana.save()
    sent = len(mail.outbox)
    refused = client.post(page, {"action": "send"}, follow=True).content.decode()
    assert "many codes in a short time" in refused
    assert len(mail.outbox) == sent


def test_after_ten_wrong_tries_of_hers_the_right_code_waits_by_page_and_api(ana, code):
    client = signed_in_long_ago(ana)
    page = asked(client, EXPORT)
    client.post(page, {"action": "send"})
    for _ in range(10):
        failed_tries.count(RequestFactory().post(PAGE), by=ana)
    refused = client.post(page, {"code": code()})
    assert refused.status_code == 429
    assert "Please wait a minute" in refused.content.decode()
    refused = client.put(PROOF, {"code": code()}, **BY_API)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")


def test_what_strangers_ask_and_guess_keeps_her_from_nothing(ana, code, caplog):
    """Neither codes to her address from elsewhere, nor passwords from her own network."""
    for _ in range(4):
        Client().post("/accounts/login/code/", {"email": ana.email})
    for number in range(11):
        typed = {"login": f"runner{number}@example.com", "password": "wrong"}
        assert Client().post("/accounts/login/", typed).status_code == (200 if number < 10 else 429)
    client = signed_in_long_ago(ana)
    page = asked(client, EXPORT)
    client.post(page, {"action": "send"})
    assert zipfile.is_zipfile(io.BytesIO(client.post(page, {"code": code()}).content))

    caplog.clear()
    for _ in range(3):
        signed_in_long_ago(ana).post(PROOF, **BY_API)
    [noted] = [line for line in caplog.messages if line.startswith("too_many_tries")]
    assert f"who={ana.public_id}" in noted


def test_a_mailbox_stands_in_for_no_password_and_no_factor(ana):
    give_factor(ana)
    client = signed_in_long_ago(ana)
    assert client.post(EXPORT).url.startswith("/accounts/2fa/reauthenticate/")
    assert client.get(f"{PAGE}?next={LEAVE}").url.startswith("/accounts/reauthenticate/?next=")
    client.post(PAGE, {"action": "send"})
    refused = client.post(PROOF, **BY_API)
    assert (refused.status_code, refused.json()["code"]) == (409, "more_to_show")
    assert client.post("/api/v1/me/export/", **BY_API).json()["flows"] == ["mfa_reauthenticate"]
    assert mail.outbox == []


def test_nothing_is_sent_while_the_mail_server_is_away_and_the_page_says_so(ana, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_proving.Away"
    client = signed_in_long_ago(ana)
    page = asked(client, EXPORT)
    shown = client.post(page, {"action": "send"}, follow=True)
    assert shown.redirect_chain[-1][0] == page
    assert "Send a code to my address" in shown.content.decode()
    refused = client.post(PROOF, **BY_API)
    assert (refused.status_code, refused.json()["code"]) == (503, "mail_unavailable")


class Away:
    def __init__(self, *args: object, **kwargs: object) -> None:
        raise OSError("no mail server")


@pytest.mark.parametrize("kind", ["app", "browser"])
def test_the_same_by_api(ana, code, kind):
    client = signed_in_long_ago(ana)
    how = dict(BY_API)
    if kind == "app":
        how = {
            "headers": {"X-Session-Token": client.session.session_key},
            "content_type": "application/json",
        }
        client = Client()

    def call(method: str, path: str, body: object = None) -> object:
        response = getattr(client, method)(path, body, **how)
        assert kind == "browser" or not response.cookies, "a token is all an app has"
        return response

    for path, body in (("export/", {}), ("erasure/", {"confirm": "delete"})):
        refused = call("post", f"/api/v1/me/{path}", body)
        assert refused.status_code == 401
        assert (refused.json()["code"], refused.json()["flows"]) == (
            "sign_in_again",
            ["prove_by_code"],
        )
    early = call("put", PROOF, {"code": "123456"})
    assert (early.status_code, early.json()["code"]) == (409, "code_expired")
    assert call("post", PROOF).status_code == 204
    wrong = call("put", PROOF, {"code": "not it"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_code")
    assert call("put", PROOF, {"code": code()}).status_code == 204
    assert call("post", "/api/v1/me/export/").status_code == 200
    asked = call("post", "/api/v1/me/erasure/", {"confirm": "delete"})
    assert asked.status_code == 201
    for _ in range(3):
        last = call("post", PROOF)
    assert (last.status_code, last.json()["code"]) == (429, "too_many_codes")
    assert last["Retry-After"]
    assert Client().post(PROOF, **BY_API).status_code == 401
