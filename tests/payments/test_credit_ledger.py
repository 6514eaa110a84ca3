"""Random histories of credits: whatever is tried in whatever order, the books hold."""

import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from payments.crediting import (
    CreditError,
    PeriodClosed,
    expire_due,
    extend_lot,
    freeze_lot,
    give_back,
    release,
    reserve,
    take_back_use,
    thaw_lot,
    transfer_units,
    use,
    wallet,
)
from payments.days import practice_day
from payments.invariants import Span, breaches
from payments.models import BookRules, CreditEntry, CreditLot, TaxTiming
from payments.period_end import ClosingError, close_period
from payments.refunding.errors import RefundingError
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from tests.builders import NOON, make_goodwill, make_lot, make_runner, make_variant
from tests.payments.refunds import make_bookkeeper

ONE_DAY = timedelta(days=1)
WHICH = st.integers(0, 7)


class CreditLedger(RuleBasedStateMachine):
    """One runner, a clock that only goes forwards, and a model of her bookings."""

    bookings = Bundle("bookings")

    def __init__(self):
        super().__init__()
        self.runner, self.variant, self.at = make_runner(), make_variant(), NOON
        self.friend, self.staff = make_runner(), make_bookkeeper()
        self.state: dict[uuid.UUID, str] = {}

    def lot(self, which):
        lots = CreditLot.objects.of(self.runner).order_by("pk")
        return lots[which % len(lots)] if lots else None

    @rule(
        units=st.integers(1, 7),
        price=st.integers(0, 9999),
        days=st.integers(1, 60),
        rate=st.sampled_from([0, 2000]),
        timing=st.sampled_from(TaxTiming.values),
    )
    def buys(self, units, price, days, rate, timing):
        BookRules.objects.update_or_create(pk=1, defaults={"tax_timing": timing})
        make_lot(
            self.runner,
            units=units,
            price_minor=price,
            validity_days=days,
            tax_rate_bp=rate,
            variants=[self.variant],
            at=self.at,
        )

    @rule(which=WHICH, days=st.integers(1, 40))
    def is_given_more_time(self, which, days):
        if lot := self.lot(which):
            until = max(lot.expires_on, practice_day(self.at)) + timedelta(days=days)
            extend_lot(lot=lot, until=until, **self.by_hand())

    @rule(which=WHICH, days=st.integers(0, 20))
    def lets_it_rest_for_a_while(self, which, days):
        lot = self.lot(which)
        if lot and lot.expires_on >= practice_day(self.at):
            freeze_lot(lot=lot, **self.by_hand())
            self.time_passes(days)
            thaw_lot(lot=lot, **self.by_hand())

    @rule(which=WHICH, units=st.integers(1, 3))
    def passes_some_on(self, which, units):
        lot = self.lot(which)
        if lot and free_in(lot) >= units:
            transfer_units(
                lot=lot,
                units=units,
                to=self.friend,
                reason="For a friend",
                by=self.staff,
                at=self.at,
                source=str(uuid.uuid4()),
            )

    @rule(which=WHICH, units=st.integers(1, 3))
    def is_paid_back(self, which, units):
        lot = self.lot(which)
        if lot is None or lot.order_line is None:
            return
        order = lot.order_line.order
        try:
            request_refund(
                order=order,
                token=quote_refund(order=order, units=units, at=self.at).token,
                by=self.staff,
                reason="She moves away",
                at=self.at,
                method="cash",
                reference="Slip 7",
            )
        except RefundingError:
            assert free_in(lot) < units or not lot.value_minor or order.total_minor <= units

    @rule()
    def the_books_are_closed_up_to_yesterday(self):
        with suppress(ClosingError):  # that day is closed, or is before all postings
            close_period(ends_on=practice_day(self.at) - ONE_DAY, by=self.staff, at=self.at)

    def by_hand(self):
        return {"reason": "Ill", "by": self.staff, "at": self.at, "key": uuid.uuid4()}

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

    @rule(booking=bookings, days=st.integers(0, 30))
    def is_cancelled_by_the_practice(self, booking, days):
        until = practice_day(self.at) + timedelta(days=days)
        try:
            give_back(booking_id=booking, until=until, by=None, at=self.at, reason="Ill")
        except CreditError:
            assert self.state.get(booking) in (None, "used")
        else:
            self.state[booking] = "released"

    @rule(booking=bookings)
    def did_not_come_after_all(self, booking):
        before = self.state.get(booking)
        try:
            taken_back = take_back_use(booking_id=booking, by=None, at=self.at, reason="A slip")
        except PeriodClosed:
            assert before == "used"
            return
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
        assert breaches(Span(NOON - ONE_DAY, self.at - ONE_DAY)) == []

    @invariant()
    def each_booking_holds_or_used_just_one(self):
        lots = wallet(self.runner, on=practice_day(self.at)).lots
        states = list(self.state.values())
        assert sum(lot.reserved for lot in lots) == states.count("reserved")
        assert sum(lot.used for lot in lots) == states.count("used")


def free_in(lot):
    return CreditLot.objects.with_balances().get(pk=lot.pk).available


class TestCreditLedger(CreditLedger.TestCase, TestCase):
    settings = settings(max_examples=8, stateful_step_count=20, deadline=None)


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
