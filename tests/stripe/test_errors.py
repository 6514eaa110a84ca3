"""Wrong requests get Stripe's words, codes and status, so the portal meets them in tests."""

import http.client
import json
import urllib.request

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from tests.stripe.conftest import make_client, order


def raw(sandbox, method, path, body="", **headers):
    """Status, headers and JSON of a request that the SDK would not send."""
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    headers = {
        "Authorization": f"Bearer {sandbox.key}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), json.loads(text)


@pytest.mark.parametrize("key", ["sk_test_sandbox_wrong", "sk_live_51abc", "", "pk_test_sandbox"])
def test_a_wrong_key_is_turned_away_and_not_repeated(stripe_server, key):
    status, headers, body = raw(stripe_server, "GET", "/v1/balance", Authorization=f"Bearer {key}")

    assert status == 401
    assert body["error"]["type"] == "invalid_request_error"
    assert headers["Request-Id"].startswith("req_")
    assert not key or key not in body["error"]["message"]


def test_the_sdk_names_a_wrong_key(stripe_server):
    with pytest.raises(stripe.AuthenticationError):
        make_client(stripe_server, key="sk_test_sandbox_wrong").v1.balance.retrieve()


def test_basic_auth_works_as_with_curl(stripe_server):
    import base64

    basic = base64.b64encode(f"{stripe_server.key}:".encode()).decode()
    status, _, body = raw(stripe_server, "GET", "/v1/balance", Authorization=f"Basic {basic}")

    assert (status, body["object"]) == (200, "balance")


@pytest.mark.parametrize("version", ["2026-05-27.dahlia", "2020-08-27", "2031-01-01", "latest"])
def test_another_api_version_is_refused(stripe_server, version):
    status, _, body = raw(stripe_server, "GET", "/v1/balance", Stripe_Version=version)

    assert status == 400
    assert version in body["error"]["message"]


def test_or_only_a_notice_when_the_sandbox_is_not_strict(stripe_server):
    stripe_server.settings(strict_versions=False)

    answers = {
        version: raw(stripe_server, "GET", "/v1/balance", Stripe_Version=version)[:2]
        for version in ("2026-05-27.dahlia", "2031-01-01", "latest")
    }

    assert [status for status, _ in answers.values()] == [200, 400, 400]
    assert "2026-05-27.dahlia" in answers["2026-05-27.dahlia"][1]["Stripe-Notice"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "param"),
    [
        ("GET", "/v1/customers?limit=abc", "", 400, "parameter_invalid_integer", "limit"),
        ("GET", "/v1/customers?limit=101", "", 400, "parameter_invalid_integer", "limit"),
        ("GET", "/v1/customers?limit=0", "", 400, "parameter_invalid_integer", "limit"),
        ("GET", "/v1/customers?wat=x", "", 400, "parameter_unknown", "wat"),
        (
            "POST",
            "/v1/customers",
            "metadata[a]=1&address[nope]=x",
            400,
            "parameter_unknown",
            "address",
        ),
        (
            "POST",
            "/v1/customers",
            "invoice_settings[nope]=x",
            400,
            "parameter_unknown",
            "invoice_settings[nope]",
        ),
        ("GET", "/v1/disputes/du_none", "", 404, "resource_missing", "id"),
        ("POST", "/v1/disputes/du_none/close", "", 404, "resource_missing", "id"),
        (
            "POST",
            "/v1/payouts",
            "amount=abc&currency=eur",
            400,
            "parameter_invalid_integer",
            "amount",
        ),
        ("POST", "/v1/payouts", "amount=100", 400, "parameter_missing", "currency"),
        ("POST", "/v1/payouts/po_none/cancel", "", 404, "resource_missing", "id"),
        ("POST", "/v1/test_helpers/refunds/re_none/expire", "", 404, "resource_missing", "id"),
        ("GET", "/v1/events/evt_none", "", 404, "resource_missing", "id"),
        (
            "POST",
            "/v1/checkout/sessions",
            "mode=payment&success_url=https://x.test&line_items[0][price_data][nope]=1",
            400,
            "parameter_unknown",
            "line_items[0][price_data][nope]",
        ),
        (
            "GET",
            "/v1/customers?starting_after=cus_aaa",
            "",
            400,
            "resource_missing",
            "starting_after",
        ),
        (
            "GET",
            "/v1/customers?starting_after=cus_a&ending_before=cus_b",
            "",
            400,
            None,
            None,
        ),
        ("GET", "/v1/refunds/re_none", "", 404, "resource_missing", "id"),
        ("GET", "/v1/balance_transactions?payout=po_x", "", 400, "resource_missing", "payout"),
        ("POST", "/v1/refunds", "charge=ch_none", 400, "resource_missing", "charge"),
        ("POST", "/v1/refunds", "amount=5", 400, None, None),
        (
            "POST",
            "/v1/checkout/sessions",
            "mode=payment",
            400,
            "parameter_missing",
            "success_url",
        ),
        ("POST", "/v1/checkout/sessions", "mode=subscription", 400, None, "mode"),
        ("POST", "/v1/checkout/sessions", "success_url=thanks", 400, "url_invalid", "success_url"),
        ("GET", "/v1/charges?expand[]=data.wat", "", 400, None, "expand"),
        ("GET", "/v1/nonsense", "", 404, None, None),
        ("DELETE", "/v1/charges", "", 404, None, None),
    ],
)
def test_wrong_parameters(stripe_server, method, path, body, status, code, param):
    got, _, answer = raw(stripe_server, method, path, body)

    error = answer["error"]
    assert (got, error.get("code"), error.get("param")) == (status, code, param)
    assert error["type"] == "invalid_request_error"
    assert error["message"]


