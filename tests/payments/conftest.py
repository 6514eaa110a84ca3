"""The portal in front of a running local Stripe server whose clock the tests move."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from payments.models import Order, PaymentAttempt, StripeEvent
from payments.sandbox.testing import RunningSandbox
from payments.selling import start_checkout
from tests.builders import make_order, make_package, make_runner

SECRET = "whsec_sandbox_portal"
START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@dataclass
class Shop:
    """What tests do around a purchase: order, pay, let time pass, deliver webhooks."""

    sandbox: RunningSandbox
    client: Client

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.now(), tz=UTC)

    def order(self, buyer=None, package=None, **values) -> Order:
        return make_order(buyer or make_runner(), package or make_package(), at=self.at, **values)

    def checkout(self, order: Order) -> PaymentAttempt:
        return start_checkout(
            order=order,
            success_url="https://portal.example/return/?session_id={CHECKOUT_SESSION_ID}",
            cancel_url="https://portal.example/back/",
            expires_at=self.at + timedelta(minutes=40),
            at=self.at,
        )

    def paid_checkout(self, order: Order | None = None) -> PaymentAttempt:
        """The runner has paid at Stripe; the portal does not know it yet."""
        attempt = self.checkout(order or self.order())
        assert self.sandbox.pay(attempt.stripe_session_id)["outcome"] == "paid"
        return attempt

    def events(self, kind: str | None = None) -> list[dict]:
        """Stripe's events, the oldest first, as a webhook would carry them."""
        found = self.sandbox.events(kind)[::-1]
        return [{k: v for k, v in event.items() if k != "deliveries"} for event in found]

    def deliver(self, event: dict, **how) -> int:
        """Post an event to the portal's door, signed as asked; the status of the answer."""
        body = how.pop("body", None) or json.dumps(event).encode()
        header = how.pop("header", None) or signature(body, **how)
        answer = self.client.generic(
            "POST",
            "/webhooks/stripe",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": header},
        )
        return answer.status_code

    def handle_all(self) -> None:
        """Deliver every event there is and let the worker handle them."""
        from payments import inbox

        for event in self.events():
            assert self.deliver(event) == 200
        inbox.retry_due(at=self.at)
        assert not StripeEvent.objects.exclude(error="").exists()


def signature(body: bytes, *, signed_with: str = SECRET, sent_at: int | None = None) -> str:
    moment = int(time.time()) if sent_at is None else sent_at
    signed = hmac.new(signed_with.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


@pytest.fixture
def shop(db, settings, client, running_sandbox) -> Shop:
    """An empty Stripe whose clock stands still, and the portal that sells through it."""
    running_sandbox.clear_faults()
    running_sandbox.reset()
    running_sandbox.deliver("never")
    running_sandbox.set_clock(START, freeze=True)
    settings.STRIPE_API_BASE = running_sandbox.url
    settings.STRIPE_SECRET_KEY = running_sandbox.key
    settings.STRIPE_WEBHOOK_SECRETS = [running_sandbox.webhook_secret]
    return Shop(running_sandbox, client)


@pytest.fixture
def shop_today(shop) -> Shop:
    """The same in real time, for pages: they look at the clock on the wall."""
    shop.sandbox.reset()
    shop.sandbox.follow_real_time()
    return shop
