"""SEPA debits: complete but unpaid, then paid or never, or sent back weeks later."""

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from payments.sandbox.sepa import ACCOUNTS, find_account
from tests.stripe.conftest import order
from tests.stripe.test_money import balance
from tests.stripe.test_paying import kinds

PAYS, FAILS = "DE89370400440532013000", "DE62370400440532013001"
PAYS_LATER, FAILS_LATER = "DE08370400440532013003", "DE78370400440532013004"
DISPUTED = "DE35370400440532013002"
ON_ITS_WAY = [
    "payment_intent.created",
    "checkout.session.completed",
    "payment_intent.processing",
    "charge.pending",
]


def debited(sandbox, client, iban, amount=31500):
    session = client.v1.checkout.sessions.create(order(amount))
    assert sandbox.pay(session.id, card=iban)["outcome"] == "processing"
    return session.id


def found(client, session_id):
    """The session, its intent and its charge."""
    session = client.v1.checkout.sessions.retrieve(
        session_id, {"expand": ["payment_intent.latest_charge"]}
    )
    return session, session.payment_intent, session.payment_intent.latest_charge


@pytest.mark.parametrize("iban", ACCOUNTS)
def test_the_accounts_are_possible_ibans(iban):
    digits = "".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])

    assert int(digits) % 97 == 1
    assert find_account(" ".join((iban[:4], iban[4:])).lower()).number == iban


@pytest.mark.parametrize(("iban", "takes"), [(PAYS, 5), (PAYS_LATER, 180)])
def test_the_money_comes_later(frozen, client, iban, takes):
    session_id = debited(frozen, client, iban)
    frozen.advance(takes - 1)
    session, intent, charge = found(client, session_id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (intent.status, charge.status, charge.paid) == ("processing", "pending", False)
    assert kinds(frozen) == ON_ITS_WAY

    frozen.advance(1)

    session, intent, charge = found(client, session_id)
    assert (session.payment_status, intent.status) == ("paid", "succeeded")
    assert (charge.status, charge.paid) == ("succeeded", True)
    assert charge.id.startswith("py_")
    assert charge.payment_method_details.sepa_debit.last4 == iban[-4:]
    assert kinds(frozen)[4:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    frozen.advance(2)
    row = client.v1.balance_transactions.list({"source": charge.id}).data[0]
    assert (row.type, row.reporting_category, row.net) == ("payment", "charge", 31002)


@pytest.mark.parametrize(("iban", "takes"), [(FAILS, 5), (FAILS_LATER, 180)])
def test_or_it_never_comes(frozen, client, iban, takes):
    session_id = debited(frozen, client, iban)
    frozen.advance(takes)

    session, intent, charge = found(client, session_id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert (charge.status, charge.failure_code) == ("failed", "insufficient_funds")
    assert kinds(frozen)[4:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    frozen.advance("1h")
    assert client.v1.balance_transactions.list().data == []


def test_disputed_at_once(frozen, client):
    session_id = debited(frozen, client, DISPUTED)
    frozen.advance(5)

    _, _, charge = found(client, session_id)
    [dispute] = client.v1.disputes.list({"charge": charge.id}).data
    assert charge.disputed
    assert dispute.balance_transactions[0].net == -33500


def test_a_debit_on_its_way_is_neither_refunded_nor_paid_again(frozen, client):
    session_id = debited(frozen, client, PAYS)
    _, intent, charge = found(client, session_id)

    for where in ({"charge": charge.id}, {"payment_intent": intent.id}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.refunds.create(where)
    with pytest.raises(SandboxRefused, match="complete"):
        frozen.pay(session_id)


def test_a_refund_of_a_debit_has_a_name_of_its_own(frozen, client):
    session_id = debited(frozen, client, PAYS, 1000)
    frozen.advance(10)
    _, intent, _ = found(client, session_id)

    refund = client.v1.refunds.create(
        {"payment_intent": intent.id, "amount": 300, "expand": ["balance_transaction"]}
    )

    assert refund.id.startswith("pyr_")
    row = refund.balance_transaction
    assert (row.type, row.reporting_category, row.amount) == ("payment_refund", "refund", -300)
    frozen.advance("1m")
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_debit_may_be_sent_back_after_it_succeeded(frozen, client):
    session_id = debited(frozen, client, PAYS, 1000)
    frozen.advance("3d")
    assert balance(client)[1] == 0  # it was paid out this morning

    _, _, charge = found(client, session_id)
    frozen.fail_debit(charge.id)

    _, intent, charge = found(client, session_id)
    assert (intent.status, charge.status) == ("requires_payment_method", "failed")
    row = client.v1.balance_transactions.retrieve(charge.failure_balance_transaction)
    assert (row.type, row.net) == ("payment_failure_refund", -1000)
    assert balance(client) == (0, -1000)
    with pytest.raises(SandboxRefused):
        frozen.fail_debit(charge.id)


@pytest.mark.parametrize(
    "more",
    [
        {"excluded_payment_method_types": ["sepa_debit"]},
        {"allowed_payment_method_types": ["card"]},
    ],
)
def test_a_shop_that_takes_no_debits(frozen, client, more):
    session = client.v1.checkout.sessions.create(order(**more))
    assert session.payment_method_types == ["card"]

    with pytest.raises(SandboxRefused, match="takes card"):
        frozen.pay(session.id, card=PAYS)
    assert frozen.pay(session.id)["outcome"] == "paid"


def test_only_euros_are_debited(client):
    lines = order()["line_items"]
    lines[0]["price_data"]["currency"] = "gbp"

    session = client.v1.checkout.sessions.create(order(line_items=lines))

    assert session.payment_method_types == ["card"]
