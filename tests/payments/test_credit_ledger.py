"""Random histories of credits: whatever is tried in whatever order, the books hold."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from payments.crediting import (
    CreditError,
    expire_due,
    release,
    reserve,
    take_back_use,
    use,
    wallet,
)
from payments.days import practice_day
from payments.invariants import breaches
from payments.models import CreditEntry
from tests.builders import NOON, make_goodwill, make_lot, make_runner, make_variant


class CreditLedger(RuleBasedStateMachine):
    """One runner, a clock that only goes forwards, and a model of her bookings."""

    bookings = Bundle("bookings")

    def __init__(self):
        super().__init__()
        self.runner, self.variant, self.at = make_runner(), make_variant(), NOON
        self.state: dict[uuid.UUID, str] = {}

    @rule(units=st.integers(1, 7), price=st.integers(0, 9999), days=st.integers(1, 60))
    def buys(self, units, price, days):
        make_lot(
            self.runner,
            units=units,
            price_minor=price,
            validity_days=days,
            variants=[self.variant],
            at=self.at,
        )

    @rule()
    def is_given_one(self):
        expires_on = practice_day(self.at) + timedelta(days=20)
        make_goodwill(self.runner, variants=[self.variant], at=self.at, expires_on=expires_on)

    @rule(target=bookings, ahead=st.integers(0, 70))
    def books(self, ahead):
        booking = uuid.uuid4()
        self.reserves(booking, ahead)
        return booking

    @rule(booking=bookings)
    def books_again(self, booking):
        self.reserves(booking, 0)

    def reserves(self, booking, ahead):
        free = wallet(self.runner, on=practice_day(self.at)).available
        try:
            reserve(
                owner=self.runner,
                variant=self.variant,
                booking_id=booking,
                session_on=practice_day(self.at) + timedelta(days=ahead),
                by=self.runner,
                at=self.at,
            )
        except CreditError:
            assert ahead or not free or self.state.get(booking) == "used"
        else:
            self.state[booking] = "reserved"

    @rule(booking=bookings)
    def cancels(self, booking):
        try:
            release(booking_id=booking, by=self.runner, at=self.at, reason="Cancelled")
        except CreditError:
            assert self.state.get(booking) in (None, "used")
        else:
            self.state[booking] = "released"

    @rule(booking=bookings, late=st.booleans())
    def comes(self, booking, late):
        try:
            use(
                booking_id=booking,
                by=None,
                at=self.at,
                effective_at=self.at,
                reason="Done",
                late=late,
            )
        except CreditError:
            assert self.state.get(booking) in (None, "released")
        else:
            self.state[booking] = "used"

    @rule(booking=bookings)
    def did_not_come_after_all(self, booking):
        before = self.state.get(booking)
        taken_back = take_back_use(booking_id=booking, by=None, at=self.at, reason="By mistake")
        if before == "used":
            assert taken_back is not None
            self.state[booking] = "reserved"

    @rule(days=st.integers(1, 30))
    def time_passes(self, days):
        self.at += timedelta(days=days)
        expire_due(at=self.at)

    @invariant()
    def the_books_hold(self):
        assert breaches() == []

    @invariant()
    def each_booking_holds_or_used_just_one(self):
        lots = wallet(self.runner, on=practice_day(self.at)).lots
        states = list(self.state.values())
        assert sum(lot.reserved for lot in lots) == states.count("reserved")
        assert sum(lot.used for lot in lots) == states.count("used")


class TestCreditLedger(CreditLedger.TestCase, TestCase):
    settings = settings(max_examples=6, stateful_step_count=15, deadline=None)


@pytest.mark.django_db
def test_a_history_leaves_a_trace_of_every_movement():
    runner, variant = make_runner(), make_variant()
    make_lot(runner, variants=[variant])
    booking = uuid.uuid4()
    common = {"booking_id": booking, "by": runner, "at": NOON}
    reserve(owner=runner, variant=variant, session_on=NOON.date(), **common)
    release(reason="Cancelled in time", **common)

    kinds = list(CreditEntry.objects.order_by("pk").values_list("kind", "reason"))
    assert kinds[1:] == [("reserve", ""), ("release", "Cancelled in time")]
