"""Refunds that wait, arrive late, fail, expire or are cancelled, and those made elsewhere."""

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from tests.stripe.test_money import balance, paid
from tests.stripe.test_paying import kinds

PENDING, FAILS, AT_ONCE = "4000000000007726", "4000000000005126", "4000000000000077"


def refunded(client, charge):
    found = client.v1.charges.retrieve(charge.id)
    return found.amount_refunded, found.refunded


def test_a_refund_may_be_pending_before_it_succeeds(frozen, client):
    charge = paid(frozen, client, 1000, PENDING)
    refund = client.v1.refunds.create({"charge": charge.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert refunded(client, charge) == (1000, True)

    frozen.advance(5)

    refund = client.v1.refunds.retrieve(refund.id)
    assert refund.status == "succeeded"
    assert "pending_reason" not in refund
    assert kinds(frozen)[-2:] == ["refund.updated", "charge.refund.updated"]


def test_a_refund_may_fail_after_it_succeeded(frozen, client):
    charge = paid(frozen, client, 1000, FAILS)
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 400})
    assert refund.status == "succeeded"
    assert balance(client)[0] == 1000 - 40 - 400

    frozen.advance(10)

    refund = client.v1.refunds.retrieve(
        refund.id, {"expand": ["failure_balance_transaction", "balance_transaction"]}
    )
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    back = refund.failure_balance_transaction
    assert (back.type, back.reporting_category) == ("refund_failure", "refund_failure")
    assert (back.amount, back.fee, back.source) == (400, 0, refund.id)
    assert refund.balance_transaction.amount == -400
    assert balance(client)[0] == 1000 - 40
    assert refunded(client, charge) == (0, False)
    assert kinds(frozen)[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    assert client.v1.refunds.create({"charge": charge.id}).amount == 1000


def test_a_refund_that_the_balance_cannot_pay_waits_for_money(frozen, client):
    charge = paid(frozen, client, 1000, AT_ONCE)
    frozen.advance(2)
    frozen.run_payouts()
    refund = client.v1.refunds.create({"charge": charge.id})
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    assert refund.balance_transaction is None

    paid(frozen, client, 500)
    frozen.advance(3)
    assert client.v1.refunds.retrieve(refund.id).status == "pending"
    paid(frozen, client, 900)
    frozen.advance(3)

    refund = client.v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]})
    assert (refund.status, refund.balance_transaction.net) == ("succeeded", -1000)


def test_a_refund_that_waits_can_be_cancelled(frozen, client):
    charge = paid(frozen, client, 1000, AT_ONCE)
    frozen.advance(2)
    frozen.run_payouts()
    waiting = client.v1.refunds.create({"charge": charge.id})

    cancelled = client.v1.refunds.cancel(waiting.id)

    assert (cancelled.status, cancelled.failure_reason) == ("canceled", "merchant_request")
    assert refunded(client, charge) == (0, False)
    assert balance(client) == (0, 0)
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        client.v1.refunds.cancel(waiting.id)


def test_a_pending_refund_that_is_cancelled_gives_its_money_back(frozen, client):
    charge = paid(frozen, client, 1000, PENDING)
    refund = client.v1.refunds.create({"charge": charge.id})

    cancelled = client.v1.refunds.cancel(refund.id)
    frozen.advance("1h")

    assert cancelled.failure_balance_transaction
    assert client.v1.refunds.retrieve(refund.id).status == "canceled"
    assert balance(client)[0] == 1000 - 40


@pytest.mark.parametrize("end", ["cancel", "expire"])
def test_a_refund_that_waits_for_the_payer(frozen, client, end):
    charge = paid(frozen, client, 1000)
    frozen.next_refund("requires_action")
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 300})
    assert refund.status == "requires_action"
    assert refund.next_action.display_details.expires_at > refund.created
    assert client.v1.refunds.create({"charge": charge.id, "amount": 200}).status == "succeeded"

    if end == "cancel":
        assert client.v1.refunds.cancel(refund.id).status == "canceled"
    else:
        assert client.v1.test_helpers.refunds.expire(refund.id).status == "failed"
    assert refunded(client, charge) == (200, False)


def test_a_refund_made_in_the_dashboard_has_no_metadata(frozen, client):
    charge = paid(frozen, client, 1000)

    made = frozen.dashboard_refund(charge.payment_intent, 250)

    assert (made["amount"], made["metadata"], made["status"]) == (250, {}, "succeeded")
    [event] = client.v1.events.list({"type": "refund.created"}).data
    assert event.request.id is None
    assert refunded(client, charge) == (250, False)


def test_any_refund_fails_by_hand_but_once(frozen, client):
    charge = paid(frozen, client, 1000)
    refund = client.v1.refunds.create({"charge": charge.id})

    failed = frozen.fail_refund(refund.id, "lost_or_stolen_card")

    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    for reason in ("unknown", "a whim"):
        with pytest.raises(SandboxRefused):
            frozen.fail_refund(refund.id, reason)
    assert balance(client)[0] == 1000 - 40


def test_the_next_refund_is_told_its_fate_once(frozen, client):
    charge = paid(frozen, client, 1000)
    frozen.next_refund("fails")
    first = client.v1.refunds.create({"charge": charge.id, "amount": 100})
    second = client.v1.refunds.create({"charge": charge.id, "amount": 100})
    frozen.advance("1m")

    states = [client.v1.refunds.retrieve(one.id).status for one in (first, second)]
    assert states == ["failed", "succeeded"]
    with pytest.raises(SandboxRefused, match="next_refund"):
        frozen.next_refund("vanish")
