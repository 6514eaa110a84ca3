"""The books by API: the equation, payouts down to the session, what is owed."""

import uuid
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.roles import is_bookkeeper
from payments import reconciling
from payments.models import Payout

router = Router(tags=["staff"], auth=signed_in)


class ReconciliationOut(Schema):
    """Amounts in minor units; ``residual`` is zero when the books hold."""

    currency: str
    taken_minor: int
    refunded_minor: int
    fees_minor: int
    paid_out_minor: int
    on_its_way_minor: int
    residual_minor: int
    owed_minor: int
    owed_by_lots_minor: int
    open_mismatches: int


class PayoutOut(Schema):
    id: str
    amount_minor: int
    currency: str
    status: str
    arrival_on: date


class PayoutLineOut(Schema):
    transaction: str
    category: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    created_at: AwareDatetime
    order: str | None
    lot: uuid.UUID | None
    bookings: list[uuid.UUID]


class PayoutDetailOut(PayoutOut):
    residual_minor: int
    lines: list[PayoutLineOut]


@router.get("/reconciliation/", response=ReconciliationOut, operation_id="read_books")
def read_books(request: HttpRequest, start: date | None = None, end: date | None = None) -> Any:
    """The equation for a period (``end`` excluded), or for all time."""
    require_bookkeeper(request)
    return reconciling.summary(start=start, end=end)


@router.get("/payouts/", response=list[PayoutOut], operation_id="list_payouts")
def list_payouts(request: HttpRequest, limit: int = 50) -> Any:
    """The latest first. ``limit`` is at most 100."""
    require_bookkeeper(request)
    return Payout.objects.order_by("-arrival_on", "-id")[: min(max(limit, 1), 100)]


@router.get("/payouts/{payout_id}/", response=PayoutDetailOut, operation_id="read_payout")
def read_payout(request: HttpRequest, payout_id: str) -> Any:
    """A payout with its transactions, each down to order, lot and sessions."""
    require_bookkeeper(request)
    if not Payout.objects.filter(pk=payout_id).exists():
        raise Http404
    return reconciling.payout_detail(payout_id)


def require_bookkeeper(request: HttpRequest) -> None:
    """To everybody else the address does not exist."""
    if not is_bookkeeper(caller(request)):
        raise Http404
