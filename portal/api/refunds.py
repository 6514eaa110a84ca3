"""Paying back by API: the sums, the yes, refunds made at Stripe, proposals of others."""

import uuid
from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from accounts.api import caller, signed_in
from accounts.models import User
from accounts.roles import REFUND, may
from payments.models import Mismatch, Order, Refund, RefundRequest
from payments.refunding.approving import approve_refund, propose_refund, quote_proposed
from payments.refunding.external import assign_refund
from payments.refunding.quoting import RefundQuote, quote_refund
from payments.refunding.requesting import request_refund
from payments.refunding.shown import all_requests, units_of

router = Router(tags=["staff"], auth=signed_in)


class RefundQuoteOut(Schema):
    """Both rules with their sums; ``rule`` says which one the terms of the order name.

    ``bookings`` are sessions to handle first. The token is good until ``valid_until``, and only
    while the sums are the same.
    """

    units: int
    unused: int
    rule: str
    pro_rata_minor: int
    pro_rata_formula: str
    single_price_minor: int
    single_price_formula: str
    due_minor: int
    amount_minor: int
    worth_minor: int
    left_minor: int
    over_units: int
    currency: str
    disputed: bool
    bookings: list[uuid.UUID]
    valid_until: AwareDatetime
    token: str


class RefundOut(Schema):
    """``status`` is requested, pending, succeeded, failed or canceled."""

    id: uuid.UUID
    order: str
    number: int
    amount_minor: int
    currency: str
    status: str
    method: str
    origin: str
    units: int
    requested_at: AwareDatetime
    settled_at: AwareDatetime | None


class RefundIn(Schema):
    """``method`` is card, cash, terminal or transfer; all but card need a ``reference``."""

    token: str = Field(max_length=2000)
    reason: str = Field(max_length=200)
    method: Literal["card", "cash", "terminal", "transfer"] = "card"
    reference: str = Field("", max_length=80)


class RefundProposalOut(Schema):
    id: int
    amount_minor: int
    currency: str
    status: str


class AssignIn(Schema):
    """So many credits of each lot, by its id."""

    units: dict[uuid.UUID, int]
    reason: str = Field(max_length=200)


class AgreeIn(Schema):
    token: str = Field(max_length=2000)


@router.get(
    "/orders/{order_id}/refund-quote/", response=RefundQuoteOut, operation_id="quote_refund"
)
def quote(
    request: HttpRequest,
    order_id: uuid.UUID,
    units: int | None = None,
    amount_minor: int | None = None,
) -> Any:
    """What a refund would be: all unused credits and what the terms say, unless asked otherwise."""
    require_refunder(request)
    found = _order(order_id)
    asked = {"units": _small(units), "amount_minor": _small(amount_minor)}
    return refund_quote_shown(quote_refund(order=found, at=timezone.now(), **asked))


@router.post("/orders/{order_id}/refunds/", response=RefundOut, operation_id="refund_order")
def refund(request: HttpRequest, order_id: uuid.UUID, wanted: RefundIn) -> Any:
    """Pay back what the quote says. The same token again answers with the same refund."""
    by = require_refunder(request)
    done = request_refund(order=_order(order_id), by=by, at=timezone.now(), **_said(wanted))
    return refund_shown(done)


@router.post(
    "/orders/{order_id}/refund-proposals/",
    response=RefundProposalOut,
    operation_id="propose_refund",
)
def propose(request: HttpRequest, order_id: uuid.UUID, wanted: RefundIn) -> Any:
    """Put a refund of more credits than are unused before a second person."""
    by = require_refunder(request)
    return propose_refund(order=_order(order_id), by=by, at=timezone.now(), **_said(wanted))


@router.get(
    "/refund-proposals/{proposal_id}/quote/",
    response=RefundQuoteOut,
    operation_id="quote_proposed_refund",
)
def quote_proposal(request: HttpRequest, proposal_id: int) -> Any:
    """What the proposed refund would be now, with the token to agree to."""
    require_refunder(request)
    return refund_quote_shown(quote_proposed(_proposal(proposal_id), at=timezone.now()))


@router.post(
    "/refund-proposals/{proposal_id}/approval/",
    response=RefundOut,
    operation_id="approve_refund",
)
def approve(request: HttpRequest, proposal_id: int, wanted: AgreeIn) -> Any:
    """Agree to what somebody else has proposed, and pay it back."""
    by = require_refunder(request)
    proposal = _proposal(proposal_id)
    done = approve_refund(proposal=proposal, token=wanted.token, by=by, at=timezone.now())
    return refund_shown(done)


@router.get("/refunds/", response=list[RefundOut], operation_id="list_refunds")
def list_refunds(request: HttpRequest, limit: int = 50) -> Any:
    """The latest first. ``limit`` is at most 100."""
    require_refunder(request)
    return [refund_shown(one) for one in all_requests()[: min(max(limit, 1), 100)]]


@router.post(
    "/external-refunds/{refund_id}/credits/", response=RefundOut, operation_id="assign_refund"
)
def assign(request: HttpRequest, refund_id: str, wanted: AssignIn) -> Any:
    """Say which credits a refund made at Stripe covers."""
    by = require_refunder(request)
    found = get_object_or_404(Refund, pk=refund_id)
    done = assign_refund(
        refund=found, units=wanted.units, by=by, reason=wanted.reason, at=timezone.now()
    )
    return refund_shown(done)


def refund_quote_shown(quote: RefundQuote) -> dict[str, Any]:
    """As the API shows the sums of a refund."""
    names = RefundQuoteOut.model_fields.keys() - {"currency", "bookings"}
    ids = list(quote.booking_ids) if quote.units > quote.free else []
    return {
        **{name: getattr(quote, name) for name in names},
        "currency": quote.order.currency,
        "bookings": ids,
    }


def refund_shown(done: RefundRequest) -> dict[str, Any]:
    return {
        "id": done.public_id,
        "order": done.order.number,
        "number": done.number,
        "amount_minor": done.amount_minor,
        "currency": done.currency,
        "status": done.status,
        "method": done.method,
        "origin": done.origin,
        "units": units_of(done.parts.all()),
        "requested_at": done.requested_at,
        "settled_at": done.settled_at,
    }


def require_refunder(request: HttpRequest) -> User:
    """To everybody else the address does not exist."""
    person = caller(request)
    if not may(person, REFUND):
        raise Http404
    return person


def _said(wanted: RefundIn) -> dict[str, Any]:
    return wanted.model_dump()


def _small(number: int | None) -> int | None:
    """A number the database can count with; nothing is that large or less than nothing."""
    return None if number is None else min(max(number, 0), 2**53)


def _order(order_id: uuid.UUID) -> Order:
    return get_object_or_404(Order.objects.select_related("policy"), public_id=order_id)


def _proposal(proposal_id: int) -> Mismatch:
    proposals = Mismatch.objects.filter(code="M09", details__has_key="proposed_by_id")
    return get_object_or_404(proposals.select_related("order"), pk=proposal_id)
