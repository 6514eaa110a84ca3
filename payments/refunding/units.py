"""The units of an order wherever they are: in its lots, and in lots they were transferred to."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from payments.crediting.ledger import NOTHING, Worth, next_worth
from payments.models import Bucket, CreditEntry, CreditLot, Order, OrderLine
from payments.refunding.errors import RefundingError


@dataclass(frozen=True, slots=True)
class Holding:
    """A lot of an order with its balances, and the line it was sold by."""

    lot: CreditLot
    line: OrderLine
    free: int
    reserved: int
    gone: int  # used or expired
    refunded: int

    @property
    def unused(self) -> int:
        return self.free + self.reserved


@dataclass(frozen=True, slots=True)
class Share:
    """Units a refund takes from one lot, and what they were sold for."""

    holding: Holding
    units: int
    worth: Worth

    @property
    def gross_minor(self) -> int:
        return self.worth.value_minor + self.worth.tax_minor


def lots_of(order: Order, *, lock: bool = False) -> list[CreditLot]:
    """The lots of an order and all that were transferred from them; locked from then on."""
    lots = CreditLot.objects.select_for_update() if lock else CreditLot.objects.all()
    found = list(lots.filter(order_line__order=order).order_by("pk"))
    wave = found
    while wave:
        wave = list(lots.filter(transferred_from__in=wave).order_by("pk"))
        found += wave
    return found


def holdings_of(order: Order, *, lock: bool = False) -> list[Holding]:
    """Each lot of the order with its balances, the buyer's own in front."""
    lots = lots_of(order, lock=lock)
    lines = {line.pk: line for line in order.lines.all()}
    counted = {
        lot.pk: lot
        for lot in CreditLot.objects.filter(pk__in=[lot.pk for lot in lots])
        .with_balances()
        .select_related("owner")
    }
    line_of: dict[int, OrderLine] = {}
    held = []
    for lot in lots:
        line_of[lot.pk] = (
            lines[lot.order_line_id] if lot.order_line_id else line_of[lot.transferred_from_id or 0]
        )
        held.append(_holding(counted[lot.pk], line_of[lot.pk]))
    return held


def _holding(lot: CreditLot, line: OrderLine) -> Holding:
    count = {bucket: int(getattr(lot, bucket)) for bucket in Bucket.values if hasattr(lot, bucket)}
    return Holding(
        lot=lot,
        line=line,
        free=count[Bucket.AVAILABLE],
        reserved=count[Bucket.RESERVED],
        gone=count[Bucket.USED] + count[Bucket.EXPIRED],
        refunded=count[Bucket.REFUNDED],
    )


def spread(holdings: Iterable[Holding], units: int) -> list[Share]:
    """`units` over the lots in turn, at most the unused ones of each."""
    shares, left = [], units
    for holding in holdings:
        taken = min(left, holding.unused)
        if taken > 0:
            shares.append(Share(holding, taken, next_worth(holding.lot, taken)))
            left -= taken
    return shares


def gross_of(holding: Holding, units: int) -> int:
    """What the next `units` of a lot were sold for, tax included."""
    worth = next_worth(holding.lot, units)
    return worth.value_minor + worth.tax_minor


def chosen(holdings: Sequence[Holding], units: Mapping[uuid.UUID, int]) -> list[Share]:
    """So many units of each lot, by the lot's public id.

    Raises:
        RefundingError: a lot is not of this order, or has fewer free units.
    """
    known = {holding.lot.public_id: holding for holding in holdings}
    shares = []
    for public_id, wanted in units.items():
        holding = known.get(public_id)
        if holding is None or wanted < 0:
            raise RefundingError(_("These credits are not of this order."))
        if wanted > holding.free:
            raise RefundingError(
                _("%(name)s has %(free)s free credits, not %(wanted)s.")
                % {"name": holding.lot.name, "free": holding.free, "wanted": wanted}
            )
        if wanted:
            shares.append(Share(holding, wanted, next_worth(holding.lot, wanted)))
    return shares


def total_worth(shares: Iterable[Share]) -> Worth:
    value, tax = NOTHING.value_minor, NOTHING.tax_minor
    for share in shares:
        value, tax = value + share.worth.value_minor, tax + share.worth.tax_minor
    return Worth(value, tax)


def booked_with(holdings: Iterable[Holding]) -> tuple[uuid.UUID, ...]:
    """The bookings that have set a unit of these lots aside now."""
    rows = (
        CreditEntry.objects.filter(lot__in=[holding.lot.pk for holding in holdings])
        .exclude(booking_id=None)
        .order_by()
        .values("booking_id")
        .annotate(
            entered=Sum("units", filter=Q(to_bucket=Bucket.RESERVED), default=0),
            left=Sum("units", filter=Q(from_bucket=Bucket.RESERVED), default=0),
        )
    )
    return tuple(sorted(row["booking_id"] for row in rows if row["entered"] > row["left"]))
