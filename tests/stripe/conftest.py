"""A running local Stripe server, the official SDK pointed at it, and a place for webhooks."""

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from payments.sandbox.testing import RunningSandbox

stripe.enable_telemetry = False

TEN_OCLOCK = 1_790_848_800  # Thu 1 Oct 2026 10:00 UTC


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def stripe_server(running_sandbox) -> RunningSandbox:
    """Empty, at real time, without webhooks; see RunningSandbox for what it can do."""
    running_sandbox.set_webhook_url(None)
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def frozen(stripe_server) -> RunningSandbox:
    """The same with a clock that stands at TEN_OCLOCK until a test moves it."""
    stripe_server.set_clock(TEN_OCLOCK, freeze=True)
    return stripe_server


@pytest.fixture
def client(stripe_server) -> stripe.StripeClient:
    """Without retries, so that a test sees the first answer."""
    return make_client(stripe_server)


def make_client(sandbox, key=None, retries=0, timeout=5.0) -> stripe.StripeClient:
    return stripe.StripeClient(
        key or sandbox.key,
        base_addresses={"api": sandbox.url},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=timeout),
    )


def order(amount=31500, **more) -> dict:
    """Parameters of a checkout as the portal creates it."""
    return {
        "mode": "payment",
        "success_url": "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/packages",
        "client_reference_id": "order-41",
        "metadata": {"order": "41"},
        "payment_intent_data": {"metadata": {"order": "41"}},
        "adaptive_pricing": {"enabled": False},
        "line_items": [
            {
                "price_data": {
                    "currency": "eur",
                    "unit_amount": amount,
                    "product_data": {"name": "5 × 60 minutes"},
                },
                "quantity": 1,
            }
        ],
        **more,
    }


class Inbox:
    """An endpoint that keeps what it gets and answers `status`."""

    def __init__(self) -> None:
        self.got: queue.Queue[tuple[dict[str, str], str]] = queue.Queue()
        self.status = 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                inbox.got.put((dict(self.headers.items()), body))
                self.send_response(inbox.status)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/stripe/webhook/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def next(self, timeout=5.0) -> tuple[dict[str, str], str]:
        return self.got.get(timeout=timeout)

    def waiting(self) -> list[dict]:
        """Everything that has arrived and was not read yet."""
        bodies = []
        while not self.got.empty():
            bodies.append(json.loads(self.got.get()[1]))
        return bodies


@pytest.fixture
def inbox(stripe_server) -> Iterator[Inbox]:
    """Deliveries go here; they are made at once, before the answer of what caused them."""
    box = Inbox()
    stripe_server.set_webhook_url(box.url)
    stripe_server.deliver("before")
    yield box
    stripe_server.set_webhook_url(None)
    box.server.shutdown()
    box.server.server_close()