def test_events_are_there_for_thirty_days(frozen, client):
    client.v1.customers.create({})
    [event] = client.v1.events.list().data
    frozen.advance("29d")
    assert client.v1.events.retrieve(event.id).type == "customer.created"

    frozen.advance("1d")

    assert client.v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        client.v1.events.retrieve(event.id)


def test_payment_method_types_are_gone_in_this_version(client):
    with pytest.raises(stripe.InvalidRequestError, match="no longer supported") as caught:
        client.v1.checkout.sessions.create(order(payment_method_types=["card"]))

    assert caught.value.param == "payment_method_types"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line_items": []}, "line_items"),
        ({"expires_at": 1_000_000_000}, "30 minutes"),
        ({"customer_email": "no address"}, "email"),
        ({"customer": "cus_none"}, "No such customer"),
        ({"metadata": {"k" * 41: "v"}}, "40 characters"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax"),
    ],
)
def test_an_impossible_checkout_is_not_made(client, change, words):
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.checkout.sessions.create(order(**change))

    assert client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize(("amount", "fine"), [(0, True), (1, False), (49, False), (50, True)])
def test_the_smallest_total(client, amount, fine):
    if fine:
        assert client.v1.checkout.sessions.create(order(amount)).amount_total == amount
    else:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.create(order(amount))
        assert caught.value.code == "amount_too_small"


def test_a_page_elsewhere_cannot_reach_in_under_another_name(stripe_server):
    status, _, _ = raw(stripe_server, "GET", "/v1/balance", Host="evil.example")

    assert status == 403


def test_what_is_not_there_is_json(stripe_server):
    request = urllib.request.Request(f"{stripe_server.url}/nowhere")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)

    assert caught.value.code == 404
    assert "Unrecognized request URL" in json.load(caught.value)["error"]["message"]


def test_a_share_of_the_calls_fails(stripe_server):
    stripe_server.fault(kind="500_before", path="/v1/balance", count=1000, share=0.5)

    answers = {raw(stripe_server, "GET", "/v1/balance")[0] for _ in range(60)}

    assert answers == {200, 500}


@pytest.mark.parametrize(
    "wrong", [{"share": 0}, {"share": 2}, {"count": 0}, {"retry": "perhaps"}, {"kind": "fire"}]
)
def test_a_fault_that_would_never_strike_is_refused(stripe_server, wrong):
    with pytest.raises(SandboxRefused):
        stripe_server.fault(**{"kind": "429", **wrong})


@pytest.mark.parametrize(("retry", "gets_through"), [("", False), ("true", True)])
def test_the_sdk_repeats_429_only_when_it_is_told_to(stripe_server, retry, gets_through):
    stripe_server.fault(kind="429", path="/v1/customers", retry=retry)
    client = make_client(stripe_server, retries=1)

    if gets_through:
        assert client.v1.customers.create({}).id
    else:
        with pytest.raises(stripe.RateLimitError):
            client.v1.customers.create({})
