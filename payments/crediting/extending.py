"""A lot's last day moves, and what had ended because of the old one is there again."""

import uuid
from datetime import date, datetime
from functools import partial

from accounts.models import User
from payments.crediting.ledger import Kind, Worth, append, units_in
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot
from payments.posting import post_taken_back

STAYS = (Bucket.AVAILABLE, Bucket.AVAILABLE)
WAKES = (Bucket.EXPIRED, Bucket.AVAILABLE)


def move_last_day(
    lot: CreditLot,
    until: date,
    *,
    source: str,
    reason: str,
    by: User | None,
    at: datetime,
    booking_id: uuid.UUID | None = None,
    reverses: CreditEntry | None = None,
) -> CreditEntry:
    """Let the lot, whose row is locked, end on `until`, and say so in an entry.

    Where that is not over yet, its expired units are available again and their breakage is
    turned round: now, in the open period, whenever they expired (P9).
    """
    before, lot.expires_on = lot.expires_on, until
    lot.save(update_fields=["starts_on", "expires_on"])
    note = partial(
        append,
        lot,
        Kind.EXTEND,
        booking_id=booking_id,
        last_days=(before, until),
        reason=reason,
        by=by,
        at=at,
    )
    ended = lot.entries.filter(kind=Kind.EXPIRE, reversed_by=None).order_by("pk")
    waking = list(ended) if until >= practice_day(at) else []
    if not waking:
        return note(units_in(lot, [Bucket.AVAILABLE]), STAYS, source=source, reverses=reverses)
    entries = []
    for number, one in enumerate(waking):
        entry = note(
            one.units,
            WAKES,
            source=f"{source}:{one.pk}" if number else source,
            worth=Worth(one.value_minor, one.tax_minor),
            reverses=one,
        )
        post_taken_back(entry=entry, at=at)
        entries.append(entry)
    return entries[0]
