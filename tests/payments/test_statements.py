"""The statement (U7): after every line, what is left is what the wallet of that moment held."""

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payments.crediting import (
    CreditError,
    expire_due,
    extend_lot,
    freeze_lot,
    latest_extension,
    release,
    reserve,
    take_back_use,
    thaw_lot,
    transfer_units,
    undo_extension,
    use,
    wallet,
    withdraw_goodwill,
)
from payments.days import practice_day
from payments.invariants import breaches
from payments.models import CreditEntry, CreditLot
from payments.statements import months_of, next_month, statement
from tests.builders import NOON, make_goodwill, make_lot, make_runner, make_staff, make_variant

DAY = timedelta(days=1)
STEPS = (
    "buy give book book cancel come come take_back wait wait extend undo freeze thaw pass_on "
    "receive withdraw"
).split()


class History:
    """One runner, somebody she swaps credits with, and a clock that only goes forwards."""

    def __init__(self):
        self.variant, self.staff = make_variant(), make_staff()
        self.runner, self.friend = make_runner(), make_runner()
        self.at, self.bookings = NOON, []
        self.held: list[tuple[int, int]] = []  # after each act: movements so far, credits held

    def do(self, step: str, number: int) -> None:
        try:
            getattr(self, step)(number)
        except CreditError:
            return
        finally:
            self.at += timedelta(minutes=7)
        moved = CreditEntry.objects.filter(lot__owner=self.runner).count()
        self.held.append((moved, self.available()))

    def available(self) -> int:
        return wallet(self.runner, on=practice_day(self.at)).held

    def who(self, **values):
        return {"by": self.staff, "at": self.at, "reason": "Asked", "key": uuid.uuid4()} | values

    def lot(self, number: int, owner=None) -> CreditLot:
        lots = list(CreditLot.objects.of(owner or self.runner).order_by("pk"))
        if not lots:
            raise CreditError
        return lots[number % len(lots)]

    def booking(self, number: int) -> uuid.UUID:
        return self.bookings[number % len(self.bookings)] if self.bookings else uuid.uuid4()

    def buy(self, number, owner=None):
        make_lot(
            owner or self.runner,
            units=1 + number % 4,
            price_minor=10001,
            validity_days=5 + number,
            variants=[self.variant],
            valid_from="first_session" if number % 3 == 0 else "purchase",
            at=self.at,
        )

    def give(self, number):
        ends = practice_day(self.at) + (number + 1) * DAY
        make_goodwill(self.runner, variants=[self.variant], at=self.at, expires_on=ends)

    def book(self, number):
        booking = uuid.uuid4()
        on = practice_day(self.at) + (number % 5) * DAY
        reserve(
            owner=self.runner,
            variant=self.variant,
            booking_id=booking,
            session_on=on,
            by=self.runner,
            at=self.at,
        )
        self.bookings.append(booking)

    def cancel(self, number):
        release(booking_id=self.booking(number), by=self.runner, at=self.at, reason="Cancelled")

    def come(self, number):
        common = {"booking_id": self.booking(number), "by": None, "at": self.at}
        use(effective_at=self.at, reason="Done", late=number % 4 == 0, **common)

    def take_back(self, number):
        take_back_use(booking_id=self.booking(number), by=None, at=self.at, reason="By mistake")

    def wait(self, number):
        self.at += number * DAY
        expire_due(at=self.at)

    def extend(self, number):
        lot = self.lot(number)
        extend_lot(lot=lot, until=practice_day(self.at) + (number + 9) * DAY, **self.who())

    def undo(self, number):
        entry = latest_extension(self.lot(number))
        if entry is None:
            raise CreditError
        undo_extension(entry=entry, **self.who())

    def freeze(self, number):
        freeze_lot(lot=self.lot(number), **self.who())

    def thaw(self, number):
        thaw_lot(lot=self.lot(number), **self.who())

    def withdraw(self, number):
        withdraw_goodwill(lot=self.lot(number), **self.who())

    def pass_on(self, number):
        self.transfer(self.lot(number), self.friend)

    def receive(self, number):
        self.buy(number, owner=self.friend)
        self.transfer(self.lot(number, self.friend), self.runner)

    def transfer(self, lot, to):
        source = f"transfer:{uuid.uuid4()}"
        transfer_units(
            lot=lot, units=1, to=to, reason="Asked", by=self.staff, at=self.at, source=source
        )


class TestStatement(TestCase):
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20)), max_size=18),
        first=st.just(("buy", 3)),
    )
    def test_every_line_leaves_what_the_wallet_held(self, steps, first):
        history = History()
        for step, number in [first, *steps]:
            history.do(step, number)

        whole = statement(history.runner)
        lines = list(whole.lines[::-1])
        assert whole.closing == history.available()
        assert whole.opening == 0
        balance = 0
        for line in lines:
            balance += line.change
            assert line.balance == balance >= 0
        after = [0, *(line.balance for line in lines)]
        assert [(moved, after[moved]) for moved, _ in history.held] == history.held
        # and month by month it is the same statement
        months = months_of(history.runner, at=history.at)[::-1]
        parts = [statement(history.runner, month=month) for month in months]
        assert [line for part in parts for line in part.lines[::-1]] == lines
        for before, part in zip([None, *parts], parts, strict=False):
            assert part.opening == (before.closing if before else 0)
            assert part.closing == part.opening + sum(line.change for line in part.lines)
        for lot in wallet(history.runner, on=practice_day(history.at)).lots:
            parts_of = (lot.available, lot.reserved, lot.used, lot.expired, lot.refunded)
            assert lot.units == sum(parts_of) + lot.transferred
        assert breaches() == []


@pytest.mark.parametrize(
    ("month", "after"),
    [(date(2026, 1, 1), date(2026, 2, 1)), (date(2026, 12, 1), date(2027, 1, 1))],
)
def test_a_month_follows_a_month(month, after):
    assert next_month(month) == after


def test_a_movement_belongs_to_the_month_of_the_practice(db):
    runner = make_runner()
    make_lot(runner, at=NOON.replace(month=6, day=30, hour=23, minute=30))  # 00:30 in London

    assert not statement(runner, month=date(2026, 6, 1)).lines
    assert statement(runner, month=date(2026, 7, 1)).closing == 5
    assert months_of(runner, at=NOON.replace(month=8)) == [date(2026, 8, 1), date(2026, 7, 1)]


def test_each_movement_is_told_in_its_own_words(db):
    history = History()
    for step, number in [
        ("buy", 1),
        ("give", 1),
        ("freeze", 0),
        ("thaw", 0),
        ("extend", 0),
        ("undo", 0),
        ("pass_on", 0),
        ("receive", 1),
        ("withdraw", 1),
    ]:
        history.do(step, number)

    assert [line.what for line in statement(history.runner).lines[::-1]] == [
        "Bought",
        "Given by us",
        "Put to rest",
        "Free again",
        "Extended",
        "Shortened again",
        "Passed on",
        "Received",
        "Corrected",
    ]


def test_a_long_statement_costs_two_queries(db, django_assert_num_queries):
    history = History()
    for step in ("buy", "book", "cancel", "book", "book", "give"):
        history.do(step, 2)

    with django_assert_num_queries(1):
        assert len(statement(history.runner).lines) >= 6
    with django_assert_num_queries(2):
        statement(history.runner, month=date(2026, 3, 1))
