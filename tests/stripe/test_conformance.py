"""Everything the sandbox says, held against Stripe's published specification.

The checker lies beside the repository, not in it. Where it is missing this test is skipped and
says so; the continuous run fails on that skip.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from payments.sandbox.api import ENDPOINTS, find_endpoint
from payments.sandbox.params import parse_form
from payments.sandbox.testing import RunningSandbox
from tests.stripe.conftest import TEN_OCLOCK, make_client
from tests.stripe.kit import check, coverage_of, needs_kit
from tests.stripe.story import a_day_at_the_shop

SECRET = "whsec_conformance"


class Accepting(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """The recorded traffic of a day at the shop, webhooks included."""
    file = tmp_path_factory.mktemp("conformance") / "run.jsonl"
    shop = ThreadingHTTPServer(("127.0.0.1", 0), Accepting)
    threading.Thread(target=shop.serve_forever, args=(0.05,), daemon=True).start()
    with RunningSandbox(
        record=file,
        webhook_secret=SECRET,
        webhook_url=f"http://127.0.0.1:{shop.server_port}/",
    ) as sandbox:
        sandbox.set_clock(TEN_OCLOCK, freeze=True)
        sandbox.deliver("before")
        a_day_at_the_shop(sandbox, make_client(sandbox))
        sandbox.advance(1)
    shop.shutdown()
    shop.server_close()
    return file


@needs_kit
def test_the_specification_finds_no_error_in_what_we_say(recording, capsys):
    run = check(recording, secret=SECRET, at_least=50)
    with capsys.disabled():
        print(f"\n{coverage_of(run)}")

    assert run.returncode == 0, run.stdout + run.stderr
    assert ": 0 errors, 0 warnings" in run.stdout


def test_every_endpoint_and_kind_of_event_was_heard(recording):
    exchanges = [json.loads(line) for line in recording.read_text().splitlines()]
    asked = {
        found[0].template + found[0].method
        for one in exchanges
        if one["kind"] == "api" and (found := find_endpoint(one["method"], one["path"]))
    }
    sent = {
        json.loads(one["request_body"])["type"] for one in exchanges if one["kind"] == "webhook"
    }

    assert asked == {endpoint.template + endpoint.method for endpoint in ENDPOINTS}
    assert sent == EVERY_KIND


REFUSED = {
    # Named in the table only to be refused in Stripe's words, or with any value but one.
    *("allow_promotion_codes", "payment_method_types"),
    # Everything may be expanded; what can be is in objects.EXPANDABLE.
    "expand",
}


def test_every_parameter_was_used_with_success(recording):
    used = {(endpoint.method, endpoint.template): set() for endpoint in ENDPOINTS}
    for one in map(json.loads, recording.read_text().splitlines()):
        if one["kind"] == "api" and one["status"] == 200:
            endpoint, _ = find_endpoint(one["method"], one["path"])
            sent = parse_form(one["query"]) | parse_form(one["request_body"])
            used[endpoint.method, endpoint.template] |= set(sent)

    unused = {
        f"{endpoint.method} {endpoint.template} {name}"
        for endpoint in ENDPOINTS
        for name in set(endpoint.fields) - REFUSED
        if name not in used[endpoint.method, endpoint.template]
    }
    assert unused == set()


EVERY_KIND = {
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.failed",
    "charge.pending",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payout.canceled",
    "payout.created",
    "payout.failed",
    "payout.paid",
    "payout.reconciliation_completed",
    "payout.updated",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
    "refund.created",
    "refund.failed",
    "refund.updated",
}


def test_the_key_is_never_recorded(recording):
    text = recording.read_text()

    assert "sk_test_sandbox" not in text
    assert "Bearer sk_test_" in text
