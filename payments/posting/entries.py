"""An entry of the journal: amounts moved from one account to another because of one cause."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from payments import trail
from payments.chart import Role
from payments.closing import dated
from payments.models import CreditLot, JournalEntry, JournalLine, Order


@dataclass(frozen=True, slots=True)
class Move:
    """An amount to debit to one role and credit to another; a negative one turns them round."""

    debit: Role
    credit: Role
    amount_minor: int
    order: Order | None = None
    lot: CreditLot | None = None
    booking_id: uuid.UUID | None = None


@transaction.atomic
def post(
    *,
    source: str,
    kind: str,
    description: str,
    moves: Iterable[Move],
    currency: str,
    effective_at: datetime,
    at: datetime,
    reverses: JournalEntry | None = None,
    by: User | None = None,
    reason: str = "",
) -> JournalEntry | None:
    """Write one entry because of `source`; amounts in minor units of `currency`.

    A source that has posted returns its first entry. Nothing to move: no entry, None. What is
    dated into a closed period takes effect in the open one and keeps its own date beside.
    """
    wanted = [move for move in moves if move.amount_minor]
    if not wanted:
        return None
    earlier: JournalEntry | None = JournalEntry.objects.filter(source=source).first()
    if earlier is not None:
        return earlier
    effective_at, occurred_at = dated(effective_at, at=at)
    try:
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                source=source,
                kind=kind,
                description=description[:200],
                effective_at=effective_at,
                posted_at=at,
                occurred_at=occurred_at,
                reverses=reverses,
                actor=by,
                reason=reason[:200],
            )
    except IntegrityError:  # somebody else posted it between our look and our write
        return JournalEntry.objects.get(source=source)
    JournalLine.objects.bulk_create(_line(entry, move, currency) for move in wanted)
    if by is not None:
        trail.posted(entry, sum(abs(one.amount_minor) for one in wanted), currency, by=by, at=at)
    return entry


def _line(entry: JournalEntry, move: Move, currency: str) -> JournalLine:
    debit, credit = move.debit, move.credit
    if move.amount_minor < 0:
        debit, credit = credit, debit
    return JournalLine(
        entry=entry,
        debit=debit.code,
        credit=credit.code,
        amount_minor=abs(move.amount_minor),
        currency=currency,
        order=move.order,
        lot=move.lot,
        booking_id=move.booking_id,
    )


def turned_round(entry: JournalEntry) -> list[Move]:
    """What an entry moved, the other way: for the entry that takes it back."""
    return [
        Move(
            Role.called(line.credit),
            Role.called(line.debit),
            line.amount_minor,
            line.order,
            line.lot,
            line.booking_id,
        )
        for line in entry.lines.select_related("order", "lot")
    ]
