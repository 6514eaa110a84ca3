"""Stripe's door and the inbox behind it."""

import itertools
import json
import random
import time
from datetime import timedelta

import pytest
import stripe
from django.db import transaction

from payments import inbox, polling
from payments.invariants import breaches
from payments.models import (
    BalanceTransaction,
    Charge,
    CreditEntry,
    CreditLot,
    JournalLine,
    Mismatch,
    Order,
    Payout,
    PayoutLine,
    StripeEvent,
)
from tests.payments.conftest import SECRET, signature

Status = StripeEvent.Status


def final_state() -> dict:
    """All that the books and the runner can see, without the moments it was learnt."""
    return {
        "orders": list(Order.objects.order_by("pk").values_list("number", "status")),
        "lots": list(CreditLot.objects.order_by("pk").values_list("units", "unit_values")),
        "credits": sorted(CreditEntry.objects.values_list("source", "units", "value_minor")),
        "books": sorted(
            JournalLine.objects.values_list("entry__source", "debit", "credit", "amount_minor")
        ),
        "charges": sorted(Charge.objects.values_list("pk", "status", "balance_transaction_id")),
        "balance": sorted(BalanceTransaction.objects.values_list("pk", "net_minor")),
        "payouts": sorted(Payout.objects.values_list("pk", "status", "amount_minor")),
        "lines": sorted(PayoutLine.objects.values_list("payout_id", "balance_transaction_id")),
        "open": sorted(Mismatch.objects.open().values_list("code", "about")),
    }


def test_a_signed_event_is_kept_handled_and_credits_come(shop):
    order = shop.paid_checkout().order
    shop.handle_all()

    order.refresh_from_db()
    event = StripeEvent.objects.get(type="checkout.session.completed")
    assert order.is_paid
    assert (event.status, event.signature_verified) == (Status.DONE, True)
    assert event.processed_at == shop.at


@pytest.mark.parametrize(
    "how",
    [
        {"header": "t=1,v1=00"},
        {"header": "nonsense"},
        {"signed_with": "whsec_wrong"},
        {"sent_ago": 301},
        {"sent_ago": -900},
        {"body": b"\xff\xfe not text"},
        {"body": b"{}"},
        {"body": b"[1, 2]"},
        {"body": b'{"object": "event"}'},
        {"body": b'{"object": "v2.core.event", "id": "evt_1"}'},
        {"body": b"{" * 4000},
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused_and_not_kept(shop, how):
    attempt = shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")

    # Counted from here: a long run collects its tests minutes before.
    how = dict(how)
    ago = how.pop("sent_ago", None)
    sent = {} if ago is None else {"sent_at": int(time.time()) - ago}
    assert shop.deliver(event, **how, **sent) == 400

    attempt.order.refresh_from_db()
    assert not StripeEvent.objects.exists()
    assert not attempt.order.is_paid


def test_a_swapped_body_is_refused(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    signed_for = signature(json.dumps(event).encode())
    event["data"]["object"]["amount_total"] = 1

    assert shop.deliver(event, header=signed_for) == 400


def test_unsigned_and_by_get_is_refused(client, db):
    assert (
        client.post("/webhooks/stripe", b"{}", content_type="application/json").status_code == 400
    )
    assert client.get("/webhooks/stripe").status_code == 405


def test_the_current_and_the_next_secret_are_both_good(shop, settings):
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET, "whsec_next"]
    shop.paid_checkout()
    first, second = shop.events()[:2]

    assert shop.deliver(first) == 200
    assert shop.deliver(second, signed_with="whsec_next") == 200
    assert StripeEvent.objects.count() == 2


def test_the_door_answers_without_asking_stripe(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    asked = len(shop.sandbox.log())

    assert shop.deliver(event) == 200
    assert shop.deliver(event) == 200

    assert len(shop.sandbox.log()) == asked
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"livemode": True}, Status.FOREIGN),
        ({"account": "acct_somebody"}, Status.FOREIGN),
        ({"type": "customer.created"}, Status.IGNORED),
    ],
)
def test_what_is_not_for_us_is_kept_and_left_alone(shop, change, status):
    attempt = shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")

    assert shop.deliver(event | change) == 200
    inbox.retry_due(at=shop.at)
    inbox.replay(event["id"], at=shop.at)

    attempt.order.refresh_from_db()
    assert StripeEvent.objects.get().status == status
    assert not attempt.order.is_paid


def test_the_payment_of_an_unknown_order_is_kept_and_shown_to_staff(shop):
    attempt = shop.paid_checkout()
    order = attempt.order
    attempt.delete()
    shop.handle_all()

    [mismatch] = Mismatch.objects.open().filter(code="M01")
    assert mismatch.amount_minor == order.total_minor
    assert not CreditLot.objects.exists()


def test_a_failure_waits_longer_each_time_and_then_works(shop):
    attempt = shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.deliver(event)
    shop.sandbox.fault(kind="garbage", path="/v1/checkout", count=2)

    first = inbox.handle(event["id"], at=shop.at)
    wait = first.next_attempt_at - shop.at
    assert (first.status, wait) == (Status.PENDING, timedelta(seconds=15))
    assert "GatewayDown" in first.error
    assert inbox.retry_due(at=shop.at) == 0

    later = shop.at + wait
    assert inbox.retry_due(at=later) == 1
    second = StripeEvent.objects.get()
    assert second.next_attempt_at - later == timedelta(seconds=60)
    inbox.retry_due(at=second.next_attempt_at)

    attempt.order.refresh_from_db()
    assert StripeEvent.objects.get().status == Status.DONE
    assert attempt.order.is_paid


