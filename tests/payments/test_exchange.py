"""An order in one currency that Stripe settles in another: both stay in the books."""

from payments.balances import balance_of
from payments.chart import Role
from payments.invariants import breaches
from payments.mirroring import keep_balance_transaction, keep_charge
from payments.models import JournalEntry, PaymentAttempt
from payments.selling import settle
from payments.stripe_objects import BalanceRow, ChargeRow
from tests.builders import NOON, make_order, make_package


def sold_in_euros():
    order = make_order(package=make_package(price_minor=10000, currency="EUR"))
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=1,
        amount_minor=10000,
        currency="EUR",
        idempotency_key="k",
        stripe_payment_intent_id="pi_1",
        created_at=NOON,
    )
    settle(order=order, attempt=attempt, at=NOON)
    keep_charge(
        ChargeRow(
            id="ch_1",
            payment_intent_id="pi_1",
            amount_minor=10000,
            amount_refunded_minor=0,
            currency="EUR",
            status="succeeded",
            livemode=False,
            created_at=NOON,
            balance_transaction_id="txn_1",
            metadata={},
        ),
        at=NOON,
    )
    return keep_balance_transaction(
        BalanceRow(
            id="txn_1",
            amount_minor=8600,
            fee_minor=154,
            net_minor=8446,
            currency="GBP",
            reporting_category="charge",
            type="charge",
            source_id="ch_1",
            description="",
            created_at=NOON,
            available_at=NOON,
            fee_details=[{"type": "stripe_fee", "amount": 154, "currency": "gbp"}],
            exchange_rate="0.86",
        ),
        at=NOON,
    )


def test_clearing_agrees_with_stripe_in_each_currency(db):
    row = sold_in_euros()

    def on(role, currency):
        return balance_of(role, currency=currency)

    assert row.exchange_rate == "0.86"
    assert (on(Role.STRIPE_CLEARING, "EUR"), on(Role.STRIPE_CLEARING, "GBP")) == (0, 8446)
    assert (on(Role.EXCHANGE, "EUR"), on(Role.EXCHANGE, "GBP")) == (10000, -8600)
    assert (on(Role.DEFERRED, "EUR"), on(Role.FEES, "GBP")) == (-10000, 154)
    assert "EUR to GBP at 0.86" in JournalEntry.objects.get(kind="exchange").description
    assert breaches() == []


def test_the_same_news_again_posts_nothing_more(db):
    sold_in_euros()
    before = JournalEntry.objects.count()
    keep_balance_transaction(
        BalanceRow(
            "txn_1", 8600, 154, 8446, "GBP", "charge", "charge", "ch_1", "", NOON, NOON, [], "0.86"
        ),
        at=NOON,
    )
    assert JournalEntry.objects.count() == before
