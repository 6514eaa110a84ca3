"""Nobody learns from a clock whether an address is known (fault 42, target R16).

Two hundred known and two hundred unknown addresses, in turn, with the hasher of production.
What is compared is the processor's time of this process, so a busy machine disturbs neither, and
the medians of many small differences, so one slow try decides nothing.
"""

import gc
import time
from collections.abc import Iterator
from statistics import median

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User

TRIES = 200
ALLOWED = 0.10
JSON = "application/json"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(settings) -> list[str]:
    """Runners with a password of the hasher that production uses."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    password = make_password("a long enough pass phrase")
    people = User.objects.bulk_create(
        User(email=f"known{number}@example.com", password=password) for number in range(TRIES + 5)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True)
        for person in people
    )
    return [person.email for person in people]


WAYS = {
    "password": ("account_login", {"password": "not the pass phrase"}, "login"),
    "code": ("account_request_login_code", {}, "email"),
    "reset": ("account_reset_password", {}, "email"),
    "sign_up": ("account_signup", {"name": "Somebody"}, "email"),
    "app_password": ("/_allauth/app/v1/auth/login", {"password": "not it"}, "email"),
    "app_code": ("/_allauth/app/v1/auth/code/request", {}, "email"),
    "app_reset": ("/_allauth/app/v1/auth/password/request", {}, "email"),
    "app_sign_up": ("/_allauth/app/v1/auth/signup", {"name": "Somebody"}, "email"),
}


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_take_as_long(way, known):
    where, fields, name = WAYS[way]
    path = where if where.startswith("/") else reverse(where)
    in_json = where.startswith("/")
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers: dict[str, set[tuple[int, str]]] = {"known": set(), "unknown": set()}
    for kind, email in _in_turn(known):
        client = Client()
        body = fields | {name: email}
        began = time.process_time()
        response = (
            client.post(path, body, content_type=JSON) if in_json else client.post(path, body)
        )
        times[kind].append(time.process_time() - began)
        answers[kind].add((response.status_code, response.get("Location", "")))
        mail.outbox.clear()
        cache.clear()
    gc.enable()

    assert answers["known"] == answers["unknown"], "status and next page are the same"
    assert len(answers["known"]) == 1
    slow, fast = sorted((median(times["known"][5:]), median(times["unknown"][5:])), reverse=True)
    assert (slow - fast) / slow <= ALLOWED, f"{way}: {slow * 1000:.2f} and {fast * 1000:.2f} ms"


def _in_turn(known: list[str]) -> Iterator[tuple[str, str]]:
    """Which comes first changes, or the second would always find warm caches."""
    gc.disable()
    for number, email in enumerate(known):
        pair = [("known", email), ("unknown", f"nobody{number}@example.com")]
        yield from pair if number % 2 else reversed(pair)
