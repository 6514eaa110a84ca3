"""Credits that change hands: units, value and days go over, nothing is made or lost."""

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.balances import balance_of, owed_by_books
from payments.chart import Role
from payments.crediting import CreditError, NoCredit, reserve, transfer_units, wallet
from payments.days import practice_day
from payments.invariants import breaches
from payments.models import CreditEntry, CreditLot
from tests.builders import NOON, make_goodwill, make_lot, make_runner, make_staff, make_variant


def transfer(lot, to, units=1, source="test:1", by=None):
    return transfer_units(
        lot=lot, units=units, to=to, reason="She moved away.", by=by, at=NOON, source=source
    )


def test_units_value_and_days_go_over(db):
    lot, to = make_lot(units=3, price_minor=10000, tax_rate_bp=2000), make_runner()

    received = transfer(lot, to, units=2, by=make_staff())

    assert received.owner == to
    assert (received.units, received.unit_values) == (2, [2778, 2778])
    assert received.tax_minor == 1112
    assert (received.starts_on, received.expires_on) == (lot.starts_on, lot.expires_on)
    assert list(received.variants.all()) == list(lot.variants.all())
    mine = wallet(lot.owner, on=practice_day(NOON)).lots[0]
    hers = wallet(to, on=practice_day(NOON)).lots[0]
    assert (mine.available, mine.transferred, hers.available) == (1, 2, 2)
    assert owed_by_books() == 8333
    assert balance_of(Role.CREDIT_TRANSFERS) == 0
    assert breaches() == []


def test_a_lot_remembers_who_paid_for_it_through_two_hands(db):
    lot = make_lot(units=2)
    first = transfer(lot, make_runner(), units=2)
    second = transfer(first, make_runner(), source="test:2")

    assert second.bought_line == lot.order_line


def test_a_repeat_moves_nothing_more(db):
    lot, to = make_lot(), make_runner()
    assert transfer(lot, to) == transfer(lot, to)
    assert CreditLot.objects.of(to).count() == 1


def test_more_than_is_free_is_refused(db):
    lot = make_lot(units=2)
    reserve(
        owner=lot.owner,
        variant=make_variant(),
        booking_id=uuid.uuid4(),
        session_on=practice_day(NOON),
        by=None,
        at=NOON,
    )
    with pytest.raises(NoCredit, match="1 credit of this package is free"):
        transfer(lot, make_runner(), units=2)
    with pytest.raises(NoCredit):
        transfer(lot, make_runner(), units=0)
    with pytest.raises(CreditError, match="theirs already"):
        transfer(lot, lot.owner)
    assert not CreditEntry.objects.filter(kind="transfer").exists()


def test_frozen_credits_stay_where_they_are(db):
    lot = make_lot()
    CreditLot.objects.update(status="frozen", frozen_for="pause", frozen_on=practice_day(NOON))
    with pytest.raises(CreditError, match="frozen"):
        transfer(lot, make_runner())


def test_free_credits_stay_worth_nothing(db):
    lot = make_goodwill(make_runner(), units=2)
    received = transfer(lot, make_runner(), units=2)

    assert received.is_goodwill
    assert received.value_minor == 0
    assert received.bought_line is None
    assert breaches() == []


class TransfersAddUp(TestCase):
    @given(
        price=st.integers(0, 99999),
        units=st.integers(1, 9),
        rate=st.sampled_from([0, 700, 2000]),
        parts=st.lists(st.integers(1, 3), max_size=4),
    )
    @settings(max_examples=15, deadline=None)
    def test_whatever_is_moved_the_books_hold(self, price, units, rate, parts):
        lot = make_lot(units=units, price_minor=price, tax_rate_bp=rate)
        for number, part in enumerate(parts):
            if sum(parts[: number + 1]) <= units:
                transfer(lot, make_runner(), units=part, source=f"test:{number}")
        assert breaches() == []
        values = sum(one.value_minor for one in CreditLot.objects.exclude(transferred_from=None))
        gone = sum(parts_moved.value_minor for parts_moved in lot.entries.filter(kind="transfer"))
        assert values == gone
