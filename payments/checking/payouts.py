"""Payouts and the bank: M11 to M13 and M15."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import F, Min, Sum
from django.db.models.functions import Coalesce

from payments.banking import payouts_without_bank_line
from payments.checking.rules import Finder, Finding
from payments.models import BalanceTransaction, BankLine, Payout

PAYOUT_IS_LATE = timedelta(days=14)


def payout_residual(at: datetime) -> Iterable[Finding]:
    """M11."""
    net = Coalesce(Sum("lines__balance_transaction__net_minor"), 0)
    payouts = Payout.objects.exclude(itemised_at=None)
    for payout in payouts.annotate(residual=F("amount_minor") - net).exclude(residual=0):
        yield Finding(payout.pk, payout.residual, payout.currency)


def not_in_the_bank(at: datetime) -> Iterable[Finding]:
    """M12: three business days after its arrival, once the practice imports statements."""
    first: date | None = BankLine.objects.aggregate(day=Min("booked_on"))["day"]
    if first is None:
        return
    for payout in payouts_without_bank_line(at):
        if payout.arrival_on >= first and payout.amount_minor:
            yield Finding(payout.pk, payout.amount_minor, payout.currency)


def cannot_be_itemised(at: datetime) -> Iterable[Finding]:
    """M13: made by hand or at once; Stripe cannot say what is inside."""
    for payout in Payout.objects.filter(automatic=False):
        yield Finding(
            payout.pk, payout.amount_minor, payout.currency, details={"method": payout.method}
        )


def not_paid_out(at: datetime) -> Iterable[Finding]:
    """M15. What a payout took that nobody can look into is not missed one by one."""
    rows = BalanceTransaction.objects.money_movements().filter(
        payout_line=None, available_at__lt=at - PAYOUT_IS_LATE
    )
    closed = Payout.objects.filter(itemised_at=None, automatic=False)
    last: datetime | None = (
        closed.order_by("-created_at").values_list("created_at", flat=True).first()
    )
    for row in rows.exclude(net_minor=0):
        if last is not None and row.available_at <= last:
            continue
        yield Finding(row.pk, row.net_minor, row.currency)


RULES: dict[str, Finder] = {
    "M11": payout_residual,
    "M12": not_in_the_bank,
    "M13": cannot_be_itemised,
    "M15": not_paid_out,
}
