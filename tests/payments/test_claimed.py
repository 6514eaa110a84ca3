"""What was bought before anybody signed in, and whose it becomes (R2)."""

import re
import threading
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.joining import find_or_add
from accounts.models import Message, User
from accounts.outbox import send_due
from payments.models import CreditLot, Order
from tests.builders import make_lot, make_runner

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
ADDRESS = "ana.ortiz@example.org"


@pytest.fixture
def guest(db) -> User:
    """Bought at the desk by the address she named; nobody ever signed in with it."""
    person = make_runner(ADDRESS, "Ana Ortiz")
    make_lot(person)
    return person


def code_sent() -> str:
    found = re.fullmatch(r"Your code: (\d{6})", mail.outbox[-1].subject)
    assert found
    return found[1]


def sign_in(email: str, client: Client | None = None) -> Client:
    client = client or Client()
    cache.clear()
    asked = client.post("/accounts/login/code/", {"email": email})
    client.post(asked.url, {"code": code_sent()})
    return client


def told() -> int:
    return Message.objects.filter(kind="account_claimed").count()


def test_the_code_read_at_the_address_opens_what_was_bought_for_it(guest):
    her = sign_in(ADDRESS)
    text = her.get("/account/").content.decode()
    assert "5 credits left" in text
    assert "What was bought for it before is in your account." in text
    send_due(at=datetime.now(UTC))
    letter = next(one for one in mail.outbox if one.subject == "Your account is open")
    assert letter.to == [ADDRESS]
    assert "5 sessions: 5 of 5 left" in letter.body
    sign_in(ADDRESS)
    assert told() == 1


def test_nothing_is_told_to_somebody_for_whom_nothing_waited(db):
    page = sign_in("new@example.org").get("/account/").content.decode()
    assert "bought for it before" not in page
    assert told() == 0


def test_without_the_code_nothing_is_usable(guest):
    visitor = Client()
    visitor.post("/accounts/login/code/", {"email": ADDRESS})
    assert visitor.get("/account/credits/").status_code == 302
    assert visitor.get("/api/v1/credits/").status_code == 401
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_the_same_mailbox_in_capitals_is_the_same_person(guest):
    assert "5 credits left" in sign_in("Ana.Ortiz@Example.ORG").get("/account/").content.decode()
    assert User.objects.count() == 1


SIMILAR = st.sampled_from(
    [
        "anaortiz@example.org",
        "ana.ortiz+run@example.org",
        "ana-ortiz@example.org",
        "ana.ortiz@example.com",
        "ana.ortiz@mail.example.org",
        "ana.ort\u0131z@example.org",  # a dotless i
        "\u0430na.ortiz@example.org",  # a Cyrillic a
        "an\u00e1.ortiz@example.org",
        "ana.ortiz@ex\u0430mple.org",
        "ana.ortiz\u200b@example.org",
        "\uff41na.ortiz@example.org",  # a wide a
        "ana.ortiz@example.org.uk",
    ]
)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(SIMILAR, st.booleans())
def test_an_address_that_only_looks_alike_is_somebody_else(guest, similar, upper):
    found = find_or_add(similar.upper().lower() if upper else similar, at=AT)
    assert found is not None
    assert found.pk != guest.pk
    assert CreditLot.objects.of(found).count() == 0


def test_taking_the_address_of_a_guest_moves_nothing(guest):
    """Eve has an account of her own and names the guest's address as her new one."""
    eve = make_runner("eve@example.org", "Eve")
    EmailAddress.objects.create(user=eve, email=eve.email, verified=True, primary=True)
    client = Client()
    client.force_login(eve)
    client.post("/accounts/email/", {"action_add": "", "email": ADDRESS})
    eve.refresh_from_db()
    assert eve.email == "eve@example.org"
    assert Order.objects.of(eve).count() == CreditLot.objects.of(eve).count() == 0
    assert CreditLot.objects.of(guest).count() == 1
    assert told() == 0


def test_what_was_bought_stays_with_the_person_when_she_changes_her_address(guest):
    sign_in(ADDRESS)
    guest.email = "ana@new.example"
    guest.save()
    EmailAddress.objects.filter(user=guest).update(email=guest.email)
    later = sign_in(ADDRESS)  # whoever has the mailbox now
    assert "5 credits left" not in later.get("/account/").content.decode()
    assert CreditLot.objects.of(guest).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_claim_once():
    guest = make_runner(ADDRESS, "Ana Ortiz")
    make_lot(guest)
    devices = []
    for _ in range(2):
        client = Client()
        cache.clear()
        asked = client.post("/accounts/login/code/", {"email": ADDRESS})
        devices.append((client, asked.url, code_sent()))
    together = threading.Barrier(2)

    def confirm(client: Client, url: str, code: str) -> None:
        together.wait()
        client.post(url, {"code": code})
        connection.close()

    threads = [threading.Thread(target=confirm, args=device) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("_auth_user_id" in client.session for client, _, _ in devices)
    assert EmailAddress.objects.filter(email=ADDRESS, verified=True).count() == 1
    assert (User.objects.count(), told()) == (1, 1)
