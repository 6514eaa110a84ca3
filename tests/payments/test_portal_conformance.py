"""What the portal says to Stripe, held to Stripe's published specification.

A story that calls each function of the gateway against a recording server; the checker must find
no error in it, and no function may be left out.
"""

import inspect
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from payments import polling, watching
from payments import stripe_gateway as gateway
from payments.disputing.answering import accept_dispute, submit_evidence
from payments.disputing.watching import watch_disputes
from payments.models import Dispute
from payments.refunding.sending import send_due
from payments.refunding.watching import watch_refunds
from payments.sandbox.testing import RunningSandbox
from payments.selling import end_checkout
from tests.payments.conftest import START, Shop
from tests.payments.refunds import make_bookkeeper, refund, sold
from tests.stripe.kit import check, coverage_of, needs_kit

# Looked up before a test watches them.
SPEAKING = {
    name
    for name, function in inspect.getmembers(gateway, inspect.isfunction)
    if function.__module__ == gateway.__name__
    and not name.startswith("_")
    and "_client()" in inspect.getsource(function)
}


@pytest.fixture
def said(monkeypatch) -> set[str]:
    """Which of them were called."""
    called: set[str] = set()

    def watch(name, function):
        def calling(*args, **kwargs):
            called.add(name)
            return function(*args, **kwargs)

        monkeypatch.setattr(gateway, name, calling)

    for name in SPEAKING:
        watch(name, getattr(gateway, name))
    return called


@pytest.fixture
def recorded(db, settings, client, tmp_path):
    recording = tmp_path / "portal.jsonl"
    with RunningSandbox(record=recording) as sandbox:
        sandbox.deliver("never")
        sandbox.set_clock(datetime.fromtimestamp(START.timestamp(), tz=UTC), freeze=True)
        settings.STRIPE_API_BASE = sandbox.url
        settings.STRIPE_SECRET_KEY = sandbox.key
        settings.STRIPE_WEBHOOK_SECRETS = [sandbox.webhook_secret]
        settings.SITE_URL = "https://portal.example"
        yield Shop(sandbox, client), recording


@needs_kit
def test_what_the_portal_says_keeps_to_the_specification(recorded, said):
    shop, recording = recorded
    bo = make_bookkeeper(name="Bo Books")
    tell_everything(shop, bo)

    run = check(recording, secret=shop.sandbox.webhook_secret, at_least=40)
    print("\n" + coverage_of(run))
    assert SPEAKING - said == set()
    assert len(SPEAKING) > 15
    assert run.returncode == 0, run.stdout


def tell_everything(shop: Shop, bo) -> None:
    """Bought, given up, paid back, disputed twice, paid out, watched over, and forgotten."""
    order = sold(shop)
    end_checkout(order=shop.checkout(shop.order()).order, at=shop.at)
    shop.sandbox.fault(kind="500_after", path="/v1/refunds")
    refund(shop, order, bo, units=1)
    shop.sandbox.clear_faults()
    shop.sandbox.advance("25h")  # its key is forgotten, so it is looked up
    send_due(at=shop.at)
    refund(shop, order, bo, units=1)

    for card in ("4000000000000259", "4000000000002685"):
        sold(shop, card=card)
    first, second = Dispute.objects.order_by("created_at")
    submit_evidence(
        dispute=first, evidence={"uncategorized_text": "winning_evidence"}, by=bo, at=shop.at
    )
    accept_dispute(dispute=second, by=bo, at=shop.at)

    shop.sandbox.advance("5d")
    shop.handle_all()
    polling.poll_events(at=shop.at)
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    watch_refunds(at=shop.at)
    watch_disputes(at=shop.at)
    watching.check_account(at=shop.at)
    for _ in range(2):
        call_command("stripe_endpoint")
    watching.check_endpoint(at=shop.at)
    gateway.delete_customer("cus_gone_already")
