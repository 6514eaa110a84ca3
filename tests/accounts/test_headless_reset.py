"""A new password by allauth's headless API, from asking for the code to signing in with it."""

import pytest
from django.core import mail
from django.core.cache import cache

from tests.accounts.callers import EMAIL, PASSWORD, App, Browser, make_ana, pending
from tests.second_factor import give_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("commits_at_once")]
RESET = "auth/password/reset"
NEW = "another long pass phrase"


@pytest.fixture
def ana():
    return make_ana()


def asked(kind, email=EMAIL):
    caller = kind()
    return caller, caller.call("POST", "auth/password/request", {"email": email})


def shown(caller, code):
    return caller.call("GET", RESET, **{"X-Password-Reset-Key": code})


def sent(caller, code, password=NEW):
    return caller.call("POST", RESET, {"key": code, "password": password})


@pytest.mark.parametrize("kind", [App, Browser])
def test_a_new_password_ends_all_sessions_and_no_factor(kind, ana, code):
    others = [App(), Browser()]
    for other in others:
        assert other.sign_in()[0] == 200
    give_factor(ana)
    caller, (status, answer) = asked(kind)
    assert (status, pending(answer)) == (401, ["password_reset_by_code"])
    read = code()
    assert shown(caller, read)[0] == 200
    assert sent(App(), read)[0] == 409, "a code is good in the session that asked for it"
    status, answer = sent(caller, read, "short")
    assert (status, {one["param"] for one in answer["errors"]}) == (400, {"password"})
    status, answer = sent(caller, read)
    assert (status, answer["meta"]["is_authenticated"], pending(answer)) == (401, False, [])
    assert sent(caller, read)[0] == 409, "once"
    assert "password" in mail.outbox[-1].subject.lower()

    for other in others:
        assert other.call("GET", "auth/session")[0] in (401, 410)
    later = kind()
    assert later.sign_in(PASSWORD)[0] == 400
    status, answer = later.sign_in(NEW)
    assert (status, pending(answer)) == (401, ["mfa_authenticate"])


def test_an_address_that_nobody_has_gets_the_same_answers(ana):
    stories = []
    for email in (EMAIL, "nobody@example.com"):
        cache.clear()  # each from a place where nothing failed yet
        caller, begun = asked(App, email)
        told = [begun, shown(caller, "000000"), sent(caller, "000000", "short")]
        caller, again = asked(App, email)
        told += [again, *(sent(caller, "000000", "password") for _ in range(4))]
        caller, again = asked(App, email)
        told += [again, *(shown(caller, "000000") for _ in range(4))]
        stories.append([(status, _without_token(answer)) for status, answer in told])
    assert stories[0] == stories[1]
    statuses = [status for status, _ in stories[0]]
    assert statuses == [401, 400, 400, 401, 400, 400, 400, 409, 401, 400, 400, 400, 409]


def _without_token(answer):
    return (
        answer
        | {
            "meta": {
                name: "" if "token" in name else value for name, value in answer["meta"].items()
            }
        }
        if "meta" in answer
        else answer
    )
