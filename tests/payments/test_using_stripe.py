"""How the portal uses Stripe: a test for each rule, named after it (docs/payments.md).

What a rule needs of refunds and disputes is in `test_using_stripe_refunds.py`.
"""

import json
from datetime import timedelta

import pytest
import stripe
from django.db import connection

from payments import inbox, polling, watching
from payments import stripe_gateway as gateway
from payments.invariants import breaches
from payments.models import (
    BalanceTransaction,
    Charge,
    CreditLot,
    JournalEntry,
    Mismatch,
    Order,
    PaymentAttempt,
    Payout,
    StripeEvent,
)
from payments.selling import end_checkout, fulfil
from payments.stripe_objects import BalanceRow
from payments.stripe_patience import Pace

CALL = "payments.stripe_gateway"


def requests_to(shop, path: str, method: str = "POST") -> list[dict]:
    return [
        call
        for call in shop.sandbox.log()
        if call["method"] == method and call["path"].startswith(path)
    ]


def first_session(shop) -> dict:
    client = stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
    return client.v1.checkout.sessions.list({"limit": 1}).data[0].to_dict()


def test_fulfil_is_one_function_for_webhook_page_and_poller(shop):
    attempt = shop.paid_checkout()
    for _ in range(2):
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    shop.handle_all()
    polling.poll_open_orders(at=shop.at)

    assert CreditLot.objects.count() == 1
    assert JournalEntry.objects.filter(kind="sale").count() == 1


def test_unpaid_after_completed_is_on_its_way_and_grants_nothing(shop, monkeypatch):
    attempt = shop.paid_checkout()
    asked = gateway.retrieve_session

    def delayed(session_id):
        row = asked(session_id)
        return type(row)(
            **{
                **{name: getattr(row, name) for name in row.__slots__},
                "payment_status": "unpaid",
                "payment_intent_status": "processing",
            }
        )

    monkeypatch.setattr(gateway, "retrieve_session", delayed)
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    attempt.refresh_from_db()
    assert (attempt.status, CreditLot.objects.count()) == (PaymentAttempt.Status.PROCESSING, 0)

    monkeypatch.setattr(gateway, "retrieve_session", asked)
    assert fulfil(session_id=attempt.stripe_session_id, at=shop.at).is_paid


def test_a_session_that_differs_from_its_order_is_for_review_and_never_silent(shop):
    attempt = shop.paid_checkout()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(currency="EUR")
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert Mismatch.objects.open().get().code == "M03"
    assert not CreditLot.objects.exists()


def test_before_a_second_session_the_first_is_ended_and_complete_means_paid(shop):
    attempt = shop.paid_checkout()
    order = end_checkout(order=attempt.order, at=shop.at)

    assert order.is_paid, "it was paid before it could be expired"
    assert CreditLot.objects.count() == 1


def test_a_session_lasts_at_least_half_an_hour(shop):
    attempt = shop.checkout(shop.order())
    assert attempt.expires_at - shop.at >= timedelta(minutes=30)


