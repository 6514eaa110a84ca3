"""Money that arrives for a held time (E13, M06)."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.models import Message
from accounts.outbox import send_due
from payments import crediting
from payments.models import Mismatch
from payments.selling import end_checkout
from scheduling.booking import attach_paid_order, confirm_with_credit
from scheduling.cancelling import cancel_booking
from tests.builders import make_order, make_package, make_runner, pay_at_the_desk
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

LATER = A_WEEK_BEFORE + ONE_HOUR


@pytest.fixture
def buyer(practice):
    return make_runner()


def order_for(booking, buyer, practice, *, variants=None):
    package = make_package(units=5, variants=variants or [practice.sports_60])
    return make_order(buyer, package, at=A_WEEK_BEFORE, reserved_for=booking.public_id)


def letter_to(person):
    mail.outbox.clear()
    send_due(at=LATER + ONE_HOUR)
    hers = [one for one in mail.outbox if one.to == [person.email]]
    [letter] = [one for one in hers if one.subject.startswith("Paid, but")]  # beside the receipt
    return letter.body


def available(runner):
    return crediting.wallet(runner, on=LATER.date()).available


def test_money_in_time_confirms_the_held_time_with_what_it_bought(practice, buyer):
    held = hold(practice, runner=buyer)

    [lot] = pay_at_the_desk(order_for(held, buyer, practice), at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert (held.state, held.runner, held.policy) == ("confirmed", buyer, lot.policy)
    assert available(buyer) == 4


def test_what_was_just_bought_pays_even_when_an_older_credit_is_there(practice):
    buyer = make_runner_with_credits(2, practice=practice)
    held = hold(practice, runner=buyer)

    [lot] = pay_at_the_desk(order_for(held, buyer, practice), at=A_WEEK_BEFORE)

    wallet = crediting.wallet(buyer, on=LATER.date())
    assert {one.public_id: one.available for one in wallet.lots}[lot.public_id] == 4


def test_money_after_the_hold_ran_out_claims_the_time_again_if_it_is_free(practice, buyer):
    held = hold(practice, runner=buyer)

    order = end_checkout(order=order_for(held, buyer, practice), at=A_WEEK_BEFORE)
    pay_at_the_desk(order, at=LATER)

    held.refresh_from_db()
    assert held.state == "confirmed"
    late = Mismatch.objects.get(code="M06")
    assert (late.status, late.resolution) == ("resolved", "The time was still free: it is booked.")


def test_money_for_a_time_somebody_else_has_stays_as_credit_and_people_are_told(practice, buyer):
    held = hold(practice, runner=buyer, therapist=practice.imre)
    order = order_for(held, buyer, practice)
    book(practice, make_runner_with_credits(practice=practice), at=LATER, therapist=practice.imre)

    lots = pay_at_the_desk(order, at=LATER + timedelta(minutes=1))

    held.refresh_from_db()
    assert held.state == "expired"
    assert available(buyer) == 5
    assert Message.objects.get(kind="paid_but_taken").to_email == buyer.email
    letter = letter_to(buyer)
    # A link to a session that never became hers would open nothing, or somebody else's.
    assert "/session/" not in letter
    assert "/book/sports-60/?therapist=" in letter
    assert f"{order.get_absolute_url()}" in letter
    assert Mismatch.objects.get(code="M06").order == order

    attach_paid_order(order=order, lots=lots, at=LATER + ONE_HOUR)
    assert Message.objects.filter(kind="paid_but_taken").count() == 1
    assert Mismatch.objects.count() == 1


def test_news_of_the_same_payment_again_changes_nothing(practice, buyer):
    held = hold(practice, runner=buyer)
    order = order_for(held, buyer, practice)
    lots = pay_at_the_desk(order, at=A_WEEK_BEFORE)

    again = attach_paid_order(order=order, lots=lots, at=LATER)

    assert again == held
    assert available(buyer) == 4


def test_news_of_a_payment_does_not_revive_what_was_cancelled_since(practice, buyer):
    held = hold(practice, runner=buyer)
    order = order_for(held, buyer, practice)
    lots = pay_at_the_desk(order, at=A_WEEK_BEFORE)
    cancel_booking(booking=held, by=buyer, at=TWO_DAYS_BEFORE)

    assert attach_paid_order(order=order, lots=lots, at=TWO_DAYS_BEFORE) is None

    held.refresh_from_db()
    assert held.state == "cancelled_ontime"
    assert available(buyer) == 5


def test_a_package_that_does_not_cover_the_session_is_kept_and_shown_to_staff(practice, buyer):
    held = hold(practice, runner=buyer)

    order = order_for(held, buyer, practice, variants=[practice.sports_30])
    pay_at_the_desk(order, at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == "held"
    assert available(buyer) == 5
    assert Mismatch.objects.filter(code="M06").count() == 1


def test_an_order_for_nothing_held_only_gives_credits(practice, buyer):
    pay_at_the_desk(make_order(buyer, make_package(variants=[practice.sports_60])), at=LATER)

    assert available(buyer) == 5
    assert not Message.objects.filter(kind="paid_but_taken").exists()


# --- a checkout that ends unpaid (E13) ---------------------------------------------------------


def test_a_checkout_that_ends_unpaid_lets_the_time_go(practice, buyer):
    held = hold(practice, runner=buyer)
    order = end_checkout(order=order_for(held, buyer, practice), at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert (order.status, held.state) == ("cancelled", "expired")
    assert held.changes.last().reason == "Let go."


def test_not_while_another_payment_for_it_is_under_way(practice, buyer):
    held = hold(practice, runner=buyer)
    first, second = order_for(held, buyer, practice), order_for(held, buyer, practice)

    end_checkout(order=first, at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == "held"
    pay_at_the_desk(second, at=A_WEEK_BEFORE)
    held.refresh_from_db()
    assert held.state == "confirmed"


def test_what_was_booked_meanwhile_stays_booked(practice):
    buyer = make_runner_with_credits(1, practice=practice)
    held = hold(practice, runner=buyer)
    order = order_for(held, buyer, practice)
    confirm_with_credit(booking=held, runner=buyer, by=buyer, at=A_WEEK_BEFORE)

    end_checkout(order=order, at=LATER)

    held.refresh_from_db()
    assert held.state == "confirmed"


def test_an_order_for_no_time_ends_quietly(practice, buyer):
    held = hold(practice, runner=buyer)

    end_checkout(order=make_order(buyer, make_package(variants=[practice.sports_60])), at=LATER)

    held.refresh_from_db()
    assert held.state == "held"
