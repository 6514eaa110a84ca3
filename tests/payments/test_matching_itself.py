"""A month of ordinary sales asks nobody anything: what needs a person is what is odd in it."""

from datetime import timedelta

from payments.checking import check_mismatches
from payments.mirroring import keep_balance_transaction, keep_charge
from payments.models import Mismatch, PaymentAttempt
from payments.reconciling import matched, summary
from payments.selling import settle
from payments.stripe_objects import BalanceRow, ChargeRow
from tests.builders import NOON, make_order, make_package, make_runner

SALES, AMOUNT, FEE = 119, 5800, 112


def charged(number, attempt=None):
    """What Stripe tells of a payment: the charge, then its movement."""
    at = NOON + timedelta(minutes=number)
    charge = ChargeRow(
        id=f"ch_{number}",
        payment_intent_id=f"pi_{number}",
        amount_minor=AMOUNT,
        amount_refunded_minor=0,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=at,
        balance_transaction_id=f"txn_{number}",
        metadata={"attempt": str(attempt.public_id)} if attempt else {},
    )
    keep_charge(charge, at=at)
    moved(number, "charge")


def moved(number, category):
    at = NOON + timedelta(minutes=number)
    keep_balance_transaction(
        BalanceRow(
            id=f"txn_{number}",
            amount_minor=AMOUNT,
            fee_minor=FEE,
            net_minor=AMOUNT - FEE,
            currency="GBP",
            reporting_category=category,
            type=category,
            source_id=f"ch_{number}",
            description="",
            created_at=at,
            available_at=at + timedelta(days=3),
            fee_details=[{"type": "stripe_fee", "amount": FEE, "currency": "gbp"}],
        ),
        at=at,
    )


def test_two_odd_ones_of_121_need_a_person_and_the_others_nobody(db):
    package, buyer = make_package(units=1, price_minor=AMOUNT), make_runner()
    for number in range(SALES):
        order = make_order(buyer, package, at=NOON + timedelta(hours=number))
        attempt = PaymentAttempt.objects.create(
            order=order,
            number=1,
            amount_minor=AMOUNT,
            idempotency_key=f"k{number}",
            stripe_payment_intent_id=f"pi_{number}",
            created_at=NOON,
        )
        settle(order=order, attempt=attempt, at=NOON)
        charged(number, attempt)
    charged(SALES)  # of nobody
    moved(SALES + 1, "something_new")

    check_mismatches(at=NOON + timedelta(days=1))

    found = matched()
    assert sorted(Mismatch.objects.values_list("code", flat=True)) == ["M01", "M14"]
    assert (found.total, found.by_itself) == (121, 119)
    assert found.by_itself / found.total >= 0.98
    assert summary().residual_minor == 0
