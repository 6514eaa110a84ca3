"""What the practice owes: each lot with what is left of it, at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, F, Max, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django_stubs_ext import WithAnnotations

from payments.days import practice_zone
from payments.models import CreditEntry, CreditLot
from payments.models.credits import OWED
from portal.staff.tables import Column, Table, amount, count, day, words

COLUMNS = (
    Column("Lot"),
    Column("Owner"),
    Column("Bought"),
    Column("Good until"),
    Column("Credits", numeric=True),
    Column("Left", numeric=True),
    Column("Owed ex tax", numeric=True),
    Column("Last used"),
)

_ENTERS = Q(entries__to_bucket__in=OWED) & ~Q(entries__from_bucket__in=OWED)
_LEAVES = Q(entries__from_bucket__in=OWED) & ~Q(entries__to_bucket__in=OWED)


class OwedFields(TypedDict):
    owed_units: int
    owed_minor: int
    used_last_at: datetime | None


if TYPE_CHECKING:
    OwedLot = WithAnnotations[CreditLot, OwedFields]
else:
    OwedLot = CreditLot


@dataclass(frozen=True, slots=True)
class Owed:
    """Units owed and what they are worth without tax, in minor units."""

    units: int
    value_minor: int


def lots_at(before: datetime) -> list[OwedLot]:
    """Lots with anything owed on them just before a moment, with `owed_units`, `owed_minor`
    and `used_last_at`; by owner. Goodwill lots owe units and no money."""
    happened = Q(entries__effective_at__lt=before)
    rows: Any = (
        CreditLot.objects.annotate(
            owed_units=_owed("entries__units", happened),
            owed_minor=_owed("entries__value_minor", happened),
            used_last_at=Max(
                "entries__effective_at", filter=happened & Q(entries__kind=CreditEntry.Kind.USE)
            ),
        )
        .exclude(owed_units=0, owed_minor=0)
        .select_related("owner", "order_line__order")
        .order_by("owner__name", "expires_on", "pk")
    )
    return list(rows)


def owed_before(before: datetime) -> Owed:
    """What was owed on all lots together just before a moment; one query."""
    entries = CreditEntry.objects.filter(effective_at__lt=before)
    enters = Q(to_bucket__in=OWED) & ~Q(from_bucket__in=OWED)
    leaves = Q(from_bucket__in=OWED) & ~Q(to_bucket__in=OWED)
    sums = entries.aggregate(
        units_in=Sum("units", filter=enters, default=0),
        units_out=Sum("units", filter=leaves, default=0),
        value_in=Sum("value_minor", filter=enters, default=0),
        value_out=Sum("value_minor", filter=leaves, default=0),
    )
    return Owed(sums["units_in"] - sums["units_out"], sums["value_in"] - sums["value_out"])


def _owed(field: str, happened: Q) -> Coalesce:
    signed = Case(
        When(_ENTERS, then=F(field)),
        When(_LEAVES, then=-F(field)),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    return Coalesce(Sum(signed, filter=happened), Value(0), output_field=BigIntegerField())


def owed_on(lots: Sequence[OwedLot]) -> Owed:
    """The sum of these lots (as `lots_at` made them)."""
    return Owed(
        units=sum(lot.owed_units for lot in lots),
        value_minor=sum(lot.owed_minor for lot in lots),
    )


@dataclass(frozen=True, slots=True)
class LotsPage:
    """What was owed at the end of a day: the sum of the table's rows, by shape."""

    on: date
    owed: Owed
    table: Table


def lots_page(on: date, *, before: datetime, currency: str) -> LotsPage:
    lots = lots_at(before)
    return LotsPage(on, owed_on(lots), lots_table(lots, currency=currency, zone=practice_zone()))


def lots_table(lots: Sequence[OwedLot], *, currency: str, zone: ZoneInfo) -> Table:
    rows = [
        (
            words(lot.name, lot_url(lot)),
            words(lot.owner, reverse("staff:runner", args=[lot.owner.public_id])),
            day(lot.granted_at.astimezone(zone).date()),
            day(lot.expires_on),
            count(lot.units),
            count(lot.owed_units),
            amount(lot.owed_minor, lot.currency),
            day(_local_day(lot.used_last_at, zone)),
        )
        for lot in lots
    ]
    return Table(
        "Lots with credits left",
        COLUMNS,
        rows,
        empty="Nobody is owed a session.",
        currency=currency,
    )


def lot_url(lot: CreditLot) -> str:
    """The lot's own page."""
    return reverse("staff:lot", args=[lot.public_id])


def _local_day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None
