"""Sums over the books and the credits, as they stood at a moment. There is no balance column."""

from datetime import datetime

from django.db.models import Q, Sum

from payments.chart import Role
from payments.models import Bucket, CreditEntry, JournalLine
from payments.models.credits import SPENT


def balance_of(role: Role, *, before: datetime | None = None, currency: str = "") -> int:
    """Debits less credits of an account, in minor units; liabilities come out negative."""
    lines = JournalLine.objects.filter(Q(debit=role.code) | Q(credit=role.code))
    if before is not None:
        lines = lines.filter(entry__effective_at__lt=before)
    if currency:
        lines = lines.filter(currency=currency)
    sums = lines.aggregate(
        debits=Sum("amount_minor", filter=Q(debit=role.code), default=0),
        credits=Sum("amount_minor", filter=Q(credit=role.code), default=0),
    )
    return int(sums["debits"] - sums["credits"])


def owed_by_books(*, before: datetime | None = None, currency: str = "") -> int:
    """What the practice owes in sessions, says the journal."""
    return -balance_of(Role.DEFERRED, before=before, currency=currency)


def owed_by_lots(*, before: datetime | None = None, currency: str = "") -> int:
    """What the practice owes in sessions, says the value of the units not used yet."""
    entries = CreditEntry.objects.all()
    if before is not None:
        entries = entries.filter(effective_at__lt=before)
    if currency:
        entries = entries.filter(lot__currency=currency)
    sums = entries.aggregate(
        bought=Sum("value_minor", filter=Q(from_bucket=Bucket.ISSUED), default=0),
        spent=Sum("value_minor", filter=Q(to_bucket__in=SPENT), default=0),
        back=Sum("value_minor", filter=Q(from_bucket__in=SPENT), default=0),
    )
    return int(sums["bought"] - sums["spent"] + sums["back"])
