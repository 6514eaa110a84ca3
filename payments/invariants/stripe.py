"""What Stripe tells must agree with itself (I1, I2), and each charge with one payment (I4)."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from payments.invariants.base import ALWAYS, Breach, Sides, Span, side_by_side, total
from payments.models import BalanceTransaction, Charge, PaymentAttempt, Payout, PayoutLine

TAKEN = (PaymentAttempt.Status.PAID, PaymentAttempt.Status.SURPLUS)


# I1 -----------------------------------------------------------------------------------------
def net_is_amount_less_fee(span: Span = ALWAYS) -> list[Breach]:
    """I1: for every balance transaction, and its fee is the sum of its parts."""
    rows = BalanceTransaction.objects.filter(span.within("created_at")).order_by("created_at", "pk")
    columns = ("pk", "currency", "amount_minor", "fee_minor", "net_minor", "fee_details")
    return [
        Breach("I1", pk, what, difference, "transaction", pk, currency)
        for pk, currency, amount, fee, net, parts in rows.values_list(*columns).iterator()
        for what, difference in (
            ("net is not amount less fee", net - (amount - fee)),
            ("the fee is not the sum of its parts", fee - sum(part["amount"] for part in parts)),
        )
        if difference
    ]


def nets_and_amounts(span: Span) -> list[Sides]:
    rows = BalanceTransaction.objects.filter(span.within("created_at")).order_by()
    sums = rows.values_list("currency").annotate(
        net=total("net_minor"), amount=total("amount_minor"), fee=total("fee_minor")
    )
    found = list(sums)
    return side_by_side(
        "Balance transactions",
        {currency: net for currency, net, _, _ in found},
        {currency: amount - fee for currency, _, amount, fee in found},
    )


# I2 -----------------------------------------------------------------------------------------
def payouts_add_up(span: Span = ALWAYS) -> list[Breach]:
    """I2: an automatic payout that was paid and counted is the sum of what came with it.

    Of every payout, its own balance transaction says the same amount; and none of what came
    with a payout is of a payout nobody knows.
    """
    return [*_residuals(span), *_other_amounts(span), *_lines_of_nothing()]


def _counted(span: Span) -> "QuerySet[Payout]":
    made = Payout.objects.filter(span.within("created_at"), automatic=True, status="paid")
    return made.filter(reconciliation_status="completed").exclude(itemised_at=None)


def _residuals(span: Span) -> Iterator[Breach]:
    strangers = ~Q(lines__balance_transaction__currency=F("currency"))
    payouts = _counted(span).annotate(
        residual=F("amount_minor") - total("lines__balance_transaction__net_minor"),
        strangers=Count("lines__balance_transaction", filter=strangers),
    )
    for payout in payouts.filter(~Q(residual=0) | Q(strangers__gt=0)):
        yield _of_payout(payout, "it differs from its transactions", payout.residual)


def _other_amounts(span: Span) -> Iterator[Breach]:
    own = BalanceTransaction.objects.filter(source_id=OuterRef("pk"), reporting_category="payout")
    same = own.filter(amount_minor=-OuterRef("amount_minor"), currency=OuterRef("currency"))
    payouts = Payout.objects.filter(span.within("created_at")).filter(Exists(own), ~Exists(same))
    for payout in payouts:
        yield _of_payout(payout, "Stripe's balance moved by another amount", payout.amount_minor)


def _lines_of_nothing() -> Iterator[Breach]:
    lines = PayoutLine.objects.filter(
        ~Exists(Payout.objects.filter(pk=OuterRef("payout_id")))
        | ~Exists(BalanceTransaction.objects.filter(pk=OuterRef("balance_transaction_id")))
    )
    for line in lines:
        about = line.balance_transaction_id
        what = f"it came with payout {line.payout_id}, and one of the two is not there"
        yield Breach("I2", about, what, 0, "payout", line.payout_id)


def _of_payout(payout: Payout, what: str, difference: int) -> Breach:
    return Breach("I2", payout.pk, what, difference, "payout", payout.pk, payout.currency)


def payouts_and_nets(span: Span) -> list[Sides]:
    payouts = _counted(span).order_by().values_list("currency")
    lines = PayoutLine.objects.filter(payout__in=_counted(span)).order_by()
    nets = lines.values_list("payout__currency").annotate(
        net=total("balance_transaction__net_minor")
    )
    return side_by_side("Payouts", dict(payouts.annotate(paid=total("amount_minor"))), dict(nets))


# I4 -----------------------------------------------------------------------------------------
def charges_have_payments(span: Span = ALWAYS) -> list[Breach]:
    """I4: each succeeded charge has exactly one payment here, each payment by card its charge."""
    return [*_charges_at_fault(span), *_payments_without_charge(span), *_strange_bookings(span)]


def _succeeded(span: Span) -> "QuerySet[Charge]":
    return Charge.objects.filter(span.within("created_at"), status="succeeded")


def _charges_at_fault(span: Span) -> Iterator[Breach]:
    payment = PaymentAttempt.objects.filter(
        pk=OuterRef("attempt_id"), status__in=TAKEN, method=PaymentAttempt.Method.CARD
    )
    same = payment.filter(
        amount_minor=OuterRef("amount_minor"),
        currency=OuterRef("currency"),
        livemode=OuterRef("livemode"),
    )
    twin = Charge.objects.filter(
        attempt_id=OuterRef("attempt_id"), status="succeeded", pk__lt=OuterRef("pk")
    )
    charges = _succeeded(span).annotate(
        is_paid=Exists(payment), agrees=Exists(same), is_second=Exists(twin)
    )
    for charge in charges.filter(Q(agrees=False) | Q(is_second=True)):
        if not charge.is_paid:
            what = "no payment here goes with this charge"
        elif charge.is_second:
            what = "a second charge for one payment"
        else:
            what = "amount, currency or mode differ from the payment"
        yield Breach(
            "I4", charge.pk, what, charge.amount_minor, "charge", charge.pk, charge.currency
        )


def _payments(span: Span) -> "QuerySet[PaymentAttempt]":
    taken = PaymentAttempt.objects.filter(
        Q(status=PaymentAttempt.Status.PAID) & span.within("paid_at")
        | Q(status=PaymentAttempt.Status.SURPLUS) & span.within("created_at")
    )
    return taken.filter(method=PaymentAttempt.Method.CARD, amount_minor__gt=0)


def _payments_without_charge(span: Span) -> Iterator[Breach]:
    charge = Charge.objects.filter(attempt_id=OuterRef("pk"), status="succeeded")
    for payment in _payments(span).filter(~Exists(charge)).select_related("order"):
        about = f"{payment.order.number}/{payment.number}"
        yield Breach(
            "I4",
            about,
            "paid here, and no charge at Stripe goes with it",
            payment.amount_minor,
            "order",
            str(payment.order.public_id),
            payment.currency,
        )


def _strange_bookings(span: Span) -> Iterator[Breach]:
    """Charges whose balance transaction speaks of something else."""
    rows = BalanceTransaction.objects.filter(pk=OuterRef("balance_transaction_id"))
    own = rows.filter(source_id=OuterRef("pk"), reporting_category="charge")
    for charge in _succeeded(span).filter(Exists(rows), ~Exists(own)):
        what = "its balance transaction is about something else"
        yield Breach("I4", charge.pk, what, 0, "charge", charge.pk, charge.currency)


def charges_and_payments(span: Span) -> list[Sides]:
    charges = _succeeded(span).order_by().values_list("currency")
    payments = _payments(span).order_by().values_list("currency")
    return side_by_side(
        "Charges and payments by card",
        dict(charges.annotate(taken=total("amount_minor"))),
        dict(payments.annotate(taken=total("amount_minor"))),
    )
