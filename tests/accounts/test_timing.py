"""Nobody learns from a clock whether an address is known (fault 42, target R16).

For each way in, a hundred known and a hundred unknown addresses in turn. What is compared is this
process's own time on the processor, so that a busy machine disturbs nothing, pair by pair, and the
median of the differences, so that one slow try decides nothing. The hasher is the one of
production with less to do: whether both are hashed is the question, not for how long.
"""

import gc
import time
from collections.abc import Iterator
from statistics import median

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User

PAIRS = 100
WARMING_UP = 5
ALLOWED = 0.10
pytestmark = pytest.mark.django_db


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 4096, 1


@pytest.fixture
def known(settings) -> list[str]:
    """Runners who have a password."""
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]
    settings.ACCOUNT_RATE_LIMITS = False
    password = make_password("a long enough pass phrase")
    people = User.objects.bulk_create(
        User(email=f"known{number}@example.com", password=password)
        for number in range(PAIRS + WARMING_UP)
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
}


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_take_as_long(way, known):
    where, fields, name = WAYS[way]
    path = reverse(where)
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = set()
    gc.disable()
    try:
        for kind, email in _in_turn(known):
            client = Client()
            began = time.process_time()
            response = client.post(path, fields | {name: email})
            times[kind].append(time.process_time() - began)
            answers.add((response.status_code, response.get("Location", "")))
            mail.outbox.clear()
            cache.clear()
    finally:
        gc.enable()

    assert len(answers) == 1, "status and next page are the same"
    pairs = list(zip(times["known"], times["unknown"], strict=True))[WARMING_UP:]
    difference = abs(median(one - other for one, other in pairs))
    usual = median(times["known"][WARMING_UP:])
    assert difference <= ALLOWED * usual, f"{way}: {difference * 1000:.2f} of {usual * 1000:.2f} ms"


def _in_turn(known: list[str]) -> Iterator[tuple[str, str]]:
    """Which comes first changes, or the second would always find warm caches."""
    for number, email in enumerate(known):
        pair = [("known", email), ("unknown", f"nobody{number}@example.com")]
        yield from pair if number % 2 else reversed(pair)
