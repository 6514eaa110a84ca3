"""Do the books hold? Taken less refunded less fees is paid out plus on its way, to the penny.

Each side comes from its own rows: the left from Stripe's balance transactions, the right from
payouts and what came with them; what is owed from the journal and again from the lots.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When

from payments.balances import owed_by_books, owed_by_lots
from payments.checking import check_mismatches
from payments.days import practice_zone, start_of
from payments.mirroring import PAYOUT_LOST
from payments.models import (
    BalanceTransaction,
    Charge,
    CreditEntry,
    CreditLot,
    Mismatch,
    Order,
    Payout,
)
from payments.models.credits import OWED
from payments.models.stripe import PAYOUT_CATEGORIES
from payments.money import DEFAULT_CURRENCY

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

__all__ = [
    "Matched",
    "PayoutDetail",
    "PayoutLineDetail",
    "Reconciliation",
    "RollForward",
    "check_mismatches",
    "matched",
    "payout_detail",
    "signed",
    "summary",
]

TAKEN = {"charge"}
REFUNDED = {"refund", "refund_failure", "partial_capture_reversal"}
FEES = {"fee", "network_cost"}
Kind = CreditEntry.Kind


@dataclass(frozen=True, slots=True)
class RollForward:
    """How what is owed in sessions changed: opening + sold - ... = closing, in minor units."""

    opening_minor: int
    sold_minor: int
    earned_minor: int
    expired_minor: int
    refunded_minor: int
    adjusted_minor: int
    closing_minor: int

    @property
    def residual_minor(self) -> int:
        left = self.opening_minor + self.sold_minor - self.earned_minor - self.expired_minor
        return left - self.refunded_minor + self.adjusted_minor - self.closing_minor


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The equation of a period; amounts in minor units of `currency`.

    opening + taken - refunded - fees + other = paid out + on its way, the rest is residual.
    `opening` is what was on its way when the period began, `on_its_way` when it ended.
    """

    start: date | None
    end: date | None
    zone: str
    currency: str
    opening_minor: int
    taken_minor: int
    refunded_minor: int
    fees_minor: int
    other_minor: int
    paid_out_minor: int
    on_its_way_minor: int
    owed_minor: int
    owed_by_lots_minor: int
    credits: RollForward
    exceptions: list[Mismatch] = field(default_factory=list)

    @property
    def residual_minor(self) -> int:
        left = self.opening_minor + self.taken_minor - self.refunded_minor - self.fees_minor
        return left + self.other_minor - self.paid_out_minor - self.on_its_way_minor

    @property
    def holds(self) -> bool:
        owed = self.owed_minor == self.owed_by_lots_minor
        return owed and self.residual_minor == 0 and self.credits.residual_minor == 0

    @property
    def open_mismatches(self) -> int:
        return len(self.exceptions)


def summary(
    *,
    start: date | None = None,
    end: date | None = None,
    zone: ZoneInfo | None = None,
    currency: str = DEFAULT_CURRENCY,
) -> Reconciliation:
    """The books from the first moment of `start` to that of `end`, days of `zone`.

    Without `start` from the beginning, without `end` until now. A fixed number of queries.
    """
    zone = zone or practice_zone()
    since = start_of(start, zone) if start else None
    until = start_of(end, zone) if end else None
    rows = BalanceTransaction.objects.filter(_between("created_at", since, until))
    sums = _by_category(rows.filter(currency=currency))
    paid_out = Payout.objects.filter(_between("created_at", since, until), currency=currency)
    return Reconciliation(
        start=start,
        end=end,
        zone=str(zone),
        currency=currency,
        opening_minor=_on_its_way(since, currency) if since else 0,
        taken_minor=_amount(sums, TAKEN),
        refunded_minor=-_amount(sums, REFUNDED),
        fees_minor=sum(fee for _, fee in sums.values()) - _amount(sums, FEES),
        other_minor=_amount(sums, set(sums) - TAKEN - REFUNDED - FEES),
        paid_out_minor=_total(paid_out.exclude(status__in=PAYOUT_LOST), "amount_minor"),
        on_its_way_minor=_on_its_way(until, currency),
        owed_minor=owed_by_books(before=until, currency=currency),
        owed_by_lots_minor=owed_by_lots(before=until, currency=currency),
        credits=_roll_forward(since, until, currency),
        exceptions=list(Mismatch.objects.open().select_related("order", "owner")),
    )


def _between(name: str, since: datetime | None, until: datetime | None) -> Q:
    found = Q()
    if since is not None:
        found &= Q(**{f"{name}__gte": since})
    if until is not None:
        found &= Q(**{f"{name}__lt": until})
    return found