def test_the_webhook_stores_once_and_never_calls_stripe(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    shop.sandbox.fault(kind="500_before", path="/v1/", count=50)

    assert [shop.deliver(event) for _ in range(3)] == [200, 200, 200]
    assert StripeEvent.objects.count() == 1


def test_the_worker_reads_the_object_anew_and_never_trusts_the_snapshot(shop):
    attempt = shop.checkout(shop.order())
    shop.sandbox.advance("1h")  # it has expired; somebody replays an old snapshot of a paid one
    [event] = shop.events("checkout.session.expired")
    session = event["data"]["object"] | {"status": "complete", "payment_status": "paid"}
    forged = event | {"id": "evt_old", "type": "checkout.session.completed"}
    shop.deliver(forged | {"data": {"object": session}})
    inbox.retry_due(at=shop.at)

    attempt.order.refresh_from_db()
    assert attempt.order.status == Order.Status.CANCELLED
    assert not CreditLot.objects.exists()


def test_two_events_for_one_change_have_one_effect(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    for name in (event["id"], "evt_twin"):
        shop.deliver(event | {"id": name})
    inbox.retry_due(at=shop.at)

    assert CreditLot.objects.count() == 1
    assert JournalEntry.objects.filter(kind="sale").count() == 1


def test_unknown_types_are_kept(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    assert shop.deliver(event | {"id": "evt_new", "type": "capital.loan.born"}) == 200
    assert StripeEvent.objects.get(pk="evt_new").status == StripeEvent.Status.IGNORED


def test_the_endpoint_is_made_in_our_version_and_another_version_is_put_before_staff(
    shop, settings, capsys
):
    from django.core.management import call_command

    settings.SITE_URL = "https://portal.example"
    assert not watching.check_endpoint(at=shop.at)
    assert Mismatch.objects.open().get().about == watching.OLD_VERSION

    call_command("stripe_endpoint")
    assert "whsec_" in capsys.readouterr().out
    [made] = [one for one in gateway.list_endpoints() if one.url == watching.webhook_url()]
    assert made.api_version == settings.STRIPE_API_VERSION
    assert set(made.enabled_events) == set(gateway.EVENT_TYPES)
    assert watching.check_endpoint(at=shop.at)
    assert not Mismatch.objects.open().exists()

    call_command("stripe_endpoint")
    assert len([one for one in gateway.list_endpoints() if one.url == made.url]) == 1


def test_an_event_of_two_years_ago_still_leads_to_its_object(shop):
    attempt = shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    old = {"api_version": "2024-06-20", "created": event["created"] - 63_072_000}
    assert shop.deliver(event | old) == 200
    inbox.retry_due(at=shop.at)

    attempt.order.refresh_from_db()
    assert StripeEvent.objects.get().api_version == "2024-06-20"
    assert attempt.order.is_paid


@pytest.mark.parametrize("outage", ["1h", "4d", "30d", "45d"])
def test_polling_heals_an_outage(shop, outage):
    polling.poll_events(at=shop.at)
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    paid = shop.paid_checkout()
    given_up = shop.checkout(shop.order())
    shop.sandbox.advance(outage)  # no webhook, no worker, nobody at home
    for job in (
        polling.poll_events,
        polling.poll_open_orders,
        polling.sweep_balance_transactions,
        polling.sync_payouts,
    ):
        job(at=shop.at)

    paid.order.refresh_from_db()
    given_up.refresh_from_db()
    assert paid.order.is_paid
    assert CreditLot.objects.count() == 1
    if outage != "1h":
        assert given_up.status == PaymentAttempt.Status.EXPIRED
        assert Payout.objects.get().lines.count() == 1
        assert not Mismatch.objects.open().exists()
    assert breaches() == []


def test_keys_come_from_the_business_and_are_stored_before_the_call(shop):
    shop.sandbox.fault(kind="timeout_after", path="/v1/checkout/sessions", seconds=6)
    order = shop.order()
    with pytest.raises(Exception, match="does not answer"):
        shop.checkout(order)
    stored = PaymentAttempt.objects.get()
    assert stored.idempotency_key.startswith(f"checkout:{order.number}:1")

    again = shop.checkout(order)
    assert again.pk == stored.pk
    assert first_session(shop)["id"] == again.stripe_session_id
    client = stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_the_ledger_is_built_from_balance_transactions_each_once(shop):
    for _ in range(3):
        shop.paid_checkout()
    shop.sandbox.advance("10m")
    asked = len(shop.sandbox.log())
    polling.sweep_balance_transactions(at=shop.at)
    sweep = shop.sandbox.log()[: len(shop.sandbox.log()) - asked]
    polling.sweep_balance_transactions(at=shop.at)

    assert BalanceTransaction.objects.count() == 3
    assert JournalEntry.objects.filter(source__startswith="balance:").count() == 3
    listed = [call for call in sweep if call["path"].startswith("/v1/charges")]
    assert listed == [], "the charge comes with its row, not one by one"


def test_a_payout_is_matched_when_stripe_has_counted_it(shop):
    shop.paid_checkout()
    shop.sandbox.advance("5d")
    shop.handle_all()
    payout = Payout.objects.get()

    inside = sum(line.balance_transaction.net_minor for line in payout.lines.all())
    assert (payout.reconciliation_status, inside) == ("completed", payout.amount_minor)


def test_money_is_whole_minor_units(shop):
    shop.paid_checkout()
    columns = [
        (model.__name__, field.name, field.get_internal_type())
        for model in (Order, PaymentAttempt, Charge, BalanceTransaction, Payout)
        for field in model._meta.get_fields()
        if field.name.endswith("_minor")
    ]
    assert {kind for *_, kind in columns} == {"BigIntegerField"}


def test_metadata_is_short_and_says_nothing_of_people_or_health(shop):
    order = shop.paid_checkout().order
    session = first_session(shop)
    said = session["metadata"]

    assert set(said) == {"order", "attempt"}
    assert len(said) <= 50
    assert all(len(key) <= 40 and len(value) <= 500 for key, value in said.items())
    told = json.dumps(said).lower()
    assert not any(word in told for word in ("massage", order.buyer.name.lower(), "@"))


def test_adaptive_pricing_is_off(shop):
    shop.paid_checkout()
    assert first_session(shop)["adaptive_pricing"] == {"enabled": False}


def test_a_missing_permission_is_an_alarm_for_operators_not_an_error_of_the_buyer(
    shop, monkeypatch, caplog
):
    def forbidden(*args, **kwargs):
        raise stripe.PermissionError(
            "The key lacks 'checkout_session_write'.", http_status=403, http_body="{}"
        )

    monkeypatch.setattr(stripe.checkout.SessionService, "create", forbidden)
    with pytest.raises(Exception, match="does not answer right now"):
        shop.checkout(shop.order())
    assert "checkout_session_write" in caplog.text
    assert caplog.records[-1].levelname == "CRITICAL"


def test_the_account_of_the_key_is_compared_with_ours(shop, settings):
    settings.STRIPE_ACCOUNT_ID = "acct_ours"
    assert not watching.check_account(at=shop.at)
    assert Mismatch.objects.open().get().code == "M21"

    settings.STRIPE_ACCOUNT_ID = gateway.retrieve_account_id()
    assert watching.check_account(at=shop.at)
    assert not Mismatch.objects.open().exists()


@pytest.mark.parametrize("change", [{"livemode": True}, {"account": "acct_other"}])
def test_events_of_another_mode_or_account_are_foreign_and_answered_200(shop, change):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    assert shop.deliver(event | change) == 200
    assert StripeEvent.objects.get().status == StripeEvent.Status.FOREIGN


def test_two_webhook_secrets_are_tried(shop, settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_next", *settings.STRIPE_WEBHOOK_SECRETS]
    shop.paid_checkout()
    first, second = shop.events()[:2]
    assert shop.deliver(first) == shop.deliver(second, signed_with="whsec_next") == 200


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\xfa", b"{", b"[]", b'{"object":"v2.core.event"}', b"\x00" * 10]
)
def test_what_is_no_event_is_refused_with_400(shop, body):
    assert shop.deliver({}, body=body) == 400
    assert not StripeEvent.objects.exists()


def test_a_body_of_two_megabytes_is_kept_and_a_larger_one_refused(shop):
    shop.paid_checkout()
    [event] = shop.events("checkout.session.completed")
    assert shop.deliver(event | {"id": "evt_big", "padding": "x" * 2_000_000}) == 200
    assert shop.deliver(event | {"id": "evt_huge", "padding": "x" * 3_000_000}) == 400
    assert list(StripeEvent.objects.values_list("pk", flat=True)) == ["evt_big"]


def test_a_429_is_tried_again_by_jobs_with_a_pause(shop, monkeypatch):
    paused = []
    monkeypatch.setattr("stripe._http_client.time.sleep", paused.append)
    attempt = shop.paid_checkout()
    shop.sandbox.fault(kind="429", path="/v1/checkout", count=2)
    with gateway.patiently():
        assert gateway.retrieve_session(attempt.stripe_session_id).is_paid
    assert len(paused) == 2
    assert paused[1] > 0


def test_jobs_ask_no_faster_than_their_pace():
    waited, pace = [], Pace(0.2)
    pace.wait()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("payments.stripe_patience.time.sleep", waited.append)
        pace.wait()
        pace.wait()
    assert 0.1 < waited[0] <= 0.2 < waited[1] <= 0.4


def test_unknown_values_and_fields_are_tolerated(shop):
    shop.paid_checkout()
    client = stripe.StripeClient(shop.sandbox.key, base_addresses={"api": shop.sandbox.url})
    raw = client.v1.balance_transactions.list({"limit": 1})
    shop.sandbox.advance("1m")
    raw = client.v1.balance_transactions.list({"limit": 1}).data[0].to_dict(for_json=True)
    row = BalanceRow.read(
        raw | {"type": "moon_tax", "reporting_category": "moon_tax", "brand_new": {"a": 1}}
    )
    assert row.reporting_category == "moon_tax"


def test_a_charge_has_no_balance_transaction_at_first_and_that_is_fine(shop):
    shop.sandbox.settings(balance_transaction_delay=3600)
    shop.paid_checkout()
    shop.handle_all()
    assert Charge.objects.get().balance_transaction_id is None
    assert breaches() == []

    shop.sandbox.advance("2h")
    shop.handle_all()
    assert Charge.objects.get().balance_transaction_id


def test_no_call_is_made_inside_a_transaction(shop, monkeypatch):
    """Each call of the SDK is watched for an open transaction but the test's own."""
    depth = len(connection.savepoint_ids)
    deeper = []
    real = stripe.RequestsClient.request

    def watched(self, *args, **kwargs):
        deeper.append(len(connection.savepoint_ids) > depth)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(stripe.RequestsClient, "request", watched)
    shop.paid_checkout()
    shop.sandbox.advance("5d")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)

    assert deeper
    assert not any(deeper)
