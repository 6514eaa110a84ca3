"""The only module that speaks to Stripe. Everybody else gets frozen rows and two errors.

Within a web request we wait briefly and never repeat: a job will, with the same key. Jobs
wait longer and repeat (`patiently`). Never call these inside a transaction.
"""

import contextlib
import json
import logging
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from payments.stripe_objects import (
    BalanceRow,
    ChargeRow,
    DisputeRow,
    EndpointRow,
    EventRow,
    PayoutRow,
    RefundRow,
    SessionRow,
)
from payments.stripe_patience import Pace, PatientClient
from payments.stripe_rules import require_safe

log = logging.getLogger(__name__)
# The SDK notes every request with its address; two lines a call tell us nothing.
logging.getLogger("stripe").setLevel(logging.WARNING)

QUICK, PATIENT = (1.0, 5.0), (3.05, 20.0)  # seconds to connect, seconds to answer
PATIENT_TRIES = 3  # after the first; each waits longer, with jitter
BETWEEN_REQUESTS = 0.1  # seconds, of jobs; the local server needs no mercy
TOLERANCE = 300  # seconds a webhook may be old, or ahead of our clock
_patient: ContextVar[bool] = ContextVar("patient", default=False)

EVENT_TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.updated",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.paid",
    "payout.failed",
    "payout.reconciliation_completed",
    "radar.early_fraud_warning.created",
)


class GatewayError(Exception):
    """Stripe did not do what we asked."""


class GatewayDown(GatewayError):
    """No usable answer: nobody knows whether it happened. Ask again with the same key."""

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(
            _(
                "Our payment provider does not answer right now. Nothing was taken and your "
                "time is held. Try again in a minute."
            )
        )


class GatewayRefused(GatewayError):
    """A definite no: nothing happened, and the same request would be refused again."""

    def __init__(self, error: stripe.StripeError) -> None:
        self.status = error.http_status or 0
        self.code = error.code or ""
        self.param = getattr(error, "param", None) or ""
        super().__init__(str(error))

    @property
    def is_missing(self) -> bool:
        return self.status == 404 or self.code == "resource_missing"


class UntrustedWebhook(Exception):
    """Unsigned, wrongly signed, too old or not an event: nothing of it may be believed."""


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What a checkout session is made from. Ids are opaque: nothing personal goes along."""

    reference: str
    lines: tuple[tuple[str, int], ...]  # name, minor units
    currency: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: dict[str, str]
    customer_email: str
    idempotency_key: str


@contextlib.contextmanager
def patiently() -> Iterator[None]:
    """Inside, calls wait longer and are repeated: for jobs, where nobody is looking."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


# checkout ----------------------------------------------------------------------------------
def create_session(wanted: CheckoutRequest) -> SessionRow:
    """Open a hosted checkout. The same key returns the same session for 24 hours."""
    params: Any = {
        "mode": "payment",
        "client_reference_id": wanted.reference,
        "customer_email": wanted.customer_email,
        "success_url": wanted.success_url,
        "cancel_url": wanted.cancel_url,
        "expires_at": int(wanted.expires_at.timestamp()),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": wanted.currency.lower(),
                    "unit_amount": amount,
                    "product_data": {"name": name},
                },
            }
            for name, amount in wanted.lines
        ],
        "metadata": wanted.metadata,
        # The intent does not exist before the payment, so it cannot inherit these later.
        "payment_intent_data": {"metadata": wanted.metadata},
        "adaptive_pricing": {"enabled": False},
    }
    with _translated():
        options: Any = {"idempotency_key": wanted.idempotency_key}
        return SessionRow.read(_dict(_client().v1.checkout.sessions.create(params, options)))


def retrieve_session(session_id: str) -> SessionRow:
    expand: Any = {"expand": ["line_items", "payment_intent.latest_charge"]}
    with _translated():
        return SessionRow.read(_dict(_client().v1.checkout.sessions.retrieve(session_id, expand)))


def expire_session(session_id: str) -> SessionRow:
    """End an open session. Refused when it is not open, which may mean that it was paid."""
    with _translated():
        return SessionRow.read(_dict(_client().v1.checkout.sessions.expire(session_id)))


