"""Tax at the sale or with each session: two settings, the same cents, the same proofs."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.balances import balance_of
from payments.chart import Role
from payments.crediting import expire_due, reserve, take_back_use, use
from payments.invariants import breaches
from payments.models import BookRules, JournalEntry, OrderLine, TaxTiming
from payments.money import tax_inside
from tests.builders import NOON, make_lot


def decide(timing=TaxTiming.SALE, breakage=BookRules.Breakage.REVENUE):
    BookRules.objects.update_or_create(pk=1, defaults={"tax_timing": timing, "breakage": breakage})


def sell(**values):
    return make_lot(price_minor=values.pop("price_minor", 12000), tax_rate_bp=2000, **values)


def hold_one(lot):
    booking = uuid.uuid4()
    reserve(
        owner=lot.owner,
        variant=lot.variants.get(),
        booking_id=booking,
        session_on=NOON.date(),
        by=None,
        at=NOON,
        lot=lot,
    )
    return booking


def finish(booking, *, late=False):
    use(booking_id=booking, by=None, at=NOON, effective_at=NOON, reason="Done", late=late)


def figures(*roles):
    return {role: -balance_of(role) for role in roles if balance_of(role)}


TAX = (Role.TAX_DEFERRED, Role.TAX_PAYABLE)
OWN = (*TAX, Role.DEFERRED, Role.SESSION_REVENUE, Role.LATE_REVENUE, Role.BREAKAGE, Role.UNCLAIMED)


def test_tax_at_the_sale_is_owed_at_once_and_sessions_move_none(db):
    decide(TaxTiming.SALE)
    lot = sell(units=3)
    assert figures(*OWN) == {Role.DEFERRED: 10000, Role.TAX_PAYABLE: 2000}

    finish(hold_one(lot))

    assert figures(*OWN) == {
        Role.DEFERRED: 6666,
        Role.SESSION_REVENUE: 3334,
        Role.TAX_PAYABLE: 2000,
    }
    assert breaches() == []


def test_tax_at_redemption_waits_and_falls_due_with_each_session(db):
    decide(TaxTiming.REDEMPTION)
    lot = sell(units=3)
    assert figures(*OWN) == {Role.DEFERRED: 10000, Role.TAX_DEFERRED: 2000}

    due = []
    for late in (False, True, False):
        finish(hold_one(lot), late=late)
        due.append(figures(Role.TAX_PAYABLE)[Role.TAX_PAYABLE])

    assert due == [667, 1334, 2000]
    assert figures(*OWN) == {
        Role.SESSION_REVENUE: 6667,
        Role.LATE_REVENUE: 3333,
        Role.TAX_PAYABLE: 2000,
    }
    assert breaches() == []


def test_a_session_taken_back_lets_its_tax_wait_again(db):
    decide(TaxTiming.REDEMPTION)
    lot = sell(units=3)
    booking = hold_one(lot)
    finish(booking)

    take_back_use(booking_id=booking, by=None, at=NOON, reason="Marked by mistake")

    assert figures(*OWN) == {Role.DEFERRED: 10000, Role.TAX_DEFERRED: 2000}
    finish(booking)
    assert figures(*TAX) == {Role.TAX_DEFERRED: 1333, Role.TAX_PAYABLE: 667}
    assert breaches() == []


EXPIRED = [
    (TaxTiming.SALE, "revenue", {Role.BREAKAGE: 10000, Role.TAX_PAYABLE: 2000}),
    (TaxTiming.SALE, "owed", {Role.UNCLAIMED: 10000, Role.TAX_PAYABLE: 2000}),
    (TaxTiming.REDEMPTION, "revenue", {Role.BREAKAGE: 12000}),
    (TaxTiming.REDEMPTION, "owed", {Role.UNCLAIMED: 12000}),
]


@pytest.mark.parametrize(("timing", "breakage", "expected"), EXPIRED)
def test_what_expires_goes_where_the_practice_decided(db, timing, breakage, expected):
    decide(timing, breakage)
    sell(units=3, validity_days=10)

    expire_due(at=NOON + timedelta(days=12))

    assert figures(*OWN) == expected
    assert breaches() == []


def test_a_decision_counts_for_what_is_sold_after_it(db):
    decide(TaxTiming.SALE)
    before = sell(units=1)
    decide(TaxTiming.REDEMPTION)
    after = sell(units=1)

    assert [line.tax_timing for line in OrderLine.objects.order_by("pk")] == ["sale", "redemption"]
    for lot in (before, after):
        finish(hold_one(lot))
    assert figures(*OWN) == {Role.SESSION_REVENUE: 20000, Role.TAX_PAYABLE: 4000}


def test_without_tax_there_is_nothing_to_wait(db):
    decide(TaxTiming.REDEMPTION)
    lot = make_lot(units=1, price_minor=5000)
    finish(hold_one(lot))

    assert figures(*OWN) == {Role.SESSION_REVENUE: 5000}
    assert JournalEntry.objects.count() == 2


class ToTheCent(TestCase):
    @given(
        units=st.integers(1, 9),
        price=st.integers(0, 99_999),
        rate=st.integers(0, 3000),
        used=st.integers(0, 9),
        timing=st.sampled_from(TaxTiming),
    )
    @hypothesis_settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    def test_each_cent_of_tax_is_in_one_place(self, units, price, rate, used, timing):
        decide(timing)
        lot = make_lot(units=units, price_minor=price, tax_rate_bp=rate, validity_days=10)
        taken = min(used, units)
        for _ in range(taken):
            finish(hold_one(lot))

        tax = tax_inside(price, rate)
        in_books = figures(*TAX)
        assert sum(in_books.values()) == tax
        if timing == TaxTiming.REDEMPTION:
            assert in_books.get(Role.TAX_DEFERRED, 0) <= tax
            assert (taken == units) <= (in_books.get(Role.TAX_DEFERRED, 0) == 0)
        assert breaches() == []
