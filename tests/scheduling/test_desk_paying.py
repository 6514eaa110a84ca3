"""Taking the money for a session at the desk: due, held, or over and unpaid (M19)."""

import uuid

import pytest

from payments.crediting import holds_credit
from payments.invariants import breaches
from payments.models import Mismatch, Order, Package
from payments.selling import AlreadyPaid
from scheduling.day import complete
from scheduling.desk import book_for
from scheduling.desk_paying import is_payable, sell_for_session, sold_for
from scheduling.errors import IllegalTransition
from scheduling.models import Booking
from scheduling.paying import PackageNotOffered
from scheduling.unpaid import report_unpaid
from tests.builders import make_order, make_package, make_runner, make_staff
from tests.builders import pay_at_the_desk as pay
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    book,
    hold,
    make_practice,
    make_runner_with_credits,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return make_practice()


@pytest.fixture
def single(practice):
    return make_package(
        "single-sports-60", units=1, price_minor=5800, variants=[practice.sports_60], name="One"
    )


@pytest.fixture
def due(practice, single):
    """Booked by staff for a runner without a credit."""
    return book_for(
        runner=make_runner(),
        variant=practice.sports_60,
        location=practice.location,
        starts_at=TUESDAY_9,
        therapist=None,
        by=make_staff(),
        at=A_WEEK_BEFORE,
    )


def take(booking, code="single-sports-60", **values) -> Order:
    return sell_for_session(
        **{
            "booking": booking,
            "package_code": code,
            "method": "cash",
            "by": values.pop("by", None) or make_staff(),
            "at": TUESDAY_9,
            "key": uuid.uuid4(),
        }
        | values
    )


def test_a_session_that_is_due_is_paid_in_cash_and_can_be_done(due):
    staff = make_staff(name="Dee Desk")
    assert is_payable(due)

    order = take(due, by=staff)

    assert (order.is_paid, order.total_minor) == (True, 5800)
    assert holds_credit(due.public_id)
    assert due.changes.last().actor == staff
    assert complete(booking=due, by=staff, at=TUESDAY_10).state == Booking.State.COMPLETED
    assert breaches() == []


def test_what_it_cost_when_it_was_booked_is_what_is_asked(due):
    Booking.objects.filter(pk=due.pk).update(price_minor=6400)
    due.refresh_from_db()

    assert take(due).total_minor == 6400


def test_a_package_pays_for_it_and_leaves_the_rest(due, practice):
    make_package("five", units=5, variants=[practice.sports_60])

    take(due, "five")

    lot = due.runner.credit_lots.with_balances().get()
    assert (lot.reserved, lot.available) == (1, 4)


def test_hidden_packages_are_offered_the_single_session_first(due, practice):
    make_package("five", variants=[practice.sports_60], visibility=Package.Visibility.HIDDEN)
    make_package("short", variants=[practice.sports_30])

    assert [offer.code for offer in sold_for(due, at=TUESDAY_9)] == ["single-sports-60", "five"]


def test_a_session_over_and_unpaid_is_settled_by_it(due):
    report_unpaid(at=TUESDAY_10 + 12 * ONE_HOUR)
    assert Mismatch.objects.open().get().code == "M19"

    take(due, at=TUESDAY_10 + 13 * ONE_HOUR)

    assert not Mismatch.objects.open().exists()


def test_two_clicks_take_one_payment(due):
    key = uuid.uuid4()

    assert take(due, key=key) == take(due, key=key)
    assert Order.objects.paid().count() == 1


def test_a_second_member_of_staff_is_told_to_take_no_money(due):
    take(due)

    with pytest.raises(AlreadyPaid, match="Take no money"):
        take(due)


def test_a_held_time_is_booked_by_it(practice, single):
    runner = make_runner()
    held = hold(practice, runner=runner)

    take(held, at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == Booking.State.CONFIRMED


def test_paid_online_later_it_is_paid(due, single):
    order = make_order(
        due.runner, single, at=TUESDAY_9, reserved_for=due.public_id, price_minor=5800
    )

    pay(order, at=TUESDAY_9)

    assert holds_credit(due.public_id)


def test_what_does_not_cover_it_stays_hers_to_spend(due, practice):
    other = make_package("short", variants=[practice.sports_30])
    order = make_order(due.runner, other, at=TUESDAY_9, reserved_for=due.public_id)

    pay(order, at=TUESDAY_9)

    assert not holds_credit(due.public_id)
    assert due.runner.credit_lots.with_balances().get().available == 5


def test_no_money_is_taken_for_what_holds_a_credit(practice, single):
    runner = make_runner_with_credits(practice=practice)

    with pytest.raises(AlreadyPaid):
        take(book(practice, runner))


def test_no_money_is_taken_for_nobody_and_for_what_is_over(practice, single, due):
    with pytest.raises(IllegalTransition):
        take(hold(practice, TUESDAY_10), at=A_WEEK_BEFORE)
    Booking.objects.filter(pk=due.pk).update(state=Booking.State.CANCELLED_CLINIC)
    due.refresh_from_db()
    with pytest.raises(IllegalTransition):
        take(due)


def test_only_what_covers_it_is_sold_for_it(due, practice):
    make_package("short", variants=[practice.sports_30])

    with pytest.raises(PackageNotOffered):
        take(due, "short")
