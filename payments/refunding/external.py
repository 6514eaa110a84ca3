"""A refund made at Stripe by hand: people say which credits it covers, never the portal (M07)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import REFUND
from payments.mismatching import settle_mismatch
from payments.models import Order, Refund, RefundRequest
from payments.refunding.errors import AlreadyAssigned, MayNotRefund, RefundingError
from payments.refunding.following import SAID, UNDONE, settled
from payments.refunding.requesting import number_and_save, take_shares
from payments.refunding.units import Holding, Share, chosen, holdings_of, spread


@dataclass(frozen=True, slots=True)
class Guess:
    """So many units, what they were sold for, and how far that is from what was paid back."""

    units: int
    worth_minor: int
    difference_minor: int  # what was paid back above (or, negative, below) it

    @property
    def apart_minor(self) -> int:
        return abs(self.difference_minor)


def guesses(refund: Refund, *, most: int = 4) -> list[Guess]:
    """How many units the amount may stand for, the nearest first. Only ever shown to people."""
    order = _order_of(refund)
    holdings = holdings_of(order)
    free = sum(holding.free for holding in holdings)
    found = []
    for units in range(free + 1):
        worth = sum(share.gross_minor for share in spread(_free_only(holdings), units))
        found.append(Guess(units, worth, refund.amount_minor - worth))
    return sorted(found, key=lambda guess: (guess.apart_minor, guess.units))[:most]


@transaction.atomic
def assign_refund(
    *,
    refund: Refund,
    units: Mapping[uuid.UUID, int],
    by: User,
    reason: str,
    at: datetime,
) -> RefundRequest:
    """Say that a refund made at Stripe covers so many units of each lot, none included.

    Raises:
        AlreadyAssigned: somebody has said so before.
        MayNotRefund: it needs the permission to refund; the limit does not matter, the money
            has gone.
        RefundingError: it is of no order of ours, did not happen, or the lot has fewer units.
    """
    if not by.has_perm(REFUND):
        raise MayNotRefund(_("You may not pay back orders."))
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    order = Order.objects.select_for_update().get(pk=_order_of(refund).pk)
    if RefundRequest.objects.filter(stripe_refund=refund).exists():
        raise AlreadyAssigned(_("Somebody has chosen its credits already."))
    said = SAID.get(refund.status)
    if said is None or said in UNDONE:
        raise RefundingError(_("This refund did not happen, so it covers nothing."))
    shares: list[Share] = chosen(holdings_of(order, lock=True), units)
    charge = refund.charge
    if charge is None or charge.attempt is None:
        raise RefundingError(_("This refund is of no order of ours."))
    request = RefundRequest(
        order=order,
        attempt=charge.attempt,
        origin=RefundRequest.Origin.EXTERNAL,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        formula="by_hand",
        sums={"units": sum(share.units for share in shares)},
        reason=reason.strip()[:200] or _("Made at Stripe"),
        requested_by=by,
        requested_at=at,
        idempotency_key=f"external:{refund.pk}",
        stripe_refund=refund,
        status=RefundRequest.Status.PENDING,
    )
    number_and_save(request)
    take_shares(request, shares, by=by, at=at)
    settle_mismatch("M07", about=refund.pk, at=at, resolution=_("Its credits were chosen."))
    if said == RefundRequest.Status.SUCCEEDED:
        settled(request, at=at)
    return request


def _order_of(refund: Refund) -> Order:
    if refund.charge is None or refund.charge.attempt is None:
        raise RefundingError(_("This refund is of no order of ours."))
    return refund.charge.attempt.order


def _free_only(holdings: list[Holding]) -> list[Holding]:
    """The same lots as if nothing of them were booked."""
    return [
        Holding(
            lot=one.lot,
            line=one.line,
            free=one.free,
            reserved=0,
            gone=one.gone,
            refunded=one.refunded,
        )
        for one in holdings
    ]
