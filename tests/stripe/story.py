"""Days at a shop: each endpoint in each of its states, for the recording that is checked."""

import pytest
import stripe

from payments.sandbox import API_VERSION
from payments.sandbox.payouts import BANK_ACCOUNT
from payments.sandbox.sepa import ACCOUNTS
from tests.stripe.conftest import TEN_OCLOCK, make_client, order


def a_day_at_the_shop(sandbox, client):
    """Every endpoint, each state of a session, each event the sandbox can emit."""
    v1 = client.v1
    nora = v1.customers.create({"email": "nora@example.com", "name": "Nora", "phone": "+49 30 1"})
    v1.customers.update(nora.id, {"metadata": {"from": "test"}})
    v1.customers.retrieve(nora.id)
    v1.customers.list({"email": "nora@example.com", "created": {"gte": TEN_OCLOCK - 1}})
    v1.customers.delete(v1.customers.create({"email": "gone@example.com"}).id)
    v1.accounts.retrieve_current()

    sessions = v1.checkout.sessions
    key = {"idempotency_key": "checkout:41:1"}
    first = sessions.create(order(customer_email="nora@example.com"), key)
    sessions.create(order(customer_email="nora@example.com"), key)
    sandbox.pay(first.id, card="4000000000000002")
    sandbox.pay(first.id, card="4000002760003184", confirm="fail")
    sandbox.pay(first.id, card="4000002760003184", confirm="leave")
    intent_id = sessions.retrieve(first.id).payment_intent
    v1.payment_intents.retrieve(intent_id)
    sandbox.pay(first.id, card="4000000000003220")
    second = sessions.create(
        order(
            9900,
            customer=nora.id,
            expires_at=TEN_OCLOCK + 3600,
            locale="en-GB",
            submit_type="book",
            expand=["line_items", "customer"],
        )
    )
    sessions.retrieve(second.id)
    sandbox.pay(second.id, card="5555555555554444")
    free = sessions.create(order(0))
    sandbox.pay(free.id)
    gone = sessions.create(order())
    sessions.expire(gone.id)
    late = sessions.create(order(expires_at=TEN_OCLOCK + 1800))
    v1.charges.list({"expand": ["data.payment_intent"]})
    sandbox.advance("1h")
    sessions.retrieve(late.id)
    sessions.line_items.list(first.id, {"limit": 5})
    sessions.list({"limit": 3})
    sessions.list({"status": "complete", "expand": ["data.line_items"]})
    sessions.list({"payment_intent": intent_id, "created": {"gte": TEN_OCLOCK}})
    full = sessions.retrieve(
        first.id,
        {"expand": ["line_items", "payment_intent.latest_charge.balance_transaction"]},
    )
    charge = full.payment_intent.latest_charge

    v1.payment_intents.list({"customer": nora.id, "expand": ["data.latest_charge"]})
    v1.charges.retrieve(charge.id, {"expand": ["balance_transaction", "customer"]})
    v1.charges.list({"payment_intent": intent_id})
    refund = v1.refunds.create(
        {
            "charge": charge.id,
            "amount": 5000,
            "reason": "requested_by_customer",
            "metadata": {"refund_request_id": "7"},
        }
    )
    v1.refunds.create({"payment_intent": intent_id, "expand": ["charge", "balance_transaction"]})
    sandbox.advance(10)
    v1.refunds.update(refund.id, {"metadata": {"seen": "yes"}})
    v1.refunds.retrieve(refund.id, {"expand": ["payment_intent"]})
    v1.refunds.list({"charge": charge.id})
    v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    v1.balance.retrieve()
    days_with_trouble(sandbox, client, nora.id)
    debits(sandbox, client)
    sandbox.advance("4d")

    [payout] = v1.payouts.list({"status": "paid", "arrival_date": {"gte": TEN_OCLOCK}}).data
    v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]})
    rows = v1.balance_transactions.list({"payout": payout.id, "expand": ["data.source"]}).data
    v1.balance_transactions.retrieve(rows[0].id)
    v1.balance_transactions.list({"type": "charge", "currency": "eur"})
    v1.balance_transactions.list({"source": charge.id})
    v1.balance_transactions.list({"created": {"gte": TEN_OCLOCK}, "limit": 2})
    v1.balance.retrieve()

    made = v1.webhook_endpoints.create(
        {
            "url": "https://shop.example/stripe/webhook/",
            "enabled_events": ["checkout.session.completed", "charge.updated"],
            "api_version": API_VERSION,
        }
    )
    v1.webhook_endpoints.update(made.id, {"disabled": True, "description": "old"})
    v1.webhook_endpoints.retrieve(made.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(made.id)

    page = v1.events.list({"limit": 10})
    v1.events.list({"limit": 10, "starting_after": page.data[-1].id})
    v1.events.list({"types": ["payout.paid", "charge.updated"], "created": {"gte": TEN_OCLOCK}})
    v1.events.list({"type": "payout.paid", "delivery_success": True})
    v1.events.retrieve(page.data[0].id)
    payouts_and_odd_rows(sandbox, client)
    every_parameter(client, nora.id)
    every_page(client, nora.id)
    refusals(sandbox, client, charge.id, gone.id)


def days_with_trouble(sandbox, client, customer_id):
    """Disputes won, lost, asked and given up; refunds that wait, fail and are cancelled."""
    v1 = client.v1

    def bought(card):
        session = v1.checkout.sessions.create(order(5000, customer=customer_id))
        sandbox.pay(session.id, card=card)
        return v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        ).payment_intent.latest_charge

    for card, text in (
        ("4000000000000259", "winning_evidence"),
        ("4000000000002685", "losing_evidence"),
        ("4000000000001976", "escalate_inquiry_evidence"),
        ("4000000000001976", "winning_evidence"),
    ):
        charge = bought(card)
        [dispute] = v1.disputes.list({"charge": charge.id, "expand": ["data.charge"]}).data
        evidence = {"uncategorized_text": text, "customer_name": "Nora"}
        v1.disputes.update(dispute.id, {"evidence": evidence, "submit": False})
        v1.disputes.update(dispute.id, {"submit": True, "metadata": {"by": "test"}})
        v1.disputes.retrieve(dispute.id, {"expand": ["payment_intent"]})
        if not dispute.is_charge_refundable:
            with pytest.raises(stripe.InvalidRequestError):
                v1.refunds.create({"charge": charge.id})
        sandbox.advance(5)
        v1.disputes.retrieve(dispute.id)
    given_up = sandbox.dispute(bought("4242424242424242").id, reason="duplicate", amount=2000)
    v1.disputes.close(given_up["id"])
    v1.disputes.list({"payment_intent": charge.payment_intent, "created": {"gte": TEN_OCLOCK}})
    v1.balance_transactions.list({"type": "adjustment", "expand": ["data.source"]})

    charge = bought("4000000000005423")
    [warning] = v1.radar.early_fraud_warnings.list({"charge": charge.id}).data
    v1.radar.early_fraud_warnings.retrieve(warning.id)
    v1.refunds.create({"charge": charge.id})
    failing = v1.refunds.create({"charge": bought("4000000000005126").id})
    pending = v1.refunds.create({"charge": bought("4000000000007726").id, "amount": 1000})
    v1.refunds.cancel(v1.refunds.create({"charge": pending.charge}).id)
    charge = bought("4242424242424242")
    for end in (v1.refunds.cancel, v1.test_helpers.refunds.expire):
        sandbox.next_refund("requires_action")
        end(v1.refunds.create({"charge": charge.id, "amount": 700}).id)
    sandbox.dashboard_refund(charge.id, 100)
    sandbox.advance(10)
    v1.refunds.retrieve(pending.id)
    v1.refunds.retrieve(
        failing.id, {"expand": ["failure_balance_transaction", "balance_transaction"]}
    )
    v1.refunds.list({"payment_intent": charge.payment_intent, "expand": ["data.charge"]})


