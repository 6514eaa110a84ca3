"""A runner's statement (U7): every movement of her credits, why, by whom, and what was left.

The balance is what her lots hold, on a pause or not: after each line it is what the wallet of
that moment held.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from payments.days import practice_day, start_of
from payments.models import Bucket, CreditEntry
from payments.models.credits import EntryQuerySet

Kind = CreditEntry.Kind


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A movement as the runner sees it: `change` and `balance` are in available credits."""

    at: datetime
    what: str
    package: str
    change: int
    balance: int
    reason: str
    who: str
    order_number: str
    booking_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Statement:
    """The movements of a month, or all of them, the newest first.

    `opening` is what was there before the first of them, `closing` what was after the last.
    """

    month: date | None
    opening: int
    closing: int
    lines: tuple[StatementLine, ...]


WHAT = {
    Kind.PURCHASE: "Bought",
    Kind.RESERVE: "Session booked",
    Kind.RELEASE: "Credit returned",
    Kind.USE: "Session done",
    Kind.EXPIRE: "Expired",
    Kind.REFUND: "Refunded",
    Kind.EXTEND: "Extended",
    Kind.GOODWILL: "Given by us",
    Kind.TRANSFER: "Transferred",
    Kind.FREEZE: "Put to rest",
    Kind.THAW: "Free again",
    Kind.REVERSE: "Corrected",
}


def statement(owner: User, *, month: date | None = None) -> Statement:
    """The runner's movements in the month that begins on `month`, or all; two queries."""
    entries = CreditEntry.objects.filter(lot__owner=owner)
    opening = 0
    if month is not None:
        first, after = start_of(month), start_of(next_month(month))
        opening = _balance(entries.filter(posted_at__lt=first))
        entries = entries.filter(posted_at__gte=first, posted_at__lt=after)
    rows = entries.select_related("lot__order_line__order", "actor").order_by("posted_at", "pk")
    lines = tuple(_lines(owner, opening, rows))
    closing = lines[-1].balance if lines else opening
    return Statement(month=month, opening=opening, closing=closing, lines=lines[::-1])


def months_of(owner: User, *, at: datetime) -> list[date]:
    """The first day of each month she has a statement for, the present one in front; one query."""
    entries = CreditEntry.objects.filter(lot__owner=owner)
    first = entries.aggregate(first=Min("posted_at"))["first"]
    if first is None:
        return []
    month, now = practice_day(first).replace(day=1), practice_day(at)
    months = []
    while month <= now:
        months.append(month)
        month = next_month(month)
    return months[::-1]


def next_month(month: date) -> date:
    """The first day of the month after the one that begins on `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _balance(entries: EntryQuerySet) -> int:
    sums = entries.aggregate(
        entered=Sum("units", filter=Q(to_bucket=Bucket.AVAILABLE), default=0),
        left=Sum("units", filter=Q(from_bucket=Bucket.AVAILABLE), default=0),
    )
    return int(sums["entered"] - sums["left"])


def _lines(owner: User, balance: int, entries: Iterable[CreditEntry]) -> Iterator[StatementLine]:
    for entry in entries:
        change = entry.units * (
            (entry.to_bucket == Bucket.AVAILABLE) - (entry.from_bucket == Bucket.AVAILABLE)
        )
        balance += change
        line = entry.lot.order_line
        yield StatementLine(
            at=entry.posted_at,
            what=_what(entry),
            package=entry.lot.name,
            change=change,
            balance=balance,
            reason=entry.reason,
            who=_who(entry, owner),
            order_number=line.order.number if line else "",
            booking_id=entry.booking_id,
        )


def _what(entry: CreditEntry) -> str:
    kind = Kind(entry.kind)
    if kind == Kind.RESERVE and entry.reason:
        return _("Set aside")  # its reason says what for
    if kind == Kind.EXTEND and _days_gained(entry) < 0:
        return _("Shortened again")
    if kind == Kind.TRANSFER:
        return _("Received") if entry.to_bucket == Bucket.AVAILABLE else _("Passed on")
    return WHAT[kind]


def _days_gained(entry: CreditEntry) -> int:
    before, after = entry.expires_on_before, entry.expires_on_after
    return (after - before).days if before and after else 0


def _who(entry: CreditEntry, owner: User) -> str:
    if entry.actor is None:
        return ""
    return "You" if entry.actor_id == owner.pk else str(entry.actor)
