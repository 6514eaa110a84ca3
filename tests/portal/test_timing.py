"""Nobody learns from a clock whether an address is known (fault 42, target R16).

For each way in, a hundred known and a hundred unknown addresses in turn. What is compared is this
process's own time on the processor, so that a busy machine disturbs little, pair by pair, and the
median of the differences, so that one slow try decides nothing. What is found too far apart is
measured once more with other addresses, and all pairs together decide. The hasher is the one of
production with less to do: whether both are hashed is the question, not for how long.

The headless calls go through the same acts, with the same adapter.
"""

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
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
WAYS = {
    "password": ("account_login", {"password": "not the pass phrase"}, "login"),
    "code": ("account_request_login_code", {}, "email"),
    "reset": ("account_reset_password", {}, "email"),
    "sign_up": ("account_signup", {"name": "Somebody"}, "email"),
}


class QuickArgon2(Argon2PasswordHasher):
    time_cost, memory_cost, parallelism = 1, 4096, 1


@dataclass
class Measured:
    """Processor time of known and unknown addresses, in pairs, and the answers there were."""

    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)
    answers: set[tuple[int, str]] = field(default_factory=set)

    @property
    def apart(self) -> float:
        """How far the two are apart, as a share of what a known address takes."""
        pairs = zip(self.known, self.unknown, strict=True)
        return abs(median(one - other for one, other in pairs)) / median(self.known)


@pytest.mark.parametrize("way", WAYS)
def test_known_and_unknown_addresses_take_as_long(way, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickArgon2"]
    settings.ACCOUNT_RATE_LIMITS = False
    measured = Measured()

    _measure(way, measured, _runners("first"))
    if measured.apart > ALLOWED:
        _measure(way, measured, _runners("again"))

    assert len(measured.answers) == 1, "status and next page are the same"
    assert len(measured.known) >= PAIRS
    assert measured.apart <= ALLOWED, f"{way}: {measured.apart:.1%} apart"


def _runners(which: str) -> list[str]:
    """Addresses of people who have a password."""
    password = make_password("a long enough pass phrase")
    people = User.objects.bulk_create(
        User(email=f"{which}{number}@example.com", password=password)
        for number in range(PAIRS + WARMING_UP)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True)
        for person in people
    )
    return [person.email for person in people]


def _measure(way: str, measured: Measured, runners: list[str]) -> None:
    where, fields, name = WAYS[way]
    path = reverse(where)
    gc.collect()
    gc.disable()
    try:
        for number, (kind, email) in enumerate(_in_turn(runners)):
            client = Client()
            began = time.process_time()
            response = client.post(path, fields | {name: email})
            took = time.process_time() - began
            measured.answers.add((response.status_code, response.get("Location", "")))
            if number >= 2 * WARMING_UP:
                getattr(measured, kind).append(took)
            mail.outbox.clear()
            cache.clear()
    finally:
        gc.enable()


def _in_turn(runners: list[str]) -> Iterator[tuple[str, str]]:
    """Which comes first changes, or the second would always find warm caches."""
    for number, email in enumerate(runners):
        pair = [("known", email), ("unknown", email.replace("@", "x@"))]
        yield from pair if number % 2 else reversed(pair)
