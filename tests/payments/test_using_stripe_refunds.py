"""How the portal uses Stripe when money goes back: a test for each rule, named after it."""

from datetime import timedelta

import pytest

from payments import inbox, polling
from payments import stripe_gateway as gateway
from payments.invariants import breaches
from payments.models import (
    CreditEntry,
    CreditLot,
    Dispute,
    Mismatch,
    Refund,
    RefundRequest,
    StripeEvent,
)
from payments.refunding.sending import send_due
from payments.refunding.watching import watch_refunds
from tests.payments.refunds import make_bookkeeper, refund, sold, sums

Status = RefundRequest.Status


@pytest.fixture
def bo(db):
    return make_bookkeeper(name="Bo Books")


def hear(shop, wait: str = "2h") -> None:
    shop.sandbox.advance(wait)
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)


def test_every_type_we_ask_for_has_a_handler():
    assert set(gateway.EVENT_TYPES) == set(inbox.HANDLERS)


def test_two_partial_refunds_of_one_charge_are_two(shop, bo):
    order = sold(shop)
    refund(shop, order, bo, units=1)
    refund(shop, order, bo, units=2)
    hear(shop)

    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [5200, 10400]
    assert CreditEntry.objects.filter(kind="refund").count() == 2
    assert sums()["DEFERRED"] == -10400
    assert breaches() == []


def test_the_request_is_committed_before_the_call_and_found_by_metadata_not_amount(
    shop, bo, monkeypatch
):
    order = sold(shop)
    known_before_the_call = []
    create = gateway.create_refund

    def watched(**wanted):
        name = wanted["metadata"]["refund_request_id"]
        known_before_the_call.append(RefundRequest.objects.filter(public_id=name).exists())
        return create(**wanted)

    monkeypatch.setattr(gateway, "create_refund", watched)
    ours = refund(shop, order, bo, units=1)
    charge = order.attempts.get().charges.get()
    same_sum = shop.sandbox.dashboard_refund(charge.pk, 5200)
    hear(shop)

    assert known_before_the_call == [True]
    ours.refresh_from_db()
    assert ours.stripe_refund_id not in {None, same_sum["id"]}
    assert Mismatch.objects.open().get().about == same_sum["id"], "the other is nobody's"


def test_credits_go_with_the_request_and_come_back_when_it_fails(shop, bo):
    order = sold(shop, card="4000000000005126")  # succeeds, and fails later
    lot = CreditLot.objects.get(order_line__order=order)
    request = refund(shop, order, bo, units=5)
    assert CreditLot.objects.with_balances().get(pk=lot.pk).refunded == 5

    hear(shop, "1d")
    request.refresh_from_db()
    assert request.status == Status.FAILED
    assert CreditLot.objects.with_balances().get(pk=lot.pk).available == 5
    assert breaches() == []


def test_a_refund_made_in_the_dashboard_is_found_and_never_guessed_onto_credits(shop, bo):
    order = sold(shop)
    charge = order.attempts.get().charges.get()
    made = shop.sandbox.dashboard_refund(charge.pk, 5200)
    shop.sandbox.advance("1h")
    watch_refunds(at=shop.at)  # no webhook came

    mismatch = Mismatch.objects.open().get()
    assert (mismatch.code, mismatch.about) == ("M07", made["id"])
    assert not CreditEntry.objects.filter(kind="refund").exists()


def test_an_unknown_outcome_is_asked_again_with_the_same_key(shop, bo):
    order = sold(shop)
    shop.sandbox.fault(kind="500_after", path="/v1/refunds")
    request = refund(shop, order, bo, units=1)
    assert request.status == Status.REQUESTED
    shop.sandbox.clear_faults()

    shop.sandbox.advance("10m")
    send_due(at=shop.at)
    hear(shop)
    request.refresh_from_db()
    assert request.status == Status.SUCCEEDED
    assert Refund.objects.count() == 1


def test_after_a_day_it_is_looked_up_and_not_repeated(shop, bo, monkeypatch):
    order = sold(shop)
    shop.sandbox.fault(kind="500_after", path="/v1/refunds")
    request = refund(shop, order, bo, units=1)
    shop.sandbox.clear_faults()
    shop.sandbox.advance("25h")
    monkeypatch.setattr(gateway, "create_refund", lambda **wanted: pytest.fail("asked again"))

    RefundRequest.objects.update(next_try_at=shop.at)
    send_due(at=shop.at + timedelta(minutes=1))
    hear(shop)
    request.refresh_from_db()
    assert request.status == Status.SUCCEEDED
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("outcome", "status", "available"), [("won", "active", 5), ("lost", "frozen", 0)]
)
def test_a_dispute_freezes_at_once_and_its_end_frees_or_voids(shop, bo, outcome, status, available):
    order = sold(shop)
    found = shop.sandbox.dispute(order.attempts.get().charges.get().pk)
    hear(shop)
    lot = CreditLot.objects.get(order_line__order=order)
    assert (lot.status, Refund.objects.count()) == ("frozen", 0), "and nothing is paid back by us"

    shop.sandbox.settle_dispute(found["id"], outcome)
    hear(shop)
    lot = CreditLot.objects.with_balances().get(pk=lot.pk)
    assert lot.available == available
    assert Dispute.objects.get().status == outcome
    assert breaches() == []


def test_the_money_of_a_dispute_is_that_of_its_balance_transactions(shop, bo):
    order = sold(shop)
    shop.sandbox.settings(dispute_fee_minor=1500)
    found = shop.sandbox.dispute(order.attempts.get().charges.get().pk, amount=10000)
    hear(shop)

    books = sums()
    assert (books["DISPUTES_RECEIVABLE"], books["DISPUTE_FEES"]) == (10000, 1500)
    assert Dispute.objects.get(pk=found["id"]).amount_minor == 10000


def test_an_early_warning_of_fraud_is_put_before_staff(shop, bo):
    sold(shop, card="4000000000005423")
    assert StripeEvent.objects.filter(type="radar.early_fraud_warning.created").exists()
    assert Mismatch.objects.open().exists()
    assert not Refund.objects.exists()
