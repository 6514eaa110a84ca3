"""Reading a runner's credits: what she has, and each movement of it."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from payments.models import Bucket, CreditEntry, CreditLot, ServiceVariant


@dataclass(frozen=True, slots=True)
class WalletLot:
    """One lot, in units. `expires_on` is the last day on which a session may start."""

    public_id: uuid.UUID
    name: str
    available: int
    reserved: int
    used: int
    expired: int
    refunded: int
    transferred: int
    units: int
    expires_on: date
    variants: tuple[str, ...]
    variant_names: tuple[str, ...]
    is_usable: bool


@dataclass(frozen=True, slots=True)
class Wallet:
    """A runner's lots, those that end first in front; `available` counts usable ones."""

    lots: tuple[WalletLot, ...]
    available: int

    def variant_available(self, variant_code: str) -> int:
        """Units that can pay for a session of this variant on the wallet's day."""
        return sum(
            lot.available for lot in self.lots if lot.is_usable and variant_code in lot.variants
        )

    def next_lot(self, variant_code: str) -> WalletLot | None:
        """The lot such a session would be paid from."""
        return next(
            (
                lot
                for lot in self.lots
                if lot.is_usable and lot.available and variant_code in lot.variants
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A movement as the runner sees it: `change` and `balance` are in available credits."""

    at: datetime
    what: str
    package: str
    change: int
    balance: int
    reason: str
    who: str
    order_number: str
    booking_id: uuid.UUID | None


WHAT = {
    CreditEntry.Kind.PURCHASE: "Bought",
    CreditEntry.Kind.RESERVE: "Session booked",
    CreditEntry.Kind.RELEASE: "Credit returned",
    CreditEntry.Kind.USE: "Session done",
    CreditEntry.Kind.EXPIRE: "Expired",
    CreditEntry.Kind.REFUND: "Refunded",
    CreditEntry.Kind.EXTEND: "Extended",
    CreditEntry.Kind.GOODWILL: "Given by us",
    CreditEntry.Kind.TRANSFER: "Transferred",
    CreditEntry.Kind.FREEZE: "Frozen",
    CreditEntry.Kind.THAW: "Free again",
    CreditEntry.Kind.REVERSE: "Corrected",
}


def wallet(owner: User, *, on: date) -> Wallet:
    """The runner's lots as they stand, usable or not on a day; two queries."""
    lots = CreditLot.objects.of(owner).with_balances().fifo()
    rows = tuple(_row(lot, on) for lot in lots.prefetch_related("variants__service"))
    return Wallet(lots=rows, available=sum(row.available for row in rows if row.is_usable))


def _row(lot: CreditLot, on: date) -> WalletLot:
    variants = list(lot.variants.all())
    counts = {
        bucket.value: getattr(lot, bucket.value) for bucket in Bucket if bucket != Bucket.ISSUED
    }
    return WalletLot(
        public_id=lot.public_id,
        name=lot.name,
        units=lot.units,
        expires_on=lot.expires_on,
        variants=tuple(variant.code for variant in variants),
        variant_names=tuple(variant.name for variant in variants),
        is_usable=lot.status == CreditLot.Status.ACTIVE and lot.starts_on <= on <= lot.expires_on,
        **counts,
    )


def lots_in_turn(owner: User, *, variant: ServiceVariant, days: Sequence[date]) -> list[str]:
    """The names of the lots that would pay for one session on each of `days`, booked in turn.

    Chosen as `crediting.choose_lot` chooses, each unit once; an empty name where none is left
    or what is left does not count on that day. One query.
    """
    lots = list(CreditLot.objects.of(owner).covering(variant).active().with_available().fifo())
    left = {lot.pk: int(getattr(lot, Bucket.AVAILABLE.value)) for lot in lots}
    names = []
    for day in days:
        good = (lot for lot in lots if left[lot.pk] and lot.starts_on <= day <= lot.expires_on)
        lot = next(good, None)
        if lot is not None:
            left[lot.pk] -= 1
        names.append(lot.name if lot else "")
    return names


def statement(owner: User) -> list[StatementLine]:
    """Every movement of the runner's credits, the newest first; one query."""
    entries = CreditEntry.objects.filter(lot__owner=owner)
    rows = entries.select_related("lot__order_line__order", "actor").order_by("posted_at", "pk")
    return list(_lines(owner, rows.iterator()))[::-1]


def _lines(owner: User, entries: Iterator[CreditEntry]) -> Iterator[StatementLine]:
    balance = 0
    for entry in entries:
        change = entry.units * (
            (entry.to_bucket == Bucket.AVAILABLE) - (entry.from_bucket == Bucket.AVAILABLE)
        )
        balance += change
        line = entry.lot.order_line
        yield StatementLine(
            at=entry.posted_at,
            what=_what(entry),
            package=entry.lot.name,
            change=change,
            balance=balance,
            reason=entry.reason,
            who=_who(entry, owner),
            order_number=line.order.number if line else "",
            booking_id=entry.booking_id,
        )


def _what(entry: CreditEntry) -> str:
    if entry.kind == CreditEntry.Kind.RESERVE and entry.reason:
        return "Set aside"  # its reason says what for
    return WHAT[CreditEntry.Kind(entry.kind)]


def _who(entry: CreditEntry, owner: User) -> str:
    if entry.actor is None:
        return ""
    return "You" if entry.actor_id == owner.pk else str(entry.actor)
