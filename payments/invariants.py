"""What must always be true of the books, each as a question to the database alone.

A function returns the rows that break its rule; an empty list is the proof. The numbers are
those of docs/books.md.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from payments.balances import balance_of, owed_by_books, owed_by_lots
from payments.chart import Role
from payments.mirroring import PAYOUT_LOST
from payments.models import (
    BalanceTransaction,
    Bucket,
    Charge,
    CreditEntry,
    CreditLot,
    JournalLine,
    Order,
    OrderLine,
    PaymentAttempt,
    Payout,
)
from payments.models.credits import SPENT


@dataclass(frozen=True, slots=True)
class Breach:
    """A row that breaks a rule: which, what, and by how much where that is a figure."""

    invariant: str
    about: str
    what: str
    difference: int = 0


def net_is_amount_less_fee() -> list[Breach]:
    """I1: for every balance transaction, and its fee is the sum of its parts."""
    return [
        Breach("I1", row.pk, "net is not amount less fee, or the fee not the sum of its parts")
        for row in BalanceTransaction.objects.iterator()
        if row.net_minor != row.amount_minor - row.fee_minor
        or row.fee_minor != sum(part["amount"] for part in row.fee_details)
    ]


def payouts_add_up() -> list[Breach]:
    """I2: an automatic payout that was paid and counted is the sum of what came with it."""
    counted = Payout.objects.filter(
        automatic=True, status="paid", reconciliation_status="completed"
    ).exclude(itemised_at=None)
    net = Coalesce(Sum("lines__balance_transaction__net_minor"), 0)
    return [
        Breach("I2", row.pk, "the payout differs from its transactions", row.residual)
        for row in counted.annotate(residual=F("amount_minor") - net).exclude(residual=0)
    ]


def clearing_equals_stripe() -> list[Breach]:
    """I3: our clearing account is Stripe's balance, but for charges it has not booked yet."""
    currencies = BalanceTransaction.objects.order_by().values_list("currency", flat=True)
    return [breach for currency in currencies.distinct() for breach in _clearing_of(currency)]


def _clearing_of(currency: str) -> list[Breach]:
    rows = BalanceTransaction.objects.money_movements().filter(currency=currency)
    payouts = Payout.objects.filter(currency=currency).exclude(status__in=PAYOUT_LOST)
    booked = Charge.objects.filter(balance_transaction_id__in=rows.values("pk"))
    unbooked = PaymentAttempt.objects.filter(
        currency=currency,
        method=PaymentAttempt.Method.CARD,
        status=PaymentAttempt.Status.PAID,
    ).exclude(pk__in=booked.exclude(attempt=None).values("attempt"))
    stripe = (_total(rows, "net_minor") + _total(unbooked, "amount_minor")) - _total(
        payouts, "amount_minor"
    )
    difference = balance_of(Role.STRIPE_CLEARING, currency=currency) - stripe
    if not difference:
        return []
    return [Breach("I3", currency, "the clearing account differs from Stripe", difference)]


def _total(
    rows: "QuerySet[BalanceTransaction] | QuerySet[PaymentAttempt] | QuerySet[Payout]", name: str
) -> int:
    return int(rows.aggregate(total=Sum(name, default=0))["total"])


def orders_equal_lots() -> list[Breach]:
    """I5: an order's total is that of its lines; a paid one's is its lots and the tax."""
    found = []
    orders = Order.objects.prefetch_related("lines__lot")
    for order in orders.iterator(chunk_size=500):
        lines = list(order.lines.all())
        if difference := order.total_minor - sum(line.price_minor for line in lines):
            found.append(Breach("I5", order.number, "the lines differ from the total", difference))
        if order.is_paid and (difference := order.total_minor - _delivered(lines)):
            found.append(Breach("I5", order.number, "the lots differ from the order", difference))
    return found


