"""Packages whose time counts from the first session that was held (P5).

Until then the lot ends as if it had been valid from the purchase: so long there is to begin. The
first session gives it its own first and last day, never an earlier last day than it had, so that
nothing booked before loses its cover. What expired while that session was not recorded yet is
there again.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from payments.crediting.extending import move_last_day
from payments.crediting.ledger import Kind
from payments.days import in_words, practice_day
from payments.models import CreditEntry, CreditLot, OrderLine, Package
from payments.models.credits import BEGINS

FIRST_SESSION = Package.ValidFrom.FIRST_SESSION


def begin(use: CreditEntry, *, at: datetime) -> CreditEntry | None:
    """The first session of the lot was held: its days are known now.

    None where its time counts from the purchase, or has begun. A use taken back begins nothing,
    so the next one begins it anew.
    """
    lot = use.lot
    line = line_of(lot)
    if line is None or line.valid_from != FIRST_SESSION or _has_begun(lot, before=use):
        return None
    first = practice_day(use.occurred_at or use.effective_at)
    lot.starts_on = min(first, lot.expires_on)
    until = max(lot.expires_on, first + timedelta(days=line.validity_days))
    return move_last_day(
        lot,
        until,
        source=f"{BEGINS}{use.pk}",
        booking_id=use.booking_id,
        reason=_("First session: ends %(day)s") % {"day": in_words(until)},
        by=use.actor,
        at=at,
    )


def line_of(lot: CreditLot) -> OrderLine | None:
    """The line it was sold on, also when it was passed on; None for what we gave."""
    while lot.order_line is None and lot.transferred_from is not None:
        lot = lot.transferred_from
    return lot.order_line


def _has_begun(lot: CreditLot, *, before: CreditEntry) -> bool:
    """Whether a session that still counts as held began it: here, or before it was passed on."""
    begun = CreditEntry.objects.filter(kind=Kind.EXTEND, source__startswith=BEGINS)
    source = lot.transferred_from
    if source is not None and begun.filter(lot=source, posted_at__lte=lot.granted_at).exists():
        return True
    standing = lot.entries.filter(kind=Kind.USE, reversed_by=None, pk__lt=before.pk)
    return standing.filter(booking_id__in=begun.filter(lot=lot).values("booking_id")).exists()
