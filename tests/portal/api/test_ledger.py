"""The books by API: guesses accepted, periods closed, accounts renamed, entries corrected."""

import pytest
import time_machine

from payments.mismatching import open_mismatch
from payments.models import BookRules, JournalEntry, Mismatch, Period
from tests.builders import NOON, make_lot
from tests.portal.staff.conftest import bookkeeper, desk  # noqa: F401 - fixtures used here

pytestmark = pytest.mark.django_db
API = "/api/v1/staff"


@pytest.fixture(autouse=True)
def later():
    with time_machine.travel("2026-04-20 12:00 +0000"):
        yield


@pytest.fixture
def mismatch():
    return open_mismatch("M06", about="MFR-1", at=NOON, amount_minor=5800)


def send(client, method, address, **body):
    return getattr(client, method)(f"{API}{address}", body, content_type="application/json")


def test_a_guess_is_read_and_accepted(bookkeeper, mismatch):  # noqa: F811
    [listed] = bookkeeper.get(f"{API}/mismatches/").json()
    assert (listed["age_days"], listed["owner"]) == (41, None)
    [guess] = listed["suggestions"]
    assert (guess["key"], guess["can_accept"]) == ("keep", True)

    answer = send(bookkeeper, "post", f"/mismatches/{mismatch.pk}/acceptance/", key="keep").json()

    assert (answer["done"], answer["is_settled"]) == ("Kept as a credit.", True)
    assert answer["mismatch"]["suggestions"] == []
    gone = open_mismatch("M06", about="MFR-2", at=NOON)
    refused = send(bookkeeper, "post", f"/mismatches/{gone.pk}/acceptance/", key="nonsense")
    assert (refused.status_code, refused.json()["code"]) == (409, "resolution_error")


def test_it_is_owned_and_commented_on(bookkeeper, mismatch):  # noqa: F811
    address = f"/mismatches/{mismatch.pk}"
    assert send(bookkeeper, "put", f"{address}/owner/", mine=True).json()["owner"] == "Bo Books"
    send(bookkeeper, "post", f"{address}/comments/", text="Called her.")
    [comment] = bookkeeper.get(f"{API}{address}/comments/").json()
    assert (comment["author"], comment["text"]) == ("Bo Books", "Called her.")
    assert send(bookkeeper, "put", f"{address}/owner/", mine=False).json()["owner"] is None
    assert send(bookkeeper, "post", f"{address}/comments/", text=" ").status_code == 409


def test_the_books_are_closed_when_they_are_ready(bookkeeper):  # noqa: F811
    make_lot()
    open_mismatch("M11", about="po_1", at=NOON)
    ready = bookkeeper.get(f"{API}/periods/readiness/?ends_on=2026-03-31").json()
    assert (ready["is_ready"], ready["starts_on"]) == (False, "2026-03-10")
    refused = send(bookkeeper, "post", "/periods/", ends_on="2026-03-31")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_proved")
    Mismatch.objects.all().delete()

    closed = send(bookkeeper, "post", "/periods/", ends_on="2026-03-31", note="March").json()

    assert closed["trial_balance"] == {"GBP": {"1010": 26000, "2000": -26000}}
    assert bookkeeper.get(f"{API}/periods/").json() == [closed]
    assert Period.objects.get().closed_by.name == "Bo Books"


def test_an_account_is_renamed_and_the_rules_are_decided(bookkeeper):  # noqa: F811
    send(bookkeeper, "put", "/accounts/2000/", code="3100", name="Prepaid")
    named = {one["role"]: one for one in bookkeeper.get(f"{API}/accounts/").json()}
    assert named["2000"] == {"role": "2000", "code": "3100", "name": "Prepaid"}
    taken = send(bookkeeper, "put", "/accounts/1000/", code="3100", name="Bank")
    assert (taken.status_code, taken.json()["code"]) == (409, "chart_error")
    assert send(bookkeeper, "put", "/accounts/none/", code="1", name="x").status_code == 404

    rules = {"tax_timing": "redemption", "breakage": "owed"}
    assert send(bookkeeper, "put", "/book-rules/", **rules).json() == rules
    assert BookRules.current().breakage == "owed"


def test_entries_are_corrected_and_reversed_once(bookkeeper):  # noqa: F811
    wanted = {
        "key": "bank-charge-april",
        "debit": "5000",
        "credit": "1000",
        "amount_minor": 1230,
        "on": "2026-04-01",
        "reason": "Bank charge",
    }
    posted = [send(bookkeeper, "post", "/journal/corrections/", **wanted).json() for _ in range(2)]
    assert posted[0] == posted[1]
    [line] = posted[0]["lines"]
    assert (line["debit"], line["credit"], line["amount_minor"]) == ("5000", "1000", 1230)

    address = f"/journal/{posted[0]['id']}/reversal/"
    back = [send(bookkeeper, "post", address, reason="Twice").json() for _ in range(2)]
    assert back[0] == back[1]
    assert JournalEntry.objects.count() == 2
    assert send(bookkeeper, "post", address.replace("/journal/", "/journal/9")).status_code in (
        404,
        422,
    )


def test_the_front_desk_sees_none_of_it(desk, mismatch):  # noqa: F811
    for address in ("/accounts/", "/periods/", "/book-rules/"):
        assert desk.get(f"{API}{address}").status_code == 404
    assert send(desk, "post", "/periods/", ends_on="2026-03-31").status_code == 404
    assert send(desk, "post", f"/mismatches/{mismatch.pk}/acceptance/").status_code == 404
