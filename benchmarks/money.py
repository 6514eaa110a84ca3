"""Money: a sale against its bare rows, ten thousand transactions, and a full month's pages.

Stripe's answers are made here, so that only our own work is timed.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from unittest import mock

from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from benchmarks.measuring import Cost, Ratio, in_turn
from benchmarks.practice import AT, build
from payments import polling
from payments.models import (
    CreditEntry,
    CreditLot,
    JournalEntry,
    JournalLine,
    Order,
    OrderLine,
    Package,
    PaymentAttempt,
)
from payments.ordering import place_order
from payments.selling import settle
from payments.stripe_objects import BalanceRow, ChargeRow, PayoutRow

A_MINUTE = Cost(60_000.0, 60_000.0)
EACH_PAYOUT = 100
_numbers = itertools.count(1)


def run(quick: bool) -> list[Ratio]:
    build(0)
    package = _package()
    few, many = (20, 60) if quick else (200, 2_000)
    swept = 300 if quick else 10_000
    pages = _pages(package, few, many)
    return [_posting(package, quick), *pages, _sweep(package, swept)]


def _package() -> Package:
    from tests.builders import make_package

    return make_package("bench-five", units=5, price_minor=26000)


# a sale ---------------------------------------------------------------------------------------
def _posting(package: Package, quick: bool) -> Ratio:
    people = itertools.cycle(_people(20))

    def ours() -> object:
        return _sell(package, next(people), AT)

    def bare() -> object:
        """The rows that a sale leaves, written as they are, in one transaction."""
        with transaction.atomic():
            for model in (Order, OrderLine, PaymentAttempt, CreditLot, CreditEntry, JournalEntry):
                _twin(model)
            line = _twin(JournalLine)
        return line

    sold, rows = in_turn(ours, bare, rounds=8 if quick else 20)
    return Ratio("M1", "a sale, posted", sold, "its seven bare rows", rows, "measured only")


def _twin(model: type) -> object:
    """The last row of a model once more, with new unique values."""
    row = model.objects.order_by("-pk").first()
    row.pk, number = None, next(_numbers)
    for name in ("source", "number", "idempotency_key"):
        if isinstance(getattr(row, name, None), str):
            setattr(row, name, f"twin-{number}")
    if hasattr(row, "public_id"):
        row.public_id = model._meta.get_field("public_id").get_default()
    if model is PaymentAttempt:
        row.number, row.status, row.paid_at = number + 1, PaymentAttempt.Status.FAILED, None
        row.stripe_payment_intent_id = row.stripe_session_id = None
    if model is CreditLot:
        row.order_line, row.is_goodwill = None, True
    if model is CreditEntry:
        row.lot = CreditLot.objects.order_by("-pk").first()
    row._state.adding = True
    row.save(force_insert=True)
    return row


def _people(count: int) -> list[User]:
    from tests.builders import make_runner

    return [make_runner(f"money{next(_numbers)}@example.org", at=AT) for _ in range(count)]


def _sell(package: Package, buyer: User, at: datetime) -> PaymentAttempt:
    order = place_order(buyer=buyer, package=package, at=at)
    number = next(_numbers)
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=number,
        amount_minor=order.total_minor,
        currency=order.currency,
        idempotency_key=f"bench:{number}",
        stripe_payment_intent_id=f"pi_bench{number}",
        created_at=at,
    )
    settle(order=order, attempt=attempt, at=at)
    return attempt


# ten thousand transactions --------------------------------------------------------------------
def _sweep(package: Package, count: int) -> Ratio:
    rows, payouts = _bought(package, count)
    with _stripe(rows, payouts):
        [spent] = in_turn(_read_and_reconcile, rounds=1)
    return Ratio(
        "M2",
        f"{count:,} transactions swept, paid out and reconciled",
        spent,
        "a minute",
        A_MINUTE,
        "<= 1 for 10,000",
    )


def _read_and_reconcile() -> None:
    from payments.reconciling import check_mismatches, summary

    at = timezone.now()
    polling.sweep_balance_transactions(at=at)
    polling.sync_payouts(at=at)
    check_mismatches(at=at)
    assert summary().residual_minor == 0


def _bought(package: Package, count: int) -> tuple[list[BalanceRow], list[PayoutRow]]:
    """As many orders, paid, of which the books know nothing of Stripe's side yet."""
    rows, people = [], itertools.cycle(_people(50))
    with transaction.atomic():
        for number in range(count):
            at = AT + timedelta(minutes=number)
            rows.append(_row(_sell(package, next(people), at), at))
    payouts = [
        PayoutRow(
            id=f"po_bench{first}",
            amount_minor=sum(row.net_minor for row in rows[first : first + EACH_PAYOUT]),
            currency="GBP",
            status="paid",
            automatic=True,
            arrival_on=rows[first].created_at.date() + timedelta(days=2),
            created_at=rows[first].created_at + timedelta(days=2),
            reconciliation_status="completed",
            livemode=False,
        )
        for first in range(0, count, EACH_PAYOUT)
    ]
    return rows, payouts


