"""Money that comes after its time was let go: kept as credit, and hers to have back ($6, M06)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.ledger import units_in
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import Bucket, CreditLot, Mismatch, MismatchComment, Order
from payments.selling_errors import SellingError

CODE = "M06"
WISH = "wants_refund"


class NotLate(SellingError):
    """The order was paid in time, or what it bought has been used or booked since."""


@dataclass(frozen=True, slots=True)
class LateState:
    """A late payment, for its buyer: whether she has asked for her money, and still may."""

    has_asked: bool
    may_ask: bool


def report_late(
    *, order: Order, at: datetime, booking_id: uuid.UUID | None = None, why: str = ""
) -> Mismatch:
    """Put a late payment before staff, once for each order; what is learnt later is added."""
    found = open_mismatch(
        CODE,
        about=order.number,
        at=at,
        amount_minor=order.total_minor,
        currency=order.currency,
        order=order,
    )
    if booking_id is not None:
        found.details = found.details | {"booking": str(booking_id), "why": why}
        found.save(update_fields=["details"])
    return found


def not_late_after_all(*, order: Order, at: datetime) -> None:
    """The time was still free: it is booked, and nobody needs to do anything."""
    settle_mismatch(
        CODE, about=order.number, at=at, resolution="The time was still free: it is booked."
    )


def came_too_late(order: Order) -> bool:
    """Whether its money came after its time was let go, and nobody has settled that yet."""
    return _late(order) is not None


def late_state(order: Order) -> LateState | None:
    """How it stands with a late payment; none for money in time, or settled since."""
    found = _late(order)
    if found is None:
        return None
    return LateState(has_asked=bool(found.details.get(WISH)), may_ask=_is_untouched(order))


@transaction.atomic
def ask_for_money_back(*, order: Order, by: User, at: datetime) -> Mismatch:
    """The buyer of a late payment would rather have her money: staff see it and pay it back.

    A repeat changes nothing.

    Raises:
        NotLate: it was not late, is settled, or a credit of it is booked or used.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    found = _late(order)
    if found is None or not _is_untouched(order):
        raise NotLate(_("Please ring us about your money: a credit of this is booked or used."))
    if not found.details.get(WISH):
        found.details = found.details | {WISH: True}
        found.save(update_fields=["details"])
        MismatchComment.objects.create(
            mismatch=found,
            author=by,
            text=_("I would rather have my money back."),
            written_at=at,
        )
    return found


def _late(order: Order) -> Mismatch | None:
    return Mismatch.objects.open().filter(code=CODE, about=order.number, order=order).first()


def _is_untouched(order: Order) -> bool:
    """Every unit that was bought is still free."""
    lots = CreditLot.objects.filter(order_line__order=order)
    return all(units_in(lot, [Bucket.AVAILABLE]) == lot.units for lot in lots)
