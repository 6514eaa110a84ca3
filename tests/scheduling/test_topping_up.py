"""A credit of a shorter session and the difference (B5): shown, paid, earned, owed back."""

from datetime import timedelta

import pytest

from payments import crediting
from payments.balances import balance_of
from payments.chart import Role
from payments.invariants import breaches
from payments.models import Bucket, CreditEntry, Mismatch, OrderLine, ServiceVariant
from payments.refunding.quoting import quote_refund
from payments.refunding.requesting import request_refund
from payments.selling import end_checkout
from payments.topping_up import NoTopUp
from scheduling.booking import confirm_with_credit
from scheduling.cancelling import cancel_booking
from scheduling.correcting import take_back
from scheduling.day import complete
from scheduling.paying import order_for_hold, top_up_for_hold, ways_to_pay
from tests.builders import make_lot, make_package, make_runner, make_staff, pay_at_the_desk
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

DONE = TUESDAY_9 + 2 * ONE_HOUR
CREDIT_MINOR, DIFFERENCE = 3000, 2400  # a credit of 30.00 pays for 34.00; the session costs 58.00


@pytest.fixture
def ana(practice):
    """Two credits of half an hour each; an hour is what she holds."""
    runner = make_runner()
    make_lot(runner, units=2, price_minor=6000, variants=[practice.sports_30], at=A_WEEK_BEFORE)
    ServiceVariant.objects.update(tax_rate_bp=2000)
    practice.sports_60.refresh_from_db()
    return runner


@pytest.fixture
def held(practice, ana):
    return hold(practice, runner=ana)


def order_of(held, ana):
    return top_up_for_hold(booking=held, buyer=ana, at=A_WEEK_BEFORE)


def balances():
    return [
        -balance_of(role)
        for role in (Role.TOP_UPS, Role.SESSION_REVENUE, Role.LATE_REVENUE, Role.TAX_PAYABLE)
    ]


def where(booking):
    return crediting.where_unit_is(booking.public_id)


def test_the_difference_is_shown_beside_the_packages(held, ana):
    ways = ways_to_pay(booking=held, runner=ana, at=A_WEEK_BEFORE)

    assert ways.credit is None
    assert ways.top_up is not None
    assert (ways.top_up.price_minor, ways.top_up.instead.duration_minutes) == (DIFFERENCE, 30)


def test_only_the_difference_is_ordered_and_the_credit_waits_for_it(held, ana):
    order = order_of(held, ana)
    again = order_of(held, ana)

    line = order.lines.get()
    assert again == order
    assert order.total_minor == DIFFERENCE
    assert (line.kind, line.units, line.package) == ("top_up", 0, None)
    assert order.reserved_for == held.public_id
    assert where(held) == Bucket.RESERVED
    held.refresh_from_db()
    assert held.state == "held"