def _row(attempt: PaymentAttempt, at: datetime) -> BalanceRow:
    number = attempt.pk
    charge = ChargeRow(
        id=f"ch_bench{number}",
        payment_intent_id=attempt.stripe_payment_intent_id or "",
        amount_minor=attempt.amount_minor,
        amount_refunded_minor=0,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=at,
        balance_transaction_id=f"txn_bench{number}",
        metadata={"attempt": str(attempt.public_id)},
    )
    fee = 415
    return BalanceRow(
        id=f"txn_bench{number}",
        amount_minor=attempt.amount_minor,
        fee_minor=fee,
        net_minor=attempt.amount_minor - fee,
        currency="GBP",
        reporting_category="charge",
        type="charge",
        source_id=charge.id,
        description="",
        created_at=at,
        available_at=at,
        fee_details=[{"type": "stripe_fee", "amount": fee, "currency": "gbp"}],
        source=charge,
    )


@contextmanager
def _stripe(rows: list[BalanceRow], payouts: list[PayoutRow]) -> Iterator[None]:
    inside = {
        payout.id: rows[number * EACH_PAYOUT : (number + 1) * EACH_PAYOUT]
        for number, payout in enumerate(payouts)
    }

    def listed(*, created_since: datetime | None = None, payout_id: str = "") -> list[BalanceRow]:
        return inside[payout_id] if payout_id else rows

    gateway = "payments.stripe_gateway"
    with (
        mock.patch(f"{gateway}.list_balance_transactions", listed),
        mock.patch(f"{gateway}.list_payouts", return_value=payouts),
    ):
        yield


# a full month ---------------------------------------------------------------------------------
def _pages(package: Package, few: int, many: int) -> list[Ratio]:
    """Reconciliation and proof of a month with many sales against the same with a tenth."""
    from tests.second_factor import show_factor

    bookkeeper = _people(1)[0]
    bookkeeper.user_permissions.add(Permission.objects.get(codename="reconcile"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(bookkeeper)
    show_factor(client, bookkeeper)
    month = date(AT.year, AT.month, 1)
    pages = {
        "reconciliation": f"/staff/reconciliation/?month={month:%Y-%m}",
        "proof": f"/staff/proof/?from={month}&to={month + timedelta(days=27)}",
    }
    cost = {}
    for sales in (few, many - few):
        with transaction.atomic():
            people = itertools.cycle(_people(20))
            for number in range(sales):
                _sell(
                    package,
                    next(people),
                    datetime.combine(month, AT.timetz()) + timedelta(minutes=number),
                )
        for name, address in pages.items():
            cost[name, sales] = in_turn(lambda address=address: _get(client, address), rounds=3)[0]
    return [
        Ratio(
            "M3",
            f"{name}, a month of {many:,} sales",
            cost[name, many - few],
            f"of {few:,}",
            cost[name, few],
            "below the ratio of the sales",
        )
        for name in pages
    ]


def _get(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
