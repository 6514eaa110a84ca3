"""Looking for mismatches by rule: what is found is opened, what has gone is closed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from payments.banking import payouts_without_bank_line
from payments.days import practice_day
from payments.invariants import units_add_up, values_add_up
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import (
    BalanceTransaction,
    CreditLot,
    Mismatch,
    Order,
    PaymentAttempt,
    Payout,
)
from payments.money import DEFAULT_CURRENCY

CHARGE_IS_LATE = timedelta(hours=2)
PAYOUT_IS_LATE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    amount_minor: int = 0
    currency: str = DEFAULT_CURRENCY
    order: Order | None = None
    what: str = ""


def _paid_without_charge(at: datetime) -> Iterable[Finding]:
    paid = PaymentAttempt.objects.filter(
        status=PaymentAttempt.Status.PAID,
        method=PaymentAttempt.Method.CARD,
        amount_minor__gt=0,
        paid_at__lt=at - CHARGE_IS_LATE,
        charges=None,
    )
    for attempt in paid.select_related("order"):
        yield Finding(
            attempt.idempotency_key, attempt.amount_minor, attempt.currency, attempt.order
        )


def _paid_without_lot(at: datetime) -> Iterable[Finding]:
    for order in Order.objects.paid().filter(lines__lot=None).distinct():
        yield Finding(order.number, order.total_minor, order.currency, order)


def _payout_residual(at: datetime) -> Iterable[Finding]:
    net = Coalesce(Sum("lines__balance_transaction__net_minor"), 0)
    payouts = Payout.objects.exclude(itemised_at=None)
    for payout in payouts.annotate(residual=F("amount_minor") - net).exclude(residual=0):
        yield Finding(payout.pk, payout.residual, payout.currency)


def _not_paid_out(at: datetime) -> Iterable[Finding]:
    rows = BalanceTransaction.objects.money_movements().filter(
        payout_line=None, available_at__lt=at - PAYOUT_IS_LATE
    )
    for row in rows.exclude(net_minor=0):
        yield Finding(row.pk, row.net_minor, row.currency)


def _lot_broken(at: datetime) -> Iterable[Finding]:
    for breach in (*units_add_up(), *values_add_up()):
        yield Finding(breach.about, breach.difference, what=breach.what)


def _expired_but_available(at: datetime) -> Iterable[Finding]:
    over = CreditLot.objects.active().filter(expires_on__lt=practice_day(at) - timedelta(days=1))
    for lot in over.with_available():
        yield Finding(str(lot.public_id), currency=lot.currency)


def _payout_not_in_the_bank(at: datetime) -> Iterable[Finding]:
    for payout in payouts_without_bank_line(at):
        yield Finding(payout.pk, payout.amount_minor, payout.currency)


RULES: dict[str, Callable[[datetime], Iterable[Finding]]] = {
    "M02": _paid_without_charge,
    "M04": _paid_without_lot,
    "M11": _payout_residual,
    "M12": _payout_not_in_the_bank,
    "M15": _not_paid_out,
    "M16": _lot_broken,
    "M20": _expired_but_available,
}


@transaction.atomic
def check_mismatches(*, at: datetime) -> int:
    """Open what each rule finds, close what it finds no more; the number found."""
    return sum(_check(code, list(rule(at)), at) for code, rule in RULES.items())


def _check(code: str, found: list[Finding], at: datetime) -> int:
    for finding in found:
        open_mismatch(
            code,
            about=finding.about,
            at=at,
            amount_minor=finding.amount_minor,
            currency=finding.currency,
            order=finding.order,
            details={"what": finding.what} if finding.what else {},
        )
    still = {finding.about for finding in found}
    for mismatch in Mismatch.objects.open().filter(code=code).exclude(about__in=still):
        settle_mismatch(code, about=mismatch.about, at=at, resolution="It holds again.")
    return len(found)
