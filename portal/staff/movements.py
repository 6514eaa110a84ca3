"""Movements of credits as rows: when, what, how many, what they were worth, for which session."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch

from payments.days import practice_zone
from payments.models import CreditEntry, CreditLot
from payments.models.credits import LotQuerySet
from payments.statements import WHAT
from portal.staff.sessions import session_cell, sessions_by_id
from portal.staff.tables import Column, Table, amount, count, moment, words
from scheduling.models import Booking

if TYPE_CHECKING:
    from portal.staff.adjusting import Action

COLUMNS = (
    Column("When"),
    Column("What"),
    Column("Credits", numeric=True),
    Column("Value ex tax", numeric=True),
    Column("Session"),
    Column("Who"),
    Column("Why"),
)


def movements_table(
    entries: Sequence[CreditEntry], known: dict[UUID, Booking], *, caption: str, currency: str
) -> Table:
    """A row an entry, as they come; `known` are the sessions they speak of."""
    rows = [
        (
            moment(entry.effective_at, practice_zone()),
            words(WHAT[CreditEntry.Kind(entry.kind)]),
            count(entry.units),
            amount(entry.value_minor, currency),
            session_cell(entry.booking_id, known),
            words(entry.actor or "The portal"),
            words(entry.reason),
        )
        for entry in entries
    ]
    return Table(caption, COLUMNS, rows, empty="No credit has moved.", currency=currency)


@dataclass(frozen=True, slots=True)
class LotShown:
    """A lot with its balances, in units, and where each of its credits went."""

    lot: CreditLot
    left: int
    available: int
    reserved: int
    used: int
    expired: int
    refunded: int
    transferred: int
    movements: Table
    actions: "tuple[Action, ...]" = ()


def lots_shown(lots: LotQuerySet) -> tuple[LotShown, ...]:
    """These lots, the first to end in front; three queries however many there are."""
    entries = Prefetch("entries", CreditEntry.objects.select_related("actor"))
    rows = list(
        lots.with_balances()
        .select_related("order_line__order", "owner", "policy")
        .prefetch_related(entries)
        .fifo()
    )
    known = sessions_by_id(entry.booking_id for lot in rows for entry in lot.entries.all())
    return tuple(_shown(lot, known) for lot in rows)


def _origin(lot: CreditLot) -> str:
    """Words no other lot has."""
    if lot.order_line is None:
        return f"{lot.name}, given {lot.granted_at:%d %b %Y, %H:%M}"
    return f"{lot.name}, order {lot.order_line.order.number}"


def _shown(lot: CreditLot, known: dict[UUID, Booking]) -> LotShown:
    spent = {name: getattr(lot, name) for name in ("used", "expired", "refunded", "transferred")}
    kept = {name: getattr(lot, name) for name in ("available", "reserved")}
    movements = movements_table(
        list(lot.entries.all()),
        known,
        caption=f"Where the credits of {_origin(lot)} went",
        currency=lot.currency,
    )
    return LotShown(lot=lot, left=sum(kept.values()), movements=movements, **kept, **spent)