def _delivered(lines: list[OrderLine]) -> int:
    """What a paid order's lines came to: the tax, and the value of the lots that are there."""
    tax = sum(line.tax_minor for line in lines)
    return tax + sum(line.lot.value_minor for line in lines if hasattr(line, "lot"))


def units_add_up() -> list[Breach]:
    """I6: per lot, what was issued is in its buckets, and none holds less than nothing."""
    buckets = [str(bucket.value) for bucket in Bucket if bucket != Bucket.ISSUED]
    return [
        Breach("I6", str(lot.public_id), "the units do not add up", difference)
        for lot in CreditLot.objects.with_balances()
        if (difference := lot.units - sum(getattr(lot, bucket) for bucket in buckets))
        or any(getattr(lot, bucket) < 0 for bucket in buckets)
    ]


def values_add_up() -> list[Breach]:
    """I7: per lot, what was paid for it is what is still owed and what was earned."""
    moved = _moved_by_lot()
    owed = _owed_by_lot()
    lots = CreditLot.objects.with_balances().select_related("order_line")
    return [
        Breach("I7", str(lot.public_id), what, difference)
        for lot in lots
        for what, difference in _value_faults(lot, *moved[lot.pk], owed[lot.pk])
        if difference
    ]


def _moved_by_lot() -> dict[int, tuple[int, int]]:
    """Value bought and value gone, by lot."""
    sums = (
        CreditEntry.objects.order_by()
        .values_list("lot_id")
        .annotate(
            bought=Sum("value_minor", filter=Q(from_bucket=Bucket.ISSUED), default=0),
            spent=Sum("value_minor", filter=Q(to_bucket__in=SPENT), default=0),
            back=Sum("value_minor", filter=Q(from_bucket__in=SPENT), default=0),
        )
    )
    found = {lot_id: (bought, spent - back) for lot_id, bought, spent, back in sums}
    return defaultdict(lambda: (0, 0), found)


def _owed_by_lot() -> dict[int, int]:
    """What the journal says is owed, by lot."""
    code = Role.DEFERRED.code
    sums = (
        JournalLine.objects.exclude(lot=None)
        .order_by()
        .values_list("lot_id")
        .annotate(
            credits=Sum("amount_minor", filter=Q(credit=code), default=0),
            debits=Sum("amount_minor", filter=Q(debit=code), default=0),
        )
    )
    found = {lot_id: credits - debits for lot_id, credits, debits in sums if lot_id}
    return defaultdict(int, found)


def _value_faults(lot: CreditLot, bought: int, gone: int, owed: int) -> list[tuple[str, int]]:
    sold = lot.order_line.net_minor if lot.order_line else 0
    if lot.transferred_from_id:
        sold = bought  # its price is what left the lot it came from
    units_left = getattr(lot, "available", 0) + getattr(lot, "reserved", 0)
    return [
        ("as many values as units are kept", lot.units - len(lot.unit_values)),
        ("the units' values are not the price", sold - lot.value_minor),
        ("the purchase is not the units' values", lot.value_minor - bought),
        ("the books owe something else", bought - gone - owed),
        ("a lot without units is owed for", owed if not units_left else 0),
    ]


def liability_rolls_forward() -> list[Breach]:
    """I8: what the books owe in sessions is the sum over the lots."""
    currencies = CreditLot.objects.order_by().values_list("currency", flat=True).distinct()
    return [
        Breach("I8", currency, "the books differ from the lots", difference)
        for currency in currencies
        if (difference := owed_by_books(currency=currency) - owed_by_lots(currency=currency))
    ]


CHECKS: dict[str, Callable[[], list[Breach]]] = {
    "I1": net_is_amount_less_fee,
    "I2": payouts_add_up,
    "I3": clearing_equals_stripe,
    "I5": orders_equal_lots,
    "I6": units_add_up,
    "I7": values_add_up,
    "I8": liability_rolls_forward,
}


def breaches() -> list[Breach]:
    """Every breach of every rule; empty when the books are proved."""
    return [breach for check in CHECKS.values() for breach in check()]