# refunds and disputes ----------------------------------------------------------------------
def create_refund(
    *, charge_id: str, amount_minor: int, metadata: dict[str, str], idempotency_key: str
) -> RefundRow:
    """Pay back a part of a charge. The same key returns the same refund for 24 hours."""
    params: Any = {"charge": charge_id, "amount": amount_minor, "metadata": metadata}
    options: Any = {"idempotency_key": idempotency_key}
    with _translated():
        return RefundRow.read(_dict(_client().v1.refunds.create(params, options)))


def list_refunds(*, charge_id: str = "", created_since: datetime | None = None) -> list[RefundRow]:
    """Refunds of a charge, or of all charges since a moment; newest first."""
    params: Any = {"limit": 100}
    if charge_id:
        params["charge"] = charge_id
    if created_since is not None:
        params["created"] = {"gte": int(created_since.timestamp())}
    with _translated():
        page = _client().v1.refunds.list(params)
        return [RefundRow.read(_dict(row)) for row in page.auto_paging_iter()]


def list_disputes(*, created_since: datetime | None = None) -> list[DisputeRow]:
    """Disputes since a moment, newest first."""
    params: Any = {"limit": 100}
    if created_since is not None:
        params["created"] = {"gte": int(created_since.timestamp())}
    with _translated():
        page = _client().v1.disputes.list(params)
        return [DisputeRow.read(_dict(row)) for row in page.auto_paging_iter()]


def update_dispute(
    dispute_id: str, *, evidence: dict[str, str], submit: bool, idempotency_key: str
) -> DisputeRow:
    """Put evidence to a dispute; with `submit` it goes to the bank, and no more can follow."""
    params: Any = {"evidence": evidence, "submit": submit}
    options: Any = {"idempotency_key": idempotency_key}
    with _translated():
        return DisputeRow.read(_dict(_client().v1.disputes.update(dispute_id, params, options)))


def close_dispute(dispute_id: str, *, idempotency_key: str) -> DisputeRow:
    """Accept a dispute: it is lost, and that cannot be undone."""
    options: Any = {"idempotency_key": idempotency_key}
    with _translated():
        return DisputeRow.read(_dict(_client().v1.disputes.close(dispute_id, None, options)))


# people -------------------------------------------------------------------------------------
def delete_customer(customer_id: str) -> None:
    """Have Stripe forget a customer: name, address, saved cards. Gone already is as good."""
    try:
        with _translated():
            _client().v1.customers.delete(customer_id)
    except GatewayRefused as refusal:
        if not refusal.is_missing:
            raise


# objects -----------------------------------------------------------------------------------
def retrieve_charge(charge_id: str) -> ChargeRow:
    with _translated():
        return ChargeRow.read(_dict(_client().v1.charges.retrieve(charge_id)))


def retrieve_refund(refund_id: str) -> RefundRow:
    with _translated():
        return RefundRow.read(_dict(_client().v1.refunds.retrieve(refund_id)))


def retrieve_dispute(dispute_id: str) -> DisputeRow:
    with _translated():
        return DisputeRow.read(_dict(_client().v1.disputes.retrieve(dispute_id)))


def retrieve_balance_transaction(transaction_id: str) -> BalanceRow:
    with _translated():
        found = _client().v1.balance_transactions.retrieve(transaction_id)
        return BalanceRow.read(_dict(found))


def retrieve_payout(payout_id: str) -> PayoutRow:
    with _translated():
        return PayoutRow.read(_dict(_client().v1.payouts.retrieve(payout_id)))


def list_balance_transactions(
    *, created_since: datetime | None = None, payout_id: str = ""
) -> list[BalanceRow]:
    """All that moved Stripe's balance since a moment, or came with a payout; newest first.

    With what moved it, so that a month is read in a request for each hundred rows.
    """
    params: Any = {"limit": 100, "expand": ["data.source"]}
    if created_since is not None:
        params["created"] = {"gte": int(created_since.timestamp())}
    if payout_id:
        params["payout"] = payout_id
    with _translated():
        page = _client().v1.balance_transactions.list(params)
        return [BalanceRow.read(_dict(row)) for row in page.auto_paging_iter()]


def list_payouts(*, arriving_since: datetime | None = None) -> list[PayoutRow]:
    params: Any = {"limit": 100}
    if arriving_since is not None:
        params["arrival_date"] = {"gte": int(arriving_since.timestamp())}
    with _translated():
        page = _client().v1.payouts.list(params)
        return [PayoutRow.read(_dict(row)) for row in page.auto_paging_iter()]


