"""Limits on signing in: over processes, without Redis, and whoever claims to be somebody else."""

import base64
import json
import os
import pickle
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisAway

from accounts import failed_tries
from accounts.models import User
from portal import caches
from tests.second_factor import digits, give_factor, proved_just_now

LOGIN = reverse("account_login")
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def ana(db):
    ana = User.objects.create_user("ana@example.com", PASSWORD)
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return ana


@pytest.fixture
def dead_redis(db, settings, monkeypatch):
    """Redis at a port nobody listens on, and the database to stand in."""
    monkeypatch.setattr(caches, "_away", caches._Away())
    settings.CACHES = {
        "default": {
            "BACKEND": "portal.caches.RedisOrDatabase",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 0.5},
        },
        "database": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
        },
    }
    call_command("createcachetable", verbosity=0)


def _try(client, email, password="wrong", **more):
    response = client.post(LOGIN, {"login": email, "password": password}, **more)
    assert response.status_code < 500
    return response


def _was_refused_as_too_many(response):
    return response.status_code == 429 or "a lot of tries" in response.content.decode()


def test_processes_and_threads_count_together(tmp_path):
    """Two processes of three threads: one account takes five tries, however many ask at once."""
    database = tmp_path / "shared.sqlite3"
    with closing(sqlite3.connect(database)) as connection:  # as createcachetable makes it
        connection.execute(
            "CREATE TABLE cache (cache_key varchar(255) PRIMARY KEY, value text, expires datetime)"
        )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{database}",
        "REDIS_URL": "",
    }

    def try_five_times_each_thread(_number):
        command = [sys.executable, "-m", "tests.accounts.counting_tries", "5"]
        return int(subprocess.check_output(command, env=environment, text=True))

    with ThreadPoolExecutor(2) as two:
        assert sum(two.map(try_five_times_each_thread, range(2))) == 5
    with closing(sqlite3.connect(database)) as connection:
        counts = connection.execute(
            "SELECT value FROM cache WHERE cache_key LIKE ':1:failed_tries:%' AND"
            " cache_key NOT LIKE '%lock'"
        ).fetchall()
    failed = sum(pickle.loads(base64.b64decode(value)) for (value,) in counts)  # noqa: S301 - ours
    assert 15 < failed <= 30, "one process alone makes fifteen"


def test_without_redis_people_sign_in_and_limits_hold(dead_redis, ana):
    assert _try(Client(), ana.email, PASSWORD).status_code == 302

    answers = [_try(Client(), ana.email) for _ in range(6)]
    assert [_was_refused_as_too_many(answer) for answer in answers] == [False] * 5 + [True]
    assert _was_refused_as_too_many(_try(Client(), ana.email, PASSWORD)), "the right one as well"
    ask = reverse("account_request_login_code")
    codes = [Client().post(ask, {"email": "kit@example.com"}) for _ in range(4)]
    assert [answer.status_code for answer in codes] == [302, 302, 302, 200]
    assert "That is a lot of tries" in codes[-1].content.decode()


def test_redis_is_not_waited_for_again_at_once_and_begins_empty(dead_redis, monkeypatch):
    asked = []

    def away(self, *args, **kwargs):
        asked.append(args)
        raise RedisAway

    held = {"diary": "of before"}
    with monkeypatch.context() as patch:
        patch.setattr(caches.RedisCache, "set", away)
        cache.set("diary", "of now")
        cache.set("other", 1)
    assert len(asked) == 1, "the second went to the database at once"
    assert cache.get("diary") == "of now"

    monkeypatch.setattr(caches.RedisCache, "clear", lambda self: held.clear())
    monkeypatch.setattr(
        caches.RedisCache, "get", lambda self, key, default=None, **more: held.get(key, default)
    )
    caches._away.until = 0.0  # the pause is over
    assert cache.get("diary") is None, "what Redis kept of before is not believed"


