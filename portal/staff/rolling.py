"""The roll-forward of what is owed: opening, what changed it, closing; in credits and money."""

from dataclasses import dataclass

from django.db.models import F, QuerySet
from django.urls import reverse

from payments.models import CreditEntry
from payments.models.credits import OWED
from payments.reconciling import Reconciliation, signed
from portal.staff.lots import Owed, lot_url, owed_before
from portal.staff.periods import Period
from portal.staff.sessions import session_cell, sessions_by_id
from portal.staff.tables import Cell, Column, Table, amount, count, moment, words

Kind = CreditEntry.Kind
# A row's address, its words, its sign, its kinds of entry.
MOVED: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "sold": ("Sold", 1, (Kind.PURCHASE,)),
    "given": ("Given by us", 1, (Kind.GOODWILL,)),
    "used": ("Used", -1, (Kind.USE,)),
    "expired": ("Expired", -1, (Kind.EXPIRE,)),
    "refunded": ("Refunded", -1, (Kind.REFUND,)),
    "corrected": (
        "Extended, transferred or corrected",
        1,
        (Kind.EXTEND, Kind.REVERSE, Kind.TRANSFER),
    ),
}
COLUMNS = (
    Column("When"),
    Column("Runner"),
    Column("Lot"),
    Column("Credits", numeric=True),
    Column("Value ex tax", numeric=True),
    Column("Session"),
    Column("Why"),
)
ALWAYS = ("sold", "used", "refunded", "expired")


def roll_forward_table(books: Reconciliation, period: Period) -> Table:
    """Money from the books, credits counted from their movements; every figure is a link."""
    roll = books.credits
    money = {
        "sold": roll.sold_minor,
        "given": 0,
        "used": roll.earned_minor,
        "expired": roll.expired_minor,
        "refunded": roll.refunded_minor,
        "corrected": roll.adjusted_minor,
    }
    units = _units(period)
    closing = owed_before(period.ends_at)
    opening = owed_before(period.starts_at) if period.starts_at else Owed(0, 0)
    lines = [_line("At the start", opening.units, roll.opening_minor, books, "")]
    for what, (label, sign, _) in MOVED.items():
        if what in ALWAYS or units[what] or money[what]:
            url = f"{reverse('staff:credit_movements')}?what={what}&month={period.code}"
            lines.append(_line(label, sign * units[what], sign * money[what], books, url))
    lots_url = f"{reverse('staff:lots')}?on={period.last_day.isoformat()}"
    lines.append(_line("At the end", closing.units, roll.closing_minor, books, lots_url))
    return Table(
        "How it came about",
        (Column("What"), Column("Credits", numeric=True), Column("Value ex tax", numeric=True)),
        lines,
        currency=books.currency,
    )


def _units(period: Period) -> dict[str, int]:
    """By line, what its figure is: without its sign, but for corrections, which go both ways."""
    entries = _entries(period).order_by().values_list("kind")
    by_kind = dict(entries.annotate(total=signed("units")))
    return {
        what: sign * sum(by_kind.get(str(kind), 0) for kind in kinds)
        for what, (_, sign, kinds) in MOVED.items()
    }


def _entries(period: Period) -> QuerySet[CreditEntry]:
    """What moved. An entry within one bucket gives a lot a later end and moves nothing."""
    entries = CreditEntry.objects.filter(effective_at__lt=period.ends_at)
    entries = entries.exclude(from_bucket=F("to_bucket"))
    return entries.filter(effective_at__gte=period.starts_at) if period.starts_at else entries


def _line(label: str, units: int, minor: int, books: Reconciliation, url: str) -> tuple[Cell, ...]:
    return (words(label), count(units), amount(minor, books.currency, url))


@dataclass(frozen=True, slots=True)
class Movements:
    """The movements behind a line, with their sums: units, and minor units without tax."""

    title: str
    units: int
    value_minor: int
    table: Table


def movements_of(what: str, period: Period, currency: str) -> Movements:
    """The entries behind one line of the roll-forward. Raises KeyError for an unknown line."""
    label, sign, kinds = MOVED[what]
    entries = list(
        _entries(period)
        .filter(kind__in=kinds)
        .select_related("lot__owner", "lot__order_line__order", "actor")
        .order_by("effective_at", "pk")
    )
    known = sessions_by_id(entry.booking_id for entry in entries)
    rows = [
        (
            moment(entry.effective_at, period.zone),
            words(entry.lot.owner, reverse("staff:runner", args=[entry.lot.owner.public_id])),
            words(entry.lot.name, lot_url(entry.lot)),
            count(sign * way_of(entry) * entry.units),
            amount(sign * way_of(entry) * entry.value_minor, currency),
            session_cell(entry.booking_id, known),
            words(entry.reason),
        )
        for entry in entries
    ]
    return Movements(
        title=label,
        units=sum(sign * way_of(entry) * entry.units for entry in entries),
        value_minor=sum(sign * way_of(entry) * entry.value_minor for entry in entries),
        table=Table(label, COLUMNS, rows, empty="Nothing in this period.", currency=currency),
    )


def way_of(entry: CreditEntry) -> int:
    """1 for what comes to be owed, -1 for what ceases to, 0 for what stays as it was."""
    return (entry.to_bucket in OWED) - (entry.from_bucket in OWED)