def list_events(*, created_since: datetime) -> list[EventRow]:
    """Events of the types we handle since a moment, oldest first. Stripe keeps 30 days."""
    params: Any = {
        "limit": 100,
        "types": list(EVENT_TYPES),
        "created": {"gte": int(created_since.timestamp())},
    }
    with _translated():
        page = _client().v1.events.list(params)
        return [EventRow.read(_dict(row)) for row in page.auto_paging_iter()][::-1]


# who we are, and where events go -------------------------------------------------------------
def retrieve_account_id() -> str:
    """The account our key belongs to."""
    with _translated():
        return str(_dict(_client().v1.accounts.retrieve_current())["id"])


def list_endpoints() -> list[EndpointRow]:
    """The webhook endpoints of the account."""
    with _translated():
        page = _client().v1.webhook_endpoints.list({"limit": 100})
        return [EndpointRow.read(_dict(row)) for row in page.auto_paging_iter()]


def create_endpoint(url: str, *, idempotency_key: str) -> tuple[EndpointRow, str]:
    """An endpoint for the events we handle, in the version we speak; its secret comes once."""
    params: Any = {
        "url": url,
        "enabled_events": list(EVENT_TYPES),
        "api_version": settings.STRIPE_API_VERSION,
    }
    options: Any = {"idempotency_key": idempotency_key}
    with _translated():
        made = _dict(_client().v1.webhook_endpoints.create(params, options))
        return EndpointRow.read(made), str(made["secret"])


def update_endpoint(endpoint_id: str) -> EndpointRow:
    """Let an endpoint hear of just the events we handle. Its version cannot be changed."""
    params: Any = {"enabled_events": list(EVENT_TYPES), "disabled": False}
    with _translated():
        return EndpointRow.read(_dict(_client().v1.webhook_endpoints.update(endpoint_id, params)))


# webhooks ----------------------------------------------------------------------------------
def construct_event(body: bytes, header: str) -> EventRow:
    """The event of a webhook, its signature proved with the current or the next secret.

    Raises:
        UntrustedWebhook: it is not signed by Stripe for us, or not now, or no event at all.
    """
    try:
        text = body.decode("utf-8")
        _refuse_the_future(header)
        if not any(_is_signed(text, header, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
            raise UntrustedWebhook("no secret of ours fits the signature")
        raw = json.loads(text)
        if raw.get("object") != "event":
            raise UntrustedWebhook("not an event")
        return EventRow.read(raw)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UntrustedWebhook(type(problem).__name__) from problem


def _is_signed(text: str, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE)
    except stripe.SignatureVerificationError:
        return False
    return True


def _refuse_the_future(header: str) -> None:
    """The SDK refuses what is too old, but takes what claims to come from tomorrow."""
    sent_at = next((part[2:] for part in header.split(",") if part.startswith("t=")), "")
    if not sent_at.isdigit() or int(sent_at) > time.time() + TOLERANCE:
        raise UntrustedWebhook("no moment of sending, or one in the future")


# the client --------------------------------------------------------------------------------
@lru_cache(maxsize=8)
def _made(key: str, base: str, patient: bool) -> stripe.StripeClient:
    addresses: Any = {"api": base} if base else {}
    client = (
        PatientClient(timeout=PATIENT, pace=Pace(0 if base else BETWEEN_REQUESTS))
        if patient
        else stripe.RequestsClient(timeout=QUICK)
    )
    return stripe.StripeClient(
        key,
        base_addresses=addresses,
        max_network_retries=PATIENT_TRIES if patient else 0,
        http_client=client,
    )


def _client() -> stripe.StripeClient:
    require_safe()
    return _made(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, _patient.get())


def _dict(found: Any) -> dict[str, Any]:
    result: dict[str, Any] = found.to_dict(for_json=True)
    return result


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Stripe's many errors as our two: nobody knows, or a definite no."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        log.critical("Stripe does not accept our key: %s", problem)
        raise GatewayDown(str(problem)) from problem
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as problem:
        if (problem.http_status or 0) in {409, 429}:
            raise GatewayDown(str(problem)) from problem
        raise GatewayRefused(problem) from problem
    except stripe.StripeError as problem:
        log.warning("Stripe is not usable: %s: %s", type(problem).__name__, problem)
        raise GatewayDown(str(problem)) from problem
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        # An answer that is not what Stripe's documents say: as good as none.
        log.warning("Stripe answered something unreadable: %r", problem)
        raise GatewayDown(repr(problem)) from problem