def test_ten_tries_a_minute_from_one_place_whatever_the_header_says(client, ana, settings):
    """Fault 43: another account each time, and another forwarded address each time."""
    answers = [
        _try(client, f"runner{number}@example.com", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(11)
    ]
    assert [_was_refused_as_too_many(answer) for answer in answers] == [False] * 10 + [True]


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        (2, "10.9.9.9, 203.0.113.7, 198.51.100.1", "203.0.113.7"),
        (2, "203.0.113.7", "127.0.0.1"),
        (1, None, "127.0.0.1"),
    ],
)
def test_only_trusted_hops_say_who_asks(settings, proxies, header, seen):
    from accounts.adapter import AccountAdapter

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().post(LOGIN, headers={"X-Forwarded-For": header} if header else {})
    assert AccountAdapter().get_client_ip(request) == seen


def test_guessing_digits_is_limited_too(client, ana):
    give_factor(ana)
    _try(client, ana.email, PASSWORD)
    page = reverse("mfa_authenticate")
    answers = [client.post(page, {"code": "000000"}) for _ in range(6)]
    assert "a lot of tries" in answers[-1].content.decode()
    assert client.post(page, {"code": digits()}).status_code == 200, "the right ones as well"


def test_one_account_from_a_hundred_places(ana, settings):
    """Fault 43: whoever has many addresses guesses no faster for it."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = [
        _try(Client(), ana.email, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(12)
    ]
    assert sum(not _was_refused_as_too_many(answer) for answer in answers) <= 10
    assert _was_refused_as_too_many(answers[-1])


def test_every_door_is_shut_to_whoever_failed_ten_times(client, ana):
    """Codes and passwords are counted together, and a factor of one's own wipes nothing."""
    give_factor(ana)
    for number in range(8):
        _try(client, f"runner{number}@example.com")
    client.post(reverse("account_request_login_code"), {"email": "kit@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": "000000"})
    thief = Client()
    _try(thief, ana.email, PASSWORD)
    assert thief.post(reverse("mfa_authenticate"), {"code": digits()}).status_code == 302
    assert not _was_refused_as_too_many(_try(Client(), "another@example.com"))

    for page in set(failed_tries.PAGES) - set(failed_tries.OF_SIGNED_IN):
        assert client.post(reverse(page), {"code": digits()}).status_code == 429, page
    for operation in set(failed_tries.OPERATIONS) - set(failed_tries.OF_SIGNED_IN):
        for kind in ("app", "browser"):
            answer = client.post(reverse(f"headless:{kind}:{operation}"), {}, "application/json")
            assert (answer.status_code, answer.json()["status"]) == (429, 429), operation
    for kind in ("app", "browser"):  # the code stands in a header
        path = f"/_allauth/{kind}/v1/auth/password/reset"
        assert client.get(path, headers={"X-Password-Reset-Key": "AAAA"}).status_code == 429
    assert Client().get(LOGIN).status_code == 200, "reading is no try"


def test_codes_of_many_addresses_are_guessed_ten_times_a_minute(db):
    """Each code takes three tries; whoever asks for many gets no more of them."""
    confirm, guesses = reverse("account_confirm_login_code"), []
    for number in range(4):
        visitor = Client()
        email = f"runner{number}@example.com"
        visitor.post(reverse("account_request_login_code"), {"email": email})
        guesses += [visitor.post(confirm, {"code": "000000"}).status_code for _ in range(3)]
    assert guesses[:10].count(429) == 0
    assert guesses[10:] == [429, 429]


def test_a_success_does_not_wipe_the_count_of_failures(client, ana):
    """Or a thief with an account of their own would clear the count between guesses."""
    request = RequestFactory().post(LOGIN)
    for _ in range(4):
        _try(Client(), ana.email)
    assert _try(Client(), ana.email, PASSWORD).status_code == 302
    _try(Client(), ana.email)
    assert _was_refused_as_too_many(_try(Client(), ana.email))
    assert ratelimit.consume(request, action="login_failed", key="somebody@example.com")


def _fill_the_place():
    """Somebody in the waiting room's network fails until nobody there is listened to."""
    for number in range(10):
        _try(Client(), f"runner{number}@example.com")
    assert _was_refused_as_too_many(_try(Client(), "runner@example.com"))