def test_paying_it_confirms_the_session_with_the_credit(held, ana):
    pay_at_the_desk(order_of(held, ana), at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == "confirmed"
    assert where(held) == Bucket.RESERVED
    assert balances() == [2000, 0, 0, 400]
    assert breaches() == []
    linked = CreditEntry.objects.get(booking_id=held.public_id)
    assert OrderLine.objects.get(kind="top_up").order.reserved_for == linked.booking_id


def test_the_session_earns_both_and_taking_it_back_owes_both(held, ana):
    pay_at_the_desk(order_of(held, ana), at=A_WEEK_BEFORE)
    complete(booking=held, by=None, at=DONE)
    assert balances() == [0, CREDIT_MINOR + 2000, 0, 400]

    take_back(booking=held, by=None, at=DONE, reason="By mistake")
    assert balances() == [2000, 0, 0, 400]

    complete(booking=held, by=None, at=DONE)
    assert balances() == [0, CREDIT_MINOR + 2000, 0, 400]
    assert breaches() == []


def test_cancelled_late_is_late_revenue(held, ana):
    pay_at_the_desk(order_of(held, ana), at=A_WEEK_BEFORE)
    cancel_booking(booking=held, by=ana, at=TUESDAY_9 - ONE_HOUR)

    assert balances() == [0, 0, CREDIT_MINOR + 2000, 400]
    assert not Mismatch.objects.exists()


def test_cancelled_in_time_is_owed_and_told_to_staff(held, ana):
    order = order_of(held, ana)
    pay_at_the_desk(order, at=A_WEEK_BEFORE)
    cancel_booking(booking=held, by=ana, at=TWO_DAYS_BEFORE)

    found = Mismatch.objects.get(code="M06")
    assert (found.order, found.amount_minor) == (order, DIFFERENCE)
    assert where(held) == Bucket.AVAILABLE
    assert balances() == [2000, 0, 0, 400]
    assert breaches() == []


def test_a_difference_that_is_owed_goes_back_whole(held, ana):
    order = order_of(held, ana)
    pay_at_the_desk(order, at=A_WEEK_BEFORE)
    cancel_booking(booking=held, by=ana, at=TWO_DAYS_BEFORE)
    quote = quote_refund(order=order, at=TWO_DAYS_BEFORE, units=0, amount_minor=DIFFERENCE)

    request_refund(
        order=order,
        token=quote.token,
        by=make_staff(is_superuser=True),
        reason="She cancelled in time.",
        at=TWO_DAYS_BEFORE,
        method="cash",
        reference="Handed to Ana",
    )

    assert balances() == [0, 0, 0, 0]
    assert [balance_of(role) for role in (Role.REFUNDS_OWED, Role.GOODWILL_COST)] == [0, 0]
    assert breaches() == []


def test_a_difference_that_is_not_paid_frees_credit_and_time(held, ana):
    end_checkout(order=order_of(held, ana), at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == "expired"
    assert where(held) == Bucket.AVAILABLE


def test_nobody_confirms_with_the_credit_alone(held, ana):
    order_of(held, ana)
    with pytest.raises(crediting.NoCredit):
        confirm_with_credit(booking=held, runner=ana, by=ana, at=A_WEEK_BEFORE)
    assert where(held) == Bucket.RESERVED, "nothing is written"
    assert ways_to_pay(booking=held, runner=ana, at=A_WEEK_BEFORE).credit is None


def test_another_way_to_pay_frees_the_credit(practice, held, ana):
    order_of(held, ana)
    five = make_package(variants=[practice.sports_60])
    [lot] = pay_at_the_desk(
        order_for_hold(booking=held, package_code=five.code, buyer=ana, at=A_WEEK_BEFORE),
        at=A_WEEK_BEFORE,
    )

    held.refresh_from_db()
    assert held.state == "confirmed"
    assert crediting.reserved_lot(held.public_id) == lot


def test_a_difference_paid_as_well_is_told_to_staff(practice, held, ana):
    order = order_of(held, ana)
    five = make_package(variants=[practice.sports_60])
    other = order_for_hold(booking=held, package_code=five.code, buyer=ana, at=A_WEEK_BEFORE)
    pay_at_the_desk(other, at=A_WEEK_BEFORE)
    pay_at_the_desk(order, at=A_WEEK_BEFORE)

    assert Mismatch.objects.get(about=f"top-up:{order.number}").amount_minor == DIFFERENCE
    assert breaches() == []


def test_money_for_a_time_somebody_else_has_frees_the_credit_and_is_told(practice, ana):
    held = hold(practice, runner=ana, therapist=practice.imre)
    order = order_of(held, ana)
    later = A_WEEK_BEFORE + ONE_HOUR
    book(practice, make_runner_with_credits(practice=practice), at=later, therapist=practice.imre)

    pay_at_the_desk(order, at=later + timedelta(minutes=1))

    held.refresh_from_db()
    assert held.state == "expired"
    assert where(held) == Bucket.AVAILABLE
    assert Mismatch.objects.filter(code="M06", order=order).count() == 1
    assert breaches() == []


def test_late_money_finds_its_credit_again_if_time_and_credit_are_free(held, ana):
    order = order_of(held, ana)
    end_checkout(order=order, at=A_WEEK_BEFORE)
    order.refresh_from_db()

    pay_at_the_desk(order, at=A_WEEK_BEFORE + ONE_HOUR)

    held.refresh_from_db()
    assert held.state == "confirmed"
    assert where(held) == Bucket.RESERVED


def test_a_credit_of_another_service_or_a_longer_session_is_no_start(practice, held):
    nobody = make_runner()
    held.runner = nobody
    held.save()
    with pytest.raises(NoTopUp):
        order_of(held, nobody)
    shorter = hold(practice, runner=nobody, variant=practice.sports_30, hold_key="other")
    make_lot(nobody, variants=[practice.sports_60], at=A_WEEK_BEFORE)
    with pytest.raises(NoTopUp):
        order_of(shorter, nobody)