def debits(sandbox, client):
    """One of each test account, and one that the bank sends back."""
    v1 = client.v1
    made = []
    for iban in ACCOUNTS:
        session = v1.checkout.sessions.create(order(2000))
        sandbox.pay(session.id, card=iban)
        made.append(session.id)
        v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    sandbox.advance(200)
    intents = [v1.checkout.sessions.retrieve(ident).payment_intent for ident in made]
    v1.refunds.create({"payment_intent": intents[0], "amount": 500})
    sandbox.fail_debit(v1.payment_intents.retrieve(intents[2]).latest_charge)
    v1.charges.list({"limit": 20, "expand": ["data.balance_transaction"]})
    v1.balance_transactions.list({"type": "payment", "expand": ["data.source"]})


def payouts_and_odd_rows(sandbox, client):
    """Failed at once and late, by hand and cancelled; rows that no payment caused."""
    v1 = client.v1
    sandbox.settings(payout_schedule="manual")
    for row in ({"amount": 90_000}, {"amount": -300, "kind": "stripe_fee"}):
        sandbox.add_balance_row(**row, currency="eur")
    sandbox.add_balance_row(-400, category="capital", fee=10, currency="eur")
    cancelled = v1.payouts.create({"amount": 1000, "currency": "eur"})
    v1.payouts.cancel(cancelled.id, {"expand": ["failure_balance_transaction"]})
    by_hand = v1.payouts.create({"amount": 1000, "currency": "eur", "metadata": {"a": "b"}})
    sandbox.advance("7h")
    with pytest.raises(stripe.InvalidRequestError):
        v1.balance_transactions.list({"payout": by_hand.id})
    with pytest.raises(stripe.InvalidRequestError):
        v1.payouts.create({"amount": 99_999_999, "currency": "eur"})
    for fate in ("fails", "fails_late"):
        sandbox.next_payout(fate)
        [made] = [one for one in sandbox.run_payouts() if one["currency"] == "eur"]
        v1.payouts.update(made["id"], {"metadata": {"checked": "yes"}})
        v1.payouts.list({"status": "in_transit", "created": {"gte": TEN_OCLOCK}})
        sandbox.advance("3d")
        v1.payouts.retrieve(made["id"], {"expand": ["failure_balance_transaction"]})
        v1.balance_transactions.list({"payout": made["id"], "limit": 100})
    v1.payouts.list({"status": "failed", "expand": ["data.balance_transaction"]})


