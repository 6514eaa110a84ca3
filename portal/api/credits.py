"""A runner's credits in the hands of staff, by API: for whoever may adjust them, else 404.

An ``Idempotency-Key`` makes a repeated request act once, as everywhere.
"""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from accounts.api import caller, signed_in
from accounts.merging import find_person
from accounts.models import User
from accounts.roles import ADJUST_CREDITS, may
from payments import crediting
from payments.api import LotOut, WalletOut, wallet_shown
from payments.crediting import CannotAdjust
from payments.models import CreditLot, ServiceVariant
from portal.staff.credit_forms import MOST_GIVEN

router = Router(tags=["staff"], auth=signed_in)

Reason = Annotated[str, Field(max_length=200)]
Units = Annotated[int, Field(ge=1, le=MOST_GIVEN)]


class AdjustIn(Schema):
    """The runner reads the reason in the statement."""

    reason: Reason


class ExtendIn(AdjustIn):
    until: date


class PassOnIn(AdjustIn):
    """``to`` is the runner who gets them."""

    units: Units
    to: uuid.UUID


class GoodwillIn(AdjustIn):
    units: Units = 1
    variants: list[str]
    until: date


@router.get(
    "/runners/{runner_id}/credits/", response=WalletOut, operation_id="read_wallet_of_runner"
)
def read_wallet_of_runner(request: HttpRequest, runner_id: uuid.UUID) -> Any:
    """What a runner has, lot by lot, as she sees it herself."""
    _require_may(request)
    return wallet_shown(_runner(runner_id), at=timezone.now())


@router.post("/runners/{runner_id}/goodwill/", response={201: LotOut}, operation_id="give_goodwill")
def give_goodwill(request: HttpRequest, runner_id: uuid.UUID, wanted: GoodwillIn) -> Any:
    """Give credits that cost nothing: no revenue, nothing to refund."""
    _require_may(request)
    at = timezone.now()
    variants = ServiceVariant.objects.on_offer().filter(code__in=wanted.variants)
    given = crediting.grant_goodwill(
        owner=_runner(runner_id),
        variants=variants,
        units=wanted.units,
        reason=wanted.reason,
        by=caller(request),
        at=at,
        expires_on=wanted.until,
    )
    return Status(201, _lot(given, at))


@router.post("/lots/{lot_id}/extension/", response=LotOut, operation_id="extend_lot")
def extend_lot(request: HttpRequest, lot_id: uuid.UUID, wanted: ExtendIn) -> Any:
    """Let a lot last longer; what has expired of it is available again."""
    lot, who = _asked(request, lot_id)
    crediting.extend_lot(lot=lot, until=wanted.until, reason=wanted.reason, **who)
    return _lot(lot, who["at"])


@router.post("/lots/{lot_id}/extension/correction/", response=LotOut, operation_id="undo_extension")
def undo_extension(request: HttpRequest, lot_id: uuid.UUID, wanted: AdjustIn) -> Any:
    """Take the last extension by hand back; what is booked stays booked."""
    lot, who = _asked(request, lot_id)
    entry = crediting.latest_extension(lot)
    if entry is None:
        raise CannotAdjust("There is no extension that could be taken back.")
    crediting.undo_extension(entry=entry, reason=wanted.reason, **who)
    return _lot(lot, who["at"])


@router.post("/lots/{lot_id}/rest/", response=LotOut, operation_id="freeze_lot")
def freeze_lot(request: HttpRequest, lot_id: uuid.UUID, wanted: AdjustIn) -> Any:
    """Let a lot rest: nothing is booked from it, and it does not expire."""
    lot, who = _asked(request, lot_id)
    crediting.freeze_lot(lot=lot, reason=wanted.reason, **who)
    return _lot(lot, who["at"])


@router.post("/lots/{lot_id}/rest/end/", response=LotOut, operation_id="thaw_lot")
def thaw_lot(request: HttpRequest, lot_id: uuid.UUID, wanted: AdjustIn) -> Any:
    """End the rest of a lot: its last day moves by as many days as it rested."""
    lot, who = _asked(request, lot_id)
    crediting.thaw_lot(lot=lot, reason=wanted.reason, **who)
    return _lot(lot, who["at"])


@router.post("/lots/{lot_id}/transfer/", response={201: LotOut}, operation_id="transfer_credits")
def transfer_credits(request: HttpRequest, lot_id: uuid.UUID, wanted: PassOnIn) -> Any:
    """Pass free credits of a lot on to another runner; the answer is the lot they get."""
    lot, who = _asked(request, lot_id)
    source = f"transfer:{who.pop('key')}"
    given = crediting.transfer_units(
        lot=lot,
        units=wanted.units,
        to=_runner(wanted.to),
        reason=wanted.reason,
        source=source,
        **who,
    )
    return Status(201, _lot(given, who["at"]))


@router.post("/lots/{lot_id}/withdrawal/", response=LotOut, operation_id="withdraw_goodwill")
def withdraw_goodwill(request: HttpRequest, lot_id: uuid.UUID, wanted: AdjustIn) -> Any:
    """Take back what is free of a lot that we gave by mistake."""
    lot, who = _asked(request, lot_id)
    crediting.withdraw_goodwill(lot=lot, reason=wanted.reason, **who)
    return _lot(lot, who["at"])


def _require_may(request: HttpRequest) -> None:
    """To everybody else the address does not exist."""
    if not may(caller(request), ADJUST_CREDITS):
        raise Http404


def _asked(request: HttpRequest, lot_id: uuid.UUID) -> tuple[CreditLot, dict[str, Any]]:
    """The lot, and who acts on it when."""
    _require_may(request)
    lot = get_object_or_404(CreditLot.objects.select_related("owner"), public_id=lot_id)
    return lot, {"by": caller(request), "at": timezone.now(), "key": uuid.uuid4()}


def _runner(public_id: uuid.UUID) -> User:
    found = find_person(public_id)
    if found is None or not found.is_active:
        raise Http404
    return found


def _lot(lot: CreditLot, at: datetime) -> dict[str, Any]:
    """As it is after the act."""
    shown = wallet_shown(lot.owner, at=at)["lots"]
    return next(one for one in shown if one["id"] == lot.public_id)
