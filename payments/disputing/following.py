"""What becomes of a dispute, and what that does to credits and books: one end, any order."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from payments.crediting import (
    freeze_for_dispute,
    return_units,
    take_back_units,
    thaw_after_dispute,
)
from payments.mismatching import open_mismatch
from payments.models import (
    BalanceTransaction,
    CreditEntry,
    CreditLot,
    Dispute,
    Order,
    OrderLine,
)
from payments.posting.disputes import (
    is_loss_posted,
    post_dispute_lost,
    post_dispute_regained,
    post_unit_void,
)
from payments.refunding.units import Holding, booked_with, gross_of, holdings_of
from payments.signals import dispute_closed, dispute_opened, purchase_reversed

INQUIRY = ("warning_needs_response", "warning_under_review")
OPEN = ("needs_response", "under_review")
FREE = ("won", "prevented", "warning_closed", "charge_refunded")
CLOSED = (*FREE, "lost")
CATEGORIES = ("dispute", "dispute_reversal")


def is_backwards(stored: str, said: str) -> bool:
    """Whether `said` is older news than `stored`: what was decided is open no more."""
    return stored in CLOSED and said not in CLOSED


def order_of(dispute: Dispute) -> Order | None:
    """The order whose credits hang on it; a second payment of an order bought none."""
    charge = dispute.charge
    attempt = charge.attempt if charge else None
    if attempt is None or attempt.status == attempt.Status.SURPLUS:
        return None
    return attempt.order


@transaction.atomic
def follow(dispute: Dispute, *, at: datetime) -> None:
    """Bring credits and books to where the dispute is. May be repeated."""
    order = order_of(dispute)
    if order is not None:
        order = Order.objects.select_for_update().get(pk=order.pk)
    if dispute.status in OPEN:
        _opened(dispute, order, at)
    elif dispute.status in FREE:
        _freed(dispute, order, at)
    elif dispute.status == "lost":
        _lost(dispute, order, at)


def _opened(dispute: Dispute, order: Order | None, at: datetime) -> None:
    if order is None:
        return
    holdings = holdings_of(order, lock=True)
    frozen = [
        freeze_for_dispute(lot=holding.lot, dispute_id=dispute.pk, at=at) for holding in holdings
    ]
    if any(frozen):
        ids = booked_with(holdings)
        dispute_opened.send(sender=Dispute, dispute=dispute, order=order, booking_ids=ids, at=at)


def _freed(dispute: Dispute, order: Order | None, at: datetime) -> None:
    if is_loss_posted(dispute):
        _regained(dispute, at)
    if order is None or _another_open(dispute, order):
        return
    thawed = [
        thaw_after_dispute(lot=holding.lot, dispute_id=dispute.pk, at=at)
        for holding in holdings_of(order, lock=True)
    ]
    if any(thawed):
        dispute_closed.send(sender=Dispute, dispute=dispute, order=order, at=at)


def _regained(dispute: Dispute, at: datetime) -> None:
    """Lost, and won on appeal: the units are the runner's again."""
    for entry in _taken_by(dispute):
        return_units(taken=entry, reason=_("The dispute was won after all."), by=None, at=at)
    post_dispute_regained(dispute=dispute, at=at)


def _another_open(dispute: Dispute, order: Order) -> bool:
    others = Dispute.objects.filter(charge__attempt__order=order, status__in=[*OPEN, "lost"])
    return others.exclude(pk=dispute.pk).exists()


# lost ------------------------------------------------------------------------------------------
def withdrawn(dispute: Dispute) -> tuple[int, str]:
    """What the bank has taken and not given back, by its balance transactions, and its currency."""
    rows = BalanceTransaction.objects.filter(
        Q(source_id=dispute.pk) | Q(pk__in=dispute.balance_transaction_ids),
        reporting_category__in=CATEGORIES,
    )
    total = rows.aggregate(total=Sum("amount_minor", default=0))["total"]
    first = rows.order_by("created_at").first()
    return -int(total), first.currency if first else dispute.currency


def _lost(dispute: Dispute, order: Order | None, at: datetime) -> None:
    amount, currency = withdrawn(dispute)
    if amount <= 0:
        return  # the money's own row comes later, and calls again
    known = is_loss_posted(dispute)
    # Units are counted in the order's currency; a loss in another is money alone.
    in_units = order is not None and currency == order.currency
    holdings = holdings_of(order, lock=True) if order and in_units else []
    taken = _cancelled(dispute, holdings, amount, "void" if known else "lost", at)
    if known:
        for entry, line in taken:
            post_unit_void(entry=entry, line=line, dispute=dispute, at=at)
        return
    post_dispute_lost(
        dispute=dispute,
        order=order,
        taken=taken,
        withdrawn_minor=amount,
        currency=currency,
        at=at,
    )
    if order is not None:
        _tell_of_loss(dispute, order, [entry.lot for entry, _line in taken], at)


def _taken_by(dispute: Dispute) -> list[CreditEntry]:
    entries = CreditEntry.objects.filter(
        kind=CreditEntry.Kind.REFUND, source__startswith=f"dispute:{dispute.pk}:"
    )
    return list(entries.filter(reversed_by=None).order_by("lot_id", "pk"))


def _cancelled(
    dispute: Dispute, holdings: Sequence[Holding], lost_minor: int, why: str, at: datetime
) -> list[tuple[CreditEntry, OrderLine]]:
    """Take the free units of frozen lots, as many as the lost money had paid for.

    A lot that keeps some, because only a part of its price was lost, is free again. One whose
    units are booked stays frozen: what comes free later is taken then.
    """
    room = lost_minor - sum(one.value_minor + one.tax_minor for one in _taken_by(dispute))
    taken = []
    for holding in holdings:
        if why == "lost":
            freeze_for_dispute(lot=holding.lot, dispute_id=dispute.pk, at=at)
        elif holding.lot.frozen_for != CreditLot.FrozenFor.DISPUTE:
            continue
        units = holding.free
        while units and gross_of(holding, units) > room:
            units -= 1
        if units:
            entry = take_back_units(
                lot=holding.lot,
                units=units,
                source=f"dispute:{dispute.pk}:{why}:{holding.lot.pk}:{holding.refunded}",
                reason=_("The bank took the payment back."),
                by=None,
                at=at,
            )
            room -= entry.value_minor + entry.tax_minor
            taken.append((entry, holding.line))
        if units < holding.free:
            thaw_after_dispute(lot=holding.lot, dispute_id=dispute.pk, at=at)
    return taken


def _tell_of_loss(dispute: Dispute, order: Order, lots: list[CreditLot], at: datetime) -> None:
    purchase_reversed.send(sender=Order, order=order, lots=lots, at=at)
    dispute_closed.send(sender=Dispute, dispute=dispute, order=order, at=at)
    booked = booked_with(holdings_of(order))
    if booked:
        open_mismatch(
            "M10",
            about=f"{dispute.pk}:booked",
            at=at,
            amount_minor=dispute.amount_minor,
            currency=dispute.currency,
            order=order,
            details={"what": "Lost, and sessions are still booked", "sessions": len(booked)},
        )