def _by_category(rows: QuerySet[BalanceTransaction]) -> dict[str, tuple[int, int]]:
    """Amount and fee of each category that is no payout."""
    moved = rows.exclude(reporting_category__in=PAYOUT_CATEGORIES)
    sums = (
        moved.order_by()
        .values_list("reporting_category")
        .annotate(amount=Sum("amount_minor"), fee=Sum("fee_minor"))
    )
    return {category: (amount, fee) for category, amount, fee in sums}


def _amount(sums: dict[str, tuple[int, int]], categories: Iterable[str]) -> int:
    return sum(sums[category][0] for category in categories if category in sums)


def _on_its_way(until: datetime | None, currency: str) -> int:
    """Money at Stripe that no payout had taken by then, and payouts we cannot look into."""
    rows, blind = at_stripe(until, currency)
    return _total(rows, "net_minor") - _total(blind, "taken_minor")


class Taken(TypedDict):
    taken_minor: int


if TYPE_CHECKING:
    BlindPayout = WithAnnotations[Payout, Taken]
else:
    BlindPayout = Payout


def at_stripe(
    until: datetime | None, currency: str
) -> tuple[QuerySet[BalanceTransaction], QuerySet[BlindPayout]]:
    """What no payout had taken by then, and the payouts to be taken off because nobody knows
    what is in them, each with what it takes off as `taken_minor`.

    What a lost payout held is there again, until the row that brought it back has left with a
    later payout. The row of a payout by hand may leave so, too: then it takes nothing more off.
    """
    made = Payout.objects.filter(_between("created_at", None, until), currency=currency)
    lost = Q(status__in=PAYOUT_LOST)
    inside = made.exclude(lost).exclude(itemised_at=None).values("pk")
    left = BalanceTransaction.objects.filter(payout_line__payout__in=inside)
    back_and_left = left.filter(reporting_category="payout_reversal").values("source_id")
    itself_left = left.filter(reporting_category="payout").values("source_id")
    rows = BalanceTransaction.objects.money_movements().filter(
        _between("created_at", None, until), currency=currency
    )
    rows = rows.exclude(payout_line__payout__in=inside)
    rows = rows.exclude(payout_line__payout__in=back_and_left)
    went = Case(
        When(pk__in=itself_left, then=0),
        default=F("amount_minor"),
        output_field=BigIntegerField(),
    )
    came_back = Case(
        When(lost & ~Q(pk__in=back_and_left), then=F("amount_minor")),
        default=Value(0),
        output_field=BigIntegerField(),
    )
    blind = made.filter(itemised_at=None).annotate(taken_minor=went - came_back)
    return rows, blind.exclude(taken_minor=0)


def _total(rows: QuerySet[Any], name: str) -> int:
    return int(rows.aggregate(total=Sum(name, default=0))["total"])


def _roll_forward(since: datetime | None, until: datetime | None, currency: str) -> RollForward:
    entries = CreditEntry.objects.filter(_between("effective_at", since, until))
    kinds = entries.filter(lot__currency=currency).order_by().values_list("kind")
    sums = defaultdict(int, kinds.annotate(total=signed("value_minor")))
    return RollForward(
        opening_minor=owed_by_lots(before=since, currency=currency) if since else 0,
        sold_minor=sums[Kind.PURCHASE],
        earned_minor=-sums[Kind.USE],
        expired_minor=-sums[Kind.EXPIRE],
        refunded_minor=-sums[Kind.REFUND],
        adjusted_minor=sum(sums[kind] for kind in CORRECTING),
        closing_minor=owed_by_books(before=until, currency=currency),
    )


CORRECTING = (Kind.EXTEND, Kind.REVERSE, Kind.TRANSFER, Kind.FREEZE, Kind.THAW, Kind.GOODWILL)


def signed(field: str) -> Sum:
    """A sum of entries in which what comes to be owed counts for, and what ceases to, against."""
    enters = Q(to_bucket__in=OWED) & ~Q(from_bucket__in=OWED)
    leaves = Q(from_bucket__in=OWED) & ~Q(to_bucket__in=OWED)
    way = Case(When(enters, then=F(field)), When(leaves, then=-F(field)), default=Value(0))
    return Sum(way, output_field=BigIntegerField())


@dataclass(frozen=True, slots=True)
class Matched:
    """How much of a period fitted without anybody: of `total`, `needed` a person."""

    total: int
    needed: int

    @property
    def by_itself(self) -> int:
        return self.total - self.needed


