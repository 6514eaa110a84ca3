"""The till: what should be in it, what was counted, and the difference in the books."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments.balances import balance_of
from payments.cashing_up import (
    AlreadyCounted,
    CashUpError,
    DayNotOver,
    NoteMissing,
    cash_up,
    till_of,
    tills,
)
from payments.chart import Role
from payments.desk_selling import sell_at_desk
from payments.models import CashUp, JournalEntry, RefundRequest
from tests.builders import NOON, make_package, make_runner, make_staff

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
EVENING = NOON + timedelta(hours=8)


@pytest.fixture
def dee():
    return make_staff(name="Dee Desk")


def sell(by, price_minor=5000, method="cash", at=NOON):
    return sell_at_desk(
        buyer=make_runner(),
        package=make_package(price_minor=price_minor),
        method=method,
        by=by,
        at=at,
        key=uuid.uuid4(),
    )


def pay_back(order, amount_minor, by, at=NOON, **values):
    return RefundRequest.objects.create(
        **{
            "order": order,
            "attempt": order.attempts.get(),
            "number": 1,
            "method": "cash",
            "amount_minor": amount_minor,
            "status": "succeeded",
            "requested_by": by,
            "requested_at": at,
            "settled_at": at,
            "idempotency_key": str(uuid.uuid4()),
        }
        | values
    )


def count(person, counted_minor, note="", **values) -> CashUp:
    return cash_up(
        **{
            "person": person,
            "on": TODAY,
            "currency": "GBP",
            "counted_minor": counted_minor,
            "note": note,
            "by": person,
            "at": EVENING,
        }
        | values
    )


def drawer() -> int:
    return balance_of(Role.CASH_DRAWER, currency="GBP")


def test_a_till_is_cash_sales_less_cash_paid_back(dee):
    order = sell(dee, 5000)
    sell(dee, 3000)
    sell(dee, 7000, "terminal")
    sell(dee, 9000, "transfer")
    pay_back(order, 1200, dee)
    pay_back(sell(dee, 500, "terminal"), 500, dee, method="card")

    till = till_of(person=dee, on=TODAY, currency="GBP")

    assert (till.cash_minor, till.cash_back_minor, till.expected_minor) == (8000, 1200, 6800)
    assert (till.terminal_minor, till.transfer_minor) == (7500, 9000)


@pytest.mark.parametrize("status", ["requested", "pending", "failed", "canceled"])
def test_cash_that_was_not_handed_back_is_still_there(dee, status):
    settled = None if status in ("requested", "pending") else NOON
    pay_back(sell(dee, 5000), 1000, dee, status=status, settled_at=settled)

    assert till_of(person=dee, on=TODAY, currency="GBP").expected_minor == 5000


def test_each_person_and_day_has_a_till_by_the_practices_clock(dee):
    other = make_staff(name="Ada")
    summer = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight in London
    sell(dee, at=summer)
    sell(other, at=summer - timedelta(hours=2))

    found = tills(start=date(2026, 7, 1), end=date(2026, 7, 3))

    assert [(till.on.day, till.person) for till in found] == [(1, other), (2, dee)]
    assert tills(start=date(2026, 7, 1), end=date(2026, 7, 3), person=dee) == found[1:]


def test_a_right_count_posts_nothing(dee):
    sell(dee)

    assert count(dee, 5000).difference_minor == 0
    assert not JournalEntry.objects.filter(kind="cash difference").exists()


@pytest.mark.parametrize(("counted", "cost"), [(4800, 200), (5150, -150)])
def test_a_difference_goes_to_its_account_with_a_note(dee, counted, cost):
    sell(dee)

    kept = count(dee, counted, "Miscounted the change")

    assert kept.difference_minor == -cost
    assert drawer() == counted
    assert balance_of(Role.CASH_DIFFERENCES, currency="GBP") == cost
    entry = JournalEntry.objects.get(kind="cash difference")
    assert (entry.actor, entry.reason) == (dee, "Miscounted the change")


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"counted_minor": 4999, "note": "  "}, NoteMissing),
        ({"counted_minor": -1}, CashUpError),
        ({"counted_minor": 10**15}, CashUpError),
        ({"counted_minor": 5000, "on": TODAY + timedelta(days=1)}, DayNotOver),
    ],
)
def test_a_refusal_writes_nothing(dee, values, refused):
    sell(dee)

    with pytest.raises(refused):
        count(dee, **values)

    assert not CashUp.objects.exists()
    assert drawer() == 5000


def test_the_same_count_twice_is_one(dee):
    sell(dee)

    assert count(dee, 4900, "Short") == count(dee, 4900, "Short")
    assert drawer() == 4900


def test_another_count_has_to_be_meant_and_explained(dee):
    sell(dee)
    count(dee, 4900, "Short")

    with pytest.raises(AlreadyCounted, match="counted already"):
        count(dee, 5000, "Found it")
    with pytest.raises(NoteMissing):
        count(dee, 5000, again=True)
    count(dee, 5000, "Found it under the tray", again=True)

    assert drawer() == 5000
    assert balance_of(Role.CASH_DIFFERENCES, currency="GBP") == 0
    assert JournalEntry.objects.filter(kind="cash difference").count() == 2


def test_cash_taken_after_the_count_shows(dee):
    sell(dee)
    count(dee, 5000)
    assert not till_of(person=dee, on=TODAY, currency="GBP").is_stale

    sell(dee, 100)

    assert till_of(person=dee, on=TODAY, currency="GBP").is_stale


def test_a_till_nobody_sold_from_can_be_counted(dee):
    count(dee, 0)

    assert [till.expected_minor for till in tills(start=TODAY, end=TODAY + timedelta(days=1))] == [
        0
    ]


def test_the_database_keeps_one_count_that_adds_up(dee):
    values = {"on": TODAY, "person": dee, "made_at": NOON, "made_by": dee}
    with pytest.raises(IntegrityError), transaction.atomic():
        CashUp.objects.create(expected_minor=1, counted_minor=2, difference_minor=2, **values)
    sums = {"expected_minor": 1, "counted_minor": 2, "difference_minor": 1}
    CashUp.objects.create(**sums, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashUp.objects.create(**sums, **values)


def test_reading_costs_the_same_with_more_people(dee):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tills(start=TODAY, end=TODAY + timedelta(days=1))
        return len(queries)

    sell(dee)
    before = cost()
    for number in range(3):
        sell(make_staff(name=f"Person {number}"))

    assert cost() == before == 4


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(counts=st.lists(st.integers(0, 9000), min_size=1, max_size=4))
def test_after_any_counts_the_drawer_holds_the_last_one(counts):
    """Counted and counted again, the books follow the last count to the penny."""
    with transaction.atomic():
        person = make_staff()
        sell(person)
        for counted in counts:
            count(person, counted, "Counted", again=True)

        assert drawer() == counts[-1]
        transaction.set_rollback(True)