def test_an_event_that_never_works_is_put_aside_for_staff_who_may_replay_it(shop):
    attempt = shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.deliver(event)
    StripeEvent.objects.update(attempts=inbox.MOST_ATTEMPTS - 1)
    shop.sandbox.fault(kind="garbage", path="/v1/checkout", count=1)

    assert inbox.handle(event["id"], at=shop.at).status == Status.FAILED
    assert list(StripeEvent.objects.needing_a_person()) == [StripeEvent.objects.get()]

    assert inbox.replay(event["id"], at=shop.at).status == Status.DONE
    attempt.order.refresh_from_db()
    assert attempt.order.is_paid


def test_a_lost_worker_gives_the_event_back(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.deliver(event)
    inbox._leased(event["id"], shop.at)  # and then its machine is gone

    assert inbox.retry_due(at=shop.at) == 0
    assert inbox.retry_due(at=shop.at + inbox.LEASE) == 1
    assert CreditLot.objects.count() == 1


def test_the_fee_that_comes_late_is_posted_when_it_comes(shop):
    shop.sandbox.settings(balance_transaction_delay=3600)
    shop.paid_checkout()
    shop.handle_all()
    assert Charge.objects.get().balance_transaction_id is None
    assert breaches() == []

    shop.sandbox.advance("2h")
    shop.handle_all()

    fee = JournalLine.objects.get(debit="5000")
    row = BalanceTransaction.objects.get()
    assert fee.amount_minor == row.fee_minor > 0
    assert Charge.objects.get().balance_transaction_id == row.pk
    assert breaches() == []


def a_month(shop) -> list[dict]:
    """Two purchases, one of them twice tried, and the payout of both; nothing delivered."""
    shop.paid_checkout()
    second = shop.checkout(shop.order())
    shop.sandbox.pay(second.stripe_session_id, card="4000000000000002")
    shop.sandbox.pay(second.stripe_session_id)
    expired = shop.checkout(shop.order())
    shop.sandbox.advance("5d")
    assert expired.status == "open"
    return shop.events()


class Undo(Exception):
    """Ends a trial."""


def replayed(shop, events) -> dict:
    """The final state after just these deliveries, the database as before afterwards."""
    state = {}
    try:
        with transaction.atomic():
            for event in events:
                assert shop.deliver(event) == 200
                inbox.handle(event["id"], at=shop.at)
            state = final_state()
            raise Undo
    except Undo:
        return state


def handled(events):
    return [event for event in events if event["type"] in inbox.HANDLERS]


def test_any_order_and_any_number_of_deliveries_end_the_same(shop):
    events = handled(a_month(shop))
    expected = replayed(shop, events)
    assert [status for _, status in expected["orders"]] == ["paid", "paid", "cancelled"]
    assert len(expected["lines"]) == 2
    assert expected["open"] == []

    chance = random.Random(41)
    for _ in range(6):
        shuffled = events + chance.sample(events, 3)
        chance.shuffle(shuffled)
        assert replayed(shop, shuffled) == expected
    assert replayed(shop, events[::-1]) == expected


def test_each_order_of_the_four_that_matter_ends_the_same(shop):
    attempt = shop.paid_checkout()
    shop.sandbox.advance("5d")
    kinds = ("checkout.session.completed", "charge.updated", "payout.paid")
    chosen = [shop.events(kind)[0] for kind in (*kinds, "payout.reconciliation_completed")]
    states = [replayed(shop, order) for order in itertools.permutations(chosen)]

    assert states.count(states[0]) == len(states) == 24
    assert states[0]["orders"] == [(attempt.order.number, "paid")]


def test_two_events_for_one_change_are_one_effect(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.deliver(event)
    shop.deliver(event | {"id": "evt_its_twin"})
    inbox.retry_due(at=shop.at)

    assert StripeEvent.objects.filter(status=Status.DONE).count() == 2
    assert CreditLot.objects.count() == 1


def test_without_any_webhook_the_poller_finds_everything(shop):
    events = handled(a_month(shop))
    expected = replayed(shop, events)

    polling.poll_events(at=shop.at)

    assert final_state() == expected
    assert StripeEvent.objects.filter(signature_verified=True).count() == 0
    assert polling.poll_events(at=shop.at) == 0


def test_without_events_the_objects_tell_the_same(shop):
    events = handled(a_month(shop))
    expected = replayed(shop, events)

    polling.sweep_balance_transactions(at=shop.at)
    polling.poll_open_orders(at=shop.at)
    polling.sync_payouts(at=shop.at)

    assert final_state() == expected
    for job in (polling.sweep_balance_transactions, polling.sync_payouts):
        job(at=shop.at)
    assert final_state() == expected


def test_the_poller_reads_on_from_where_it_was(shop):
    shop.paid_checkout()
    polling.poll_events(at=shop.at)
    shop.sandbox.advance("1h")
    shop.paid_checkout()
    shop.sandbox.advance("1m")

    assert polling.poll_events(at=shop.at) > 0
    assert CreditLot.objects.count() == 2


def test_a_refund_made_at_stripe_is_put_before_staff_and_the_books_follow(shop):
    attempt = shop.paid_checkout()
    shop.sandbox.advance("1m")
    shop.handle_all()
    charge = Charge.objects.get()
    refund_at_stripe(shop, charge.pk, 5000)
    shop.sandbox.advance("1m")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)

    mismatch = Mismatch.objects.open().get()
    charge.refresh_from_db()
    assert (mismatch.code, mismatch.amount_minor, mismatch.order) == ("M07", 5000, attempt.order)
    assert charge.amount_refunded_minor == 5000
    assert JournalLine.objects.get(debit="2900").amount_minor == 5000
    assert breaches() == []


def refund_at_stripe(shop, charge_id, amount):
    client = stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
    client.v1.refunds.create({"charge": charge_id, "amount": amount})
