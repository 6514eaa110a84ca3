"""What was bought before anybody signed in, and whose it becomes (R2)."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
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


LOOK_ALIKE = st.sampled_from("aoi\u0430\u0131\u00e1\uff41\u200b.+-_1l")


@st.composite
def similar(draw) -> str:
    """The guest's address with one or two letters put in, taken out or changed for a look-alike."""
    address = ADDRESS
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(address) - 1))
        instead = draw(st.one_of(LOOK_ALIKE, st.just("")))
        address = address[:at] + instead + address[at + draw(st.integers(0, 1)) :]
    return address


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(similar())
def test_an_address_that_only_looks_alike_is_somebody_else(guest, address):
    found = find_or_add(address, at=AT)
    assert found is not None
    assert (found.pk == guest.pk) is (address == ADDRESS)


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


def test_two_devices_that_both_wait_for_a_code_claim_once(guest):
    devices = []
    for _ in range(2):
        client = Client()
        cache.clear()
        asked = client.post("/accounts/login/code/", {"email": ADDRESS})
        devices.append((client, asked.url, code_sent()))
    for client, url, code in devices:
        client.post(url, {"code": code})
        assert "5 credits left" in client.get("/account/").content.decode()
    assert (User.objects.count(), told()) == (1, 1)