def test_a_passkey_is_looked_at_whoever_else_failed_there(ana, client):
    """There is nothing to guess, so it is not counted either."""
    give_factor(ana)
    at_the_desk, asked_again = Client(), proved_just_now(Client(), ana)
    _try(at_the_desk, ana.email, PASSWORD)
    passkey = {"credential": "{}"}
    for _ in range(12):
        assert client.post(reverse("mfa_login_webauthn"), passkey).status_code == 302
    assert not _was_refused_as_too_many(_try(Client(), "kit@example.com"))
    _fill_the_place()

    assert client.post(reverse("mfa_login_webauthn"), passkey).status_code == 302
    shown = at_the_desk.post(reverse("mfa_authenticate"), passkey)
    assert shown.status_code == 200
    assert "a lot of tries" not in shown.content.decode()
    assert asked_again.post(reverse("mfa_reauthenticate_webauthn"), passkey).status_code == 302
    for kind in ("app", "browser"):
        path = reverse(f"headless:{kind}:mfa:login_webauthn")
        assert client.post(path, {"credential": {}}, "application/json").status_code == 400


def test_whoever_is_signed_in_is_asked_again_by_her_own_count(ana):
    """Not shut out by others of her network, and by no door once she failed ten times herself."""
    kit = User.objects.create_user("kit@example.com", PASSWORD)
    hers, kits = proved_just_now(Client(), ana), proved_just_now(Client(), kit)
    app = {"X-Session-Token": proved_just_now(Client(), ana).session.session_key}
    again, change = reverse("account_reauthenticate"), reverse("account_change_password")
    by_app = reverse("headless:app:account:reauthenticate")
    _fill_the_place()
    for number in range(5):
        if number < 4:
            assert hers.post(again, {"password": "wrong"}).status_code == 200
        old = {"oldpassword": "wrong", "password1": "seven otters", "password2": "seven otters"}
        assert hers.post(change, old).status_code == 200
    answer = Client().post(by_app, {"password": "wrong"}, "application/json", headers=app)
    assert answer.status_code == 400

    for page in (again, change, reverse("mfa_reauthenticate")):
        assert hers.post(page, {"password": PASSWORD}).status_code == 429, page
    for operation in ("account:reauthenticate", "account:change_password", "mfa:reauthenticate"):
        body = json.dumps({"password": PASSWORD, "current_password": PASSWORD})
        how = {"data": body, "content_type": "application/json"}
        of_app = Client().post(reverse(f"headless:app:{operation}"), **how, headers=app)
        of_browser = hers.post(reverse(f"headless:browser:{operation}"), **how)
        assert (of_app.status_code, of_browser.status_code) == (429, 429), operation
    assert kits.post(again, {"password": PASSWORD}).status_code == 302


def test_a_wrong_password_costs_few_statements(dead_redis, ana):
    """While the database stands in for Redis, each look at a limit is paid for there."""
    _try(Client(), ana.email)
    with CaptureQueriesContext(connection) as asked:
        _try(Client(), ana.email)
    of_cache = [one["sql"] for one in asked.captured_queries if '"cache"' in one["sql"]]
    assert len(of_cache) <= 33


def test_with_redis_all_are_counted_in_one_step_without_a_lock(dead_redis, monkeypatch):
    """Also when Redis goes away between adding the count and raising it."""
    request, keys, raised = RequestFactory().post(LOGIN), [], mock.Mock(return_value=1)
    monkeypatch.setattr(failed_tries, "_consume", mock.Mock())
    monkeypatch.setattr(caches.RedisCache, "add", lambda self, key, *args, **how: keys.append(key))
    monkeypatch.setattr(caches.RedisCache, "incr", raised)
    for _ in range(3):
        failed_tries.count(request)
    assert raised.call_count == 3
    [key] = set(keys)

    raised.side_effect = RedisAway
    failed_tries.count(request)
    assert cache.get(key) == 1
