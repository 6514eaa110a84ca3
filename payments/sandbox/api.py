"""The endpoints under /v1: a table of what each takes and which act answers it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from payments.sandbox import (
    customers,
    evidence,
    fraud_warnings,
    lists,
    params,
    payout_fates,
    payouts,
    refund_fates,
    refunds,
    session_fields,
    sessions,
    special_lists,
)
from payments.sandbox import webhook_endpoints as endpoints
from payments.sandbox.account import account
from payments.sandbox.errors import no_such
from payments.sandbox.objects import render
from payments.sandbox.params import EXPAND, Reader, choice, flag, list_of, text, when
from payments.sandbox.shapes import Json
from payments.sandbox.store import Condition
from payments.sandbox.world import World

# (world, id from the path, parameters, moment) -> a stored object, or a page of them
Act = Callable[[World, str, Json, int], Json]
IDENT = re.compile(r"\{id\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    template: str
    act: Act
    fields: Mapping[str, Reader] = field(default_factory=lambda: EXPAND)
    required: tuple[str, ...] = ()
    shows_page: bool = False

    def match(self, method: str, path: str) -> str | None:
        """The id in the path ("" when the path has none), or None when it does not fit."""
        if method != self.method:
            return None
        found = re.fullmatch(IDENT.sub(r"([^/]+)", self.template), path)
        return None if found is None else (found.group(1) if found.groups() else "")


def find_endpoint(method: str, path: str) -> tuple[Endpoint, str] | None:
    for endpoint in ENDPOINTS:
        ident = endpoint.match(method, path)
        if ident is not None:
            return endpoint, ident
    return None


def answer(world: World, endpoint: Endpoint, ident: str, given: Json, *, at: int) -> Json:
    """Run the act and show its result with what was asked to be expanded."""
    result = endpoint.act(world, ident, given, at)
    if endpoint.shows_page or result.get("deleted"):
        return result
    return render(world.store, result, at=at, expand=given.get("expand"))


def retrieve(kind: str, noun: str) -> Act:
    def act(world: World, ident: str, given: Json, at: int) -> Json:
        found = world.store.get(kind, ident)
        if found is None:
            raise no_such(noun, ident)
        return found

    return act


def listing(kind: str, template: str, *exact: str, **filters: Reader) -> Endpoint:
    """A list with `created` and, in `exact`, filters that compare a field with a text."""
    ranges = ("created", "arrival_date")

    def act(world: World, ident: str, given: Json, at: int) -> Json:
        conditions: list[Condition] = lists.equal(given, *exact)
        for name in ranges:
            conditions += lists.within(name, given.get(name))
        return lists.page(world, kind, template, given, conditions)

    fields = {**lists.PAGING, "created": when, **{name: text(255) for name in exact}, **filters}
    return Endpoint("GET", template, act, fields, shows_page=True)


def _expire(world: World, ident: str, given: Json, at: int) -> Json:
    return sessions.expire_session(world, sessions.get_session(world, ident), at=at)


STATUS = choice("open", "complete", "expired")
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/account", lambda world, _, given, at: account(world)),
    Endpoint("GET", "/v1/balance", lambda world, _, given, at: payouts.balance(world, at=at)),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        special_lists.list_balance_transactions,
        {
            **lists.PAGING,
            "created": when,
            "currency": params.currency,
            "payout": text(255),
            "source": text(255),
            "type": text(255),
        },
        shows_page=True,
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions/{id}",
        retrieve("balance_transaction", "balance transaction"),
    ),
    listing("charge", "/v1/charges", "customer", "payment_intent"),
    Endpoint("GET", "/v1/charges/{id}", retrieve("charge", "charge")),
    listing(
        "checkout.session",
        "/v1/checkout/sessions",
        "customer",
        "payment_intent",
        "status",
        status=STATUS,
    ),
    Endpoint(
        "POST",
        "/v1/checkout/sessions",
        lambda world, _, given, at: sessions.create_session(world, given, at=at),
        session_fields.FIELDS,
        required=("mode", "success_url", "line_items"),
    ),
    Endpoint("GET", "/v1/checkout/sessions/{id}", retrieve("checkout.session", "checkout.session")),
    Endpoint("POST", "/v1/checkout/sessions/{id}/expire", _expire),
    Endpoint(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        special_lists.list_line_items,
        lists.PAGING,
        shows_page=True,
    ),
    listing("customer", "/v1/customers", "email"),
    Endpoint(
        "POST",
        "/v1/customers",
        lambda world, _, given, at: customers.create_customer(world, given, at=at),
        customers.FIELDS,
    ),
    Endpoint("GET", "/v1/customers/{id}", retrieve("customer", "customer")),
    Endpoint(
        "POST",
        "/v1/customers/{id}",
        lambda world, ident, given, at: customers.update_customer(world, ident, given, at=at),
        customers.FIELDS,
    ),
    Endpoint(
        "DELETE",
        "/v1/customers/{id}",
        lambda world, ident, given, at: customers.delete_customer(world, ident, at=at),
    ),
    listing("dispute", "/v1/disputes", "charge", "payment_intent"),
    Endpoint("GET", "/v1/disputes/{id}", retrieve("dispute", "dispute")),
    Endpoint(
        "POST",
        "/v1/disputes/{id}",
        lambda world, ident, given, at: evidence.update_dispute(world, ident, given, at=at),
        evidence.UPDATE,
    ),
    Endpoint(
        "POST",
        "/v1/disputes/{id}/close",
        lambda world, ident, given, at: evidence.close_dispute(world, ident, at=at),
    ),
    Endpoint(
        "GET",
        "/v1/events",
        special_lists.list_events,
        {
            **lists.PAGING,
            "created": when,
            "type": text(255),
            "types": list_of(text(255), 20),
            "delivery_success": flag,
        },
        shows_page=True,
    ),
    Endpoint("GET", "/v1/events/{id}", special_lists.get_event),
    listing("payment_intent", "/v1/payment_intents", "customer"),
    Endpoint("GET", "/v1/payment_intents/{id}", retrieve("payment_intent", "payment_intent")),
    listing("payout", "/v1/payouts", "status", "destination", arrival_date=when),
    Endpoint(
        "POST",
        "/v1/payouts",
        lambda world, _, given, at: payout_fates.create_payout(world, given, at=at),
        payout_fates.CREATE,
        required=("amount", "currency"),
    ),
    Endpoint("GET", "/v1/payouts/{id}", retrieve("payout", "payout")),
    Endpoint(
        "POST",
        "/v1/payouts/{id}",
        lambda world, ident, given, at: payout_fates.update_payout(world, ident, given, at=at),
        payout_fates.UPDATE,
    ),
    Endpoint(
        "POST",
        "/v1/payouts/{id}/cancel",
        lambda world, ident, given, at: payout_fates.cancel_payout(world, ident, at=at),
    ),
    listing(fraud_warnings.KIND, "/v1/radar/early_fraud_warnings", "charge", "payment_intent"),
    Endpoint(
        "GET",
        "/v1/radar/early_fraud_warnings/{id}",
        retrieve(fraud_warnings.KIND, "early fraud warning"),
    ),
    listing("refund", "/v1/refunds", "charge", "payment_intent"),
    Endpoint(
        "POST",
        "/v1/refunds",
        lambda world, _, given, at: refunds.create_refund(world, given, at=at),
        refunds.CREATE,
    ),
    Endpoint("GET", "/v1/refunds/{id}", retrieve("refund", "refund")),
    Endpoint(
        "POST",
        "/v1/refunds/{id}",
        lambda world, ident, given, at: refunds.update_refund(world, ident, given, at=at),
        refunds.UPDATE,
    ),
    Endpoint(
        "POST",
        "/v1/refunds/{id}/cancel",
        lambda world, ident, given, at: refund_fates.cancel_refund(
            world, refunds.get_refund(world, ident), at=at
        ),
    ),
    Endpoint(
        "POST",
        "/v1/test_helpers/refunds/{id}/expire",
        lambda world, ident, given, at: refund_fates.expire_refund(
            world, refunds.get_refund(world, ident), at=at
        ),
    ),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints",
        lambda world, _, given, at: lists.page(
            world, "webhook_endpoint", "/v1/webhook_endpoints", given
        ),
        lists.PAGING,
        shows_page=True,
    ),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints",
        lambda world, _, given, at: endpoints.create_endpoint(world, given, at=at),
        endpoints.CREATE,
        required=("url", "enabled_events"),
    ),
    Endpoint("GET", "/v1/webhook_endpoints/{id}", retrieve("webhook_endpoint", "webhook endpoint")),
    Endpoint(
        "POST",
        "/v1/webhook_endpoints/{id}",
        lambda world, ident, given, at: endpoints.update_endpoint(world, ident, given),
        endpoints.UPDATE,
    ),
    Endpoint(
        "DELETE",
        "/v1/webhook_endpoints/{id}",
        lambda world, ident, given, at: endpoints.delete_endpoint(world, ident),
        {},
    ),
)