def every_parameter(client, customer_id):
    """What the other days had no need of."""
    v1 = client.v1
    v1.customers.update(
        customer_id,
        {
            "email": "nora@example.org",
            "name": "Nora N.",
            "phone": "+44 20 1",
            "description": "Runs",
            "preferred_locales": ["en-GB"],
            "invoice_settings": {"footer": "Thank you"},
        },
    )
    v1.customers.create(
        {
            "description": "Walks",
            "preferred_locales": ["de"],
            "invoice_settings": {"footer": ""},
            "metadata": {"from": "test"},
        }
    )
    v1.checkout.sessions.create(
        order(
            ui_mode="hosted_page",
            currency="eur",
            customer_creation="if_required",
            billing_address_collection="auto",
            automatic_tax={"enabled": False},
            invoice_creation={"enabled": False},
            allowed_payment_method_types=["card", "sepa_debit"],
            excluded_payment_method_types=["sepa_debit"],
        )
    )
    v1.payouts.create(
        {
            "amount": 100,
            "currency": "eur",
            "description": "Rent",
            "destination": BANK_ACCOUNT,
            "method": "standard",
            "source_type": "card",
            "statement_descriptor": "RENT",
        }
    )
    made = v1.webhook_endpoints.create(
        {
            "url": "https://shop.example/two/",
            "enabled_events": ["charge.updated"],
            "description": "Two",
            "metadata": {"a": "b"},
        }
    )
    change = {"url": "https://shop.example/three/", "enabled_events": ["charge.failed"]}
    v1.webhook_endpoints.update(made.id, {**change, "metadata": {"a": "c"}})


def every_page(client, customer_id):
    """Two by two forwards, and back; with each filter that a list has."""
    v1 = client.v1
    since = {"created": {"gte": TEN_OCLOCK, "lt": TEN_OCLOCK + 10**8}}
    intent = v1.radar.early_fraud_warnings.list(since).data[0].payment_intent
    session = v1.checkout.sessions.create(
        order(line_items=[order()["line_items"][0] | {"quantity": n} for n in (1, 2, 3, 4, 5)])
    )
    lists = (
        (v1.charges.list, {**since, "customer": customer_id}),
        (v1.checkout.sessions.list, {**since, "customer": customer_id}),
        (lambda given: v1.checkout.sessions.line_items.list(session.id, given), {}),
        (v1.customers.list, since),
        (v1.disputes.list, since),
        (v1.events.list, since),
        (v1.payment_intents.list, since),
        (v1.payouts.list, {**since, "destination": BANK_ACCOUNT}),
        (v1.radar.early_fraud_warnings.list, {**since, "payment_intent": intent}),
        (v1.refunds.list, since),
        (v1.balance_transactions.list, since),
        (v1.webhook_endpoints.list, {}),
    )
    for ask, given in lists:
        first = ask({**given, "limit": 2}).data
        second = ask({**given, "limit": 2, "starting_after": first[-1].id}).data
        last = second[-1].id if second else first[-1].id
        back = ask({**given, "limit": 100, "ending_before": last}).data
        assert [one.id for one in (*first, *second)][:-1] == [one.id for one in back]


def refusals(sandbox, client, charge_id, expired_id):
    """Errors have a specified shape as well."""
    v1 = client.v1
    for wrong in (
        lambda: v1.customers.retrieve("cus_none"),
        lambda: v1.customers.delete("cus_none"),
        lambda: v1.customers.list({"starting_after": "cus_none"}),
        lambda: v1.customers.create({"wat": "x"}),
        lambda: v1.refunds.create({"charge": charge_id, "amount": 1}),
        lambda: v1.refunds.cancel(v1.refunds.list().data[0].id),
        lambda: v1.checkout.sessions.expire(expired_id),
        lambda: v1.checkout.sessions.create(order(payment_method_types=["card"])),
        lambda: v1.disputes.retrieve("du_none"),
        lambda: v1.balance_transactions.list({"payout": "po_none"}),
        lambda: make_client(sandbox, key="sk_test_sandbox_wrong").v1.balance.retrieve(),
    ):
        with pytest.raises(stripe.StripeError):
            wrong()
    sandbox.allow_key("rk_test_sandbox_reader", "balance_read")
    reader = make_client(sandbox, key="rk_test_sandbox_reader").v1
    reader.balance.retrieve()
    with pytest.raises(stripe.PermissionError):
        reader.refunds.create({"charge": charge_id})
    for kind in ("429", "500_before", "409"):
        sandbox.fault(kind=kind)
        with pytest.raises(stripe.StripeError):
            v1.balance.retrieve()
