"""What every movement stands on: one line appended, what is left, what it is worth."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from payments import trail
from payments.closing import dated
from payments.crediting.errors import NotReserved
from payments.models import Bucket, CreditEntry, CreditLot
from payments.models.credits import OWED, SPENT
from payments.money import next_values

Kind = CreditEntry.Kind
SETTLING = (Kind.RESERVE, Kind.RELEASE, Kind.USE, Kind.REVERSE)


@dataclass(frozen=True, slots=True)
class Worth:
    """What units were sold for: without tax, and the tax that goes with it; minor units."""

    value_minor: int
    tax_minor: int


NOTHING = Worth(0, 0)


def lock_wallet(owner: User) -> list[CreditLot]:
    """Make every other mover of this runner's credits wait until our transaction ends."""
    return list(CreditLot.objects.select_for_update().of(owner).order_by("pk"))


def last_of(booking_id: uuid.UUID) -> CreditEntry | None:
    entries = CreditEntry.objects.of_booking(booking_id).filter(kind__in=SETTLING)
    return entries.select_related("lot__order_line__order", "lot__policy").order_by("-pk").first()


def settled_or_lock(booking_id: uuid.UUID, wanted: str) -> CreditEntry:
    """What holds the unit, its lot locked; or what settled it, when that is what is wanted.

    A reservation holds it, and so does a use that was taken back.
    """
    last = last_of(booking_id)
    if last is not None and last.to_bucket == Bucket.RESERVED:
        CreditLot.objects.select_for_update().get(pk=last.lot_id)
        last = last_of(booking_id)  # somebody may have settled it while we waited
    if last is not None and (last.to_bucket == Bucket.RESERVED or last.kind == wanted):
        return last
    raise NotReserved(_("This booking holds no credit."))


def units_in(lot: CreditLot, buckets: Sequence[str]) -> int:
    """Units of the lot in these buckets together."""
    sums = lot.entries.aggregate(
        entered=Sum("units", filter=Q(to_bucket__in=buckets), default=0),
        left=Sum("units", filter=Q(from_bucket__in=buckets), default=0),
    )
    return int(sums["entered"] - sums["left"])


def next_worth(lot: CreditLot, units: int) -> Worth:
    """What the next `units` to leave the lot are worth, so that all of them add up."""
    left_units = units_in(lot, OWED)
    return Worth(
        sum(next_values(lot.value_minor - _gone(lot, "value_minor"), left_units, units)),
        sum(next_values(lot.tax_minor - _gone(lot, "tax_minor"), left_units, units)),
    )


def _gone(lot: CreditLot, name: str) -> int:
    sums = lot.entries.aggregate(
        out=Sum(name, filter=Q(to_bucket__in=SPENT), default=0),
        back=Sum(name, filter=Q(from_bucket__in=SPENT), default=0),
    )
    return int(sums["out"] - sums["back"])


def append(
    lot: CreditLot,
    kind: str,
    units: int,
    way: tuple[str, str],
    *,
    source: str,
    at: datetime,
    worth: Worth = NOTHING,
    booking_id: uuid.UUID | None = None,
    reason: str = "",
    by: User | None = None,
    effective_at: datetime | None = None,
    reverses: CreditEntry | None = None,
    last_days: tuple[date, date] | None = None,
) -> CreditEntry:
    """One movement of `units` of a lot from the first to the second bucket of `way`.

    `last_days` are the lot's last day before and after. A closed period takes no entry: the
    movement takes effect in the open one and keeps its own date beside.
    """
    effective_at, occurred_at = dated(effective_at or at, at=at)
    before, after = last_days or (None, None)
    entry = CreditEntry.objects.create(
        lot=lot,
        kind=kind,
        units=units,
        from_bucket=way[0],
        to_bucket=way[1],
        value_minor=worth.value_minor,
        tax_minor=worth.tax_minor,
        booking_id=booking_id,
        actor=by,
        reason=reason[:200],
        effective_at=effective_at,
        occurred_at=occurred_at,
        posted_at=at,
        source=source,
        reverses=reverses,
        expires_on_before=before,
        expires_on_after=after,
    )
    trail.movement(entry, by=by, at=at)
    return entry