def matched(*, start: date | None = None, end: date | None = None) -> Matched:
    """Movements at Stripe and payouts of the period, and what of them a person had to look at."""
    since, until = (start_of(day) if day else None for day in (start, end))
    moved = BalanceTransaction.objects.money_movements()
    moved = moved.filter(_between("created_at", since, until))
    payouts = Payout.objects.filter(_between("created_at", since, until))
    seen = Mismatch.objects.filter(_between("first_seen_at", since, until))
    needed = seen.filter(Q(status=Mismatch.Status.OPEN) | Q(resolved_by__isnull=False)).count()
    return Matched(max(moved.count() + payouts.count(), needed), needed)


# a payout, opened --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class PayoutLineDetail:
    """A transaction of a payout, down to what was bought and the sessions it paid for."""

    transaction: str
    category: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    created_at: datetime
    order: str | None
    order_id: uuid.UUID | None
    lot: uuid.UUID | None
    bookings: list[uuid.UUID]


@dataclass(frozen=True, slots=True)
class PayoutDetail:
    """A payout and all that came with it; `residual_minor` must be 0 once it is itemised."""

    id: str
    amount_minor: int
    currency: str
    status: str
    arrival_on: date
    itemised_at: datetime | None
    lines: list[PayoutLineDetail]

    @property
    def residual_minor(self) -> int:
        return self.amount_minor - sum(line.net_minor for line in self.lines)


def payout_detail(payout_id: str) -> PayoutDetail:
    """A payout opened into its transactions, oldest first. A fixed number of queries.

    Raises Payout.DoesNotExist.
    """
    payout = Payout.objects.get(pk=payout_id)
    rows = BalanceTransaction.objects.filter(payout_line__payout=payout)
    rows = rows.order_by("created_at", "pk")
    orders = _orders_behind([row.source_id for row in rows])
    lots = _lots_of(orders.values())
    bookings = _bookings_of(lot for found in lots.values() for lot in found)
    lines = []
    for row in rows:
        order = orders.get(row.source_id)
        mine = lots[order.pk] if order else []
        lines.append(
            PayoutLineDetail(
                transaction=row.pk,
                category=row.reporting_category,
                amount_minor=row.amount_minor,
                fee_minor=row.fee_minor,
                net_minor=row.net_minor,
                created_at=row.created_at,
                order=order.number if order else None,
                order_id=order.public_id if order else None,
                lot=mine[0].public_id if mine else None,
                bookings=[booking for lot in mine for booking in bookings[lot.pk]],
            )
        )
    return PayoutDetail(
        id=payout.pk,
        amount_minor=payout.amount_minor,
        currency=payout.currency,
        status=payout.status,
        arrival_on=payout.arrival_on,
        itemised_at=payout.itemised_at,
        lines=lines,
    )


def _orders_behind(source_ids: list[str]) -> dict[str, Order]:
    """The order behind each charge or refund that is known."""
    charges = Charge.objects.filter(Q(pk__in=source_ids) | Q(refunds__in=source_ids))
    found: dict[str, Order] = {}
    for charge in charges.select_related("attempt__order").prefetch_related("refunds").distinct():
        if charge.attempt is not None:
            found[charge.pk] = charge.attempt.order
            found |= {refund.pk: charge.attempt.order for refund in charge.refunds.all()}
    return found


def _lots_of(orders: Iterable[Order]) -> dict[int, list[CreditLot]]:
    found: dict[int, list[CreditLot]] = defaultdict(list)
    ids = {order.pk for order in orders}
    lots = CreditLot.objects.filter(order_line__order__in=ids).select_related("order_line")
    for lot in lots.order_by("pk"):
        if lot.order_line is not None:
            found[lot.order_line.order_id].append(lot)
    return found


def _bookings_of(lots: Iterable[CreditLot]) -> dict[int, list[uuid.UUID]]:
    """Bookings that hold or have used a unit of each lot, in the order they took it."""
    entries = CreditEntry.objects.filter(
        lot__in=[lot.pk for lot in lots], kind__in=[Kind.RESERVE, Kind.RELEASE]
    )
    found: dict[int, dict[uuid.UUID, None]] = defaultdict(dict)
    rows = entries.order_by("pk").values_list("lot_id", "booking_id", "kind")
    for lot_id, booking_id, kind in rows:
        if booking_id is None:
            continue
        if kind == Kind.RESERVE:
            found[lot_id][booking_id] = None
        else:
            found[lot_id].pop(booking_id, None)
    return defaultdict(list, {lot_id: list(bookings) for lot_id, bookings in found.items()})
