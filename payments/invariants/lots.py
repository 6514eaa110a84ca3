"""I6 and I7: each lot's units are somewhere, and each is worth what it was sold for.

Both look at the lots that were granted or moved in the period, with their whole history: what is
true of a lot is true of all of its entries together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, QuerySet, Subquery

from payments.invariants.base import ALWAYS, Breach, Sides, Span, side_by_side, total
from payments.invariants.returned import parts_at_fault
from payments.models import Bucket, CreditEntry, CreditLot
from payments.models.credits import OWED, SPENT
from payments.money import next_values

BUCKETS = [str(bucket.value) for bucket in Bucket if bucket != Bucket.ISSUED]
WAY_OF_KIND = next(
    one.condition
    for one in CreditEntry._meta.constraints
    if isinstance(one, CheckConstraint) and one.name == "entry_way_follows_kind"
)


def lots_of(span: Span) -> "QuerySet[CreditLot]":
    """Lots that were granted, or of which something moved, in the period."""
    if span == ALWAYS:
        return CreditLot.objects.all()
    moved = CreditEntry.objects.filter(span.within("effective_at"), lot=OuterRef("pk"))
    return CreditLot.objects.filter(span.within("granted_at") | Q(Exists(moved)))


def _of_lot(code: str, public_id: Any, what: str, by: int = 0, currency: str = "") -> Breach:
    return Breach(code, str(public_id), what, by, "lot", str(public_id), currency)


# I6 -----------------------------------------------------------------------------------------
def units_add_up(span: Span = ALWAYS) -> list[Breach]:
    """I6: the units bought are in the lot's buckets, none of which holds less than nothing;
    every movement goes the way of its kind, and the last day is the one the entries say."""
    return [*_units_astray(span), *_wrong_ways(span), *_of_no_lot(), *_other_last_days(span)]


def _units_astray(span: Span) -> Iterator[Breach]:
    in_buckets = sum((F(bucket) for bucket in BUCKETS[1:]), start=F(BUCKETS[0]))
    below = Q()
    for bucket in BUCKETS:
        below |= Q(**{f"{bucket}__lt": 0})
    lots = lots_of(span).with_balances().annotate(kept=in_buckets)  # type: ignore[attr-defined]
    bought = Q(order_line=None) | Q(units=F("order_line__units"))
    for lot in lots.filter(~Q(units=F("kept")) | below | ~bought).order_by("pk"):
        yield _of_lot("I6", lot.public_id, "the units do not add up", lot.units - lot.kept)


def _wrong_ways(span: Span) -> Iterator[Breach]:
    """Movements the database would refuse today."""
    entries = CreditEntry.objects.filter(span.within("effective_at"), ~Q(WAY_OF_KIND))
    for entry in entries.select_related("lot"):
        what = f"entry {entry.pk} does not go the way of its kind"
        yield _of_lot("I6", entry.lot.public_id, what, entry.units)


def _of_no_lot() -> Iterator[Breach]:
    entries = CreditEntry.objects.filter(~Exists(CreditLot.objects.filter(pk=OuterRef("lot_id"))))
    for entry in entries:
        yield Breach("I6", f"entry {entry.pk}", "its lot is not there", entry.units)


def _other_last_days(span: Span) -> Iterator[Breach]:
    last = CreditEntry.objects.filter(lot=OuterRef("pk"), expires_on_after__isnull=False)
    lots = lots_of(span).annotate(
        said=Subquery(last.order_by("-pk").values("expires_on_after")[:1])
    )
    columns = ("public_id", "starts_on", "expires_on", "said", "order_line__validity_days")
    for public_id, starts_on, expires_on, said, days in lots.values_list(*columns).iterator():
        if said is None and days is not None:
            said = starts_on + timedelta(days=days)
        if said is not None and said != expires_on:
            what = f"it ends on {expires_on}, and its entries say {said}"
            yield _of_lot("I6", public_id, what)


def units_and_buckets(span: Span) -> list[Sides]:
    lots = lots_of(span)
    bought = lots.order_by().aggregate(units=total("units"))["units"]
    entries = CreditEntry.objects.filter(lot__in=lots.values("pk"))
    issued = entries.aggregate(units=total("units", Q(from_bucket=Bucket.ISSUED)))["units"]
    return [Sides("Credits of these lots", bought, issued)]


# I7 -----------------------------------------------------------------------------------------
def values_add_up(span: Span = ALWAYS) -> list[Breach]:
    """I7: per lot, what it was sold for is what is still owed and what left it, to the cent;
    each unit took along what was its own, tax and all, and a transfer lost nothing."""
    return [*_histories_at_fault(span), *_transfers_at_fault(span), *parts_at_fault(span)]


@dataclass(slots=True)
class _Left:
    """What is left of a lot while its history is read again."""

    units: int
    value_minor: int
    tax_minor: int

    def next(self, units: int) -> tuple[int, int]:
        """What the next units to leave are worth: value and tax."""
        if not 0 < units <= self.units or self.value_minor < 0 or self.tax_minor < 0:
            return 0, 0
        return (
            sum(next_values(self.value_minor, self.units, units)),
            sum(next_values(self.tax_minor, self.units, units)),
        )

    def move(self, entry: CreditEntry, sign: int) -> None:
        self.units += sign * entry.units
        self.value_minor += sign * entry.value_minor
        self.tax_minor += sign * entry.tax_minor


def _histories_at_fault(span: Span) -> Iterator[Breach]:
    entries = CreditEntry.objects.filter(lot__in=lots_of(span).values("pk"))
    entries = entries.select_related("lot__order_line", "reverses").order_by("lot_id", "pk")
    for _, history in groupby(entries.iterator(), key=attrgetter("lot_id")):
        yield from _faults_of(list(history))


def _faults_of(history: list[CreditEntry]) -> Iterator[Breach]:
    lot = history[0].lot
    currency = lot.currency
    if lot.units != len(lot.unit_values):
        what, by = "not as many values as units", lot.units - len(lot.unit_values)
        yield _of_lot("I7", lot.public_id, what, by)
    left = _Left(0, 0, 0)
    for entry in history:
        if by := _difference(entry, lot, left):
            what = f"{entry.get_kind_display().lower()} (entry {entry.pk}) is of another value"
            yield _of_lot("I7", lot.public_id, what, by, currency)
        left.move(entry, _sign(entry))
    if not left.units and (left.value_minor or left.tax_minor):
        what = "no unit is left, and something is still owed"
        yield _of_lot("I7", lot.public_id, what, left.value_minor + left.tax_minor, currency)


def _sign(entry: CreditEntry) -> int:
    """Whether what is owed grows with it, shrinks, or stays."""
    return (entry.to_bucket in OWED) - (entry.from_bucket in OWED)


def _difference(entry: CreditEntry, lot: CreditLot, left: _Left) -> int:
    if entry.from_bucket == Bucket.ISSUED:
        value, tax = lot.value_minor, lot.tax_minor
    elif entry.reverses is not None and entry.from_bucket in SPENT:
        value, tax = entry.reverses.value_minor, entry.reverses.tax_minor
    elif _sign(entry) < 0:
        value, tax = left.next(entry.units)
    else:
        value, tax = (0, 0) if not _sign(entry) else (entry.value_minor, entry.tax_minor)
    return abs(entry.value_minor - value) + abs(entry.tax_minor - tax)


def _transfers_at_fault(span: Span) -> Iterator[Breach]:
    """What left lots for others is what those others began with."""
    out = CreditEntry.objects.filter(lot=OuterRef("pk"), to_bucket=Bucket.TRANSFERRED)
    into = CreditLot.objects.filter(transferred_from=OuterRef("pk"))
    lots = lots_of(span).filter(Exists(out) | Exists(into))
    sums = CreditEntry.objects.filter(to_bucket=Bucket.TRANSFERRED, lot__in=lots.values("pk"))
    sent = {
        lot: figures
        for lot, *figures in sums.order_by()
        .values_list("lot")
        .annotate(a=total("units"), b=total("value_minor"), c=total("tax_minor"))
    }
    for lot in lots.prefetch_related("transferred_to"):
        received = list(lot.transferred_to.all())
        arrived = [
            sum(one.units for one in received),
            sum(one.value_minor for one in received),
            sum(one.tax_minor for one in received),
        ]
        left = sent.get(lot.pk, [0, 0, 0])
        if left != arrived:
            what = "what was transferred is not what arrived"
            yield _of_lot("I7", lot.public_id, what, left[1] - arrived[1], lot.currency)


def values_and_entries(span: Span) -> list[Sides]:
    """What the lots were sold for, and what their entries say is owed and has left."""
    sold: dict[str, int] = {}
    for currency, values in lots_of(span).order_by().values_list("currency", "unit_values"):
        sold[currency] = sold.get(currency, 0) + sum(values)
    entries = CreditEntry.objects.filter(lot__in=lots_of(span).values("pk")).order_by()
    issued = entries.values_list("lot__currency").annotate(
        sold=total("value_minor", Q(from_bucket=Bucket.ISSUED))
    )
    return side_by_side("Lots, without tax", sold, dict(issued))
