"""I13 to I18: each payment gave what it paid for, and what went back went back once."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from payments.invariants import Breach, clearing_equals_stripe, net_is_amount_less_fee
from payments.models import (
    BalanceTransaction,
    Bucket,
    Charge,
    CreditEntry,
    CreditLot,
    JournalEntry,
    Order,
    OrderLine,
    PaymentAttempt,
    Refund,
    RefundPart,
    RefundRequest,
)
from portal.invariants.base import Rule, of_lot, of_order

NOT_MADE: Final = ("failed", "canceled")
BALANCE: Final = "balance:"
OF_REFUND: Final = "refund:"


def payments_without_package(at: datetime) -> Iterator[Breach]:
    of_package = OrderLine.objects.filter(order=OuterRef("pk"), kind=OrderLine.Kind.PACKAGE)
    ungranted = of_package.filter(lot=None)
    paid = PaymentAttempt.objects.filter(order=OuterRef("pk"), status=PaymentAttempt.Status.PAID)
    columns = ("number", "public_id", "total_minor")
    done = Order.objects.paid().order_by().values_list(*columns)
    others = Order.objects.exclude(status=Order.Status.PAID).order_by().values_list(*columns)
    for number, key, total in done.filter(Exists(ungranted)):
        yield of_order("I13", number, key, "it is paid, and a package of it is missing", total)
    for number, key, total in done.filter(~Exists(paid)):
        yield of_order("I13", number, key, "it is paid, and no payment says so", total)
    for number, key, total in others.filter(Exists(paid)):
        yield of_order("I13", number, key, "a payment of it is in, and it is not paid", total)


def packages_unpaid(at: datetime) -> Iterator[Breach]:
    bought = CreditLot.objects.filter(order_line__isnull=False).order_by()
    for key in bought.exclude(order_line__order__status=Order.Status.PAID).values_list(
        "public_id", flat=True
    ):
        yield of_lot("I14", key, "its order is not paid")
    named = CreditEntry.objects.filter(
        lot=OuterRef("pk"), kind=CreditEntry.Kind.GOODWILL, actor__isnull=False
    )
    given = CreditLot.objects.filter(is_goodwill=True, transferred_from=None).order_by()
    for key in given.filter(~Exists(named)).values_list("public_id", flat=True):
        yield of_lot("I14", key, "it was given, and nobody's name is on it")
    nowhere = Q(order_line=None, transferred_from=None, is_goodwill=False)
    for key in CreditLot.objects.order_by().filter(nowhere).values_list("public_id", flat=True):
        yield of_lot("I14", key, "it was neither bought, given nor passed on")
    yield from _paid_otherwise()


def _paid_otherwise() -> Iterator[Breach]:
    """At the price of its lines, in its currency, and each line's credits in that currency."""
    paid = PaymentAttempt.objects.filter(order=OuterRef("pk"), status=PaymentAttempt.Status.PAID)
    same = paid.filter(amount_minor=OuterRef("total_minor"), currency=OuterRef("currency"))
    foreign = OrderLine.objects.filter(order=OuterRef("pk"), lot__isnull=False).exclude(
        lot__currency=OuterRef("currency")
    )
    orders = Order.objects.paid().order_by()
    wrong = orders.annotate(cost=Coalesce(Sum("lines__price_minor"), 0)).filter(
        ~Q(cost=F("total_minor")) | (Exists(paid) & ~Exists(same)) | Exists(foreign)
    )
    for number, key, total, cost in wrong.values_list("number", "public_id", "total_minor", "cost"):
        what = "paid, sold and granted are not one price and currency"
        yield of_order("I14", number, key, what, total - cost)


def refunds_beyond_payments(at: datetime) -> Iterator[Breach]:
    standing = Q(refund_requests__status__in=RefundRequest.STANDING)
    attempts = PaymentAttempt.objects.order_by().annotate(
        back=Coalesce(Sum("refund_requests__amount_minor", filter=standing), 0)
    )
    columns = ("order__number", "order__public_id", "amount_minor", "back")
    for number, key, amount, back in attempts.filter(back__gt=F("amount_minor")).values_list(
        *columns
    ):
        yield of_order("I15", number, key, "more was paid back than paid", back - amount)
    charges = Charge.objects.order_by().annotate(
        back=Coalesce(Sum("refunds__amount_minor", filter=~Q(refunds__status__in=NOT_MADE)), 0)
    )
    wrong = charges.filter(Q(back__gt=F("amount_minor")) | ~Q(back=F("amount_refunded_minor")))
    for pk, back, said in wrong.values_list("pk", "back", "amount_refunded_minor"):
        yield Breach("I15", pk, "its refunds are not what it says", back - said, "charge", pk)


def money_without_credits(at: datetime) -> Iterator[Breach]:
    """A refund that stands took the credits it names, and one that failed gave them back."""
    taken = _taken_for_refunds()
    parts = RefundPart.objects.order_by().values_list(
        "request_id", "lot_id", "units", "request__status", "lot__public_id"
    )
    for request, lot, units, status, key in parts.iterator():
        wanted = units if status in RefundRequest.STANDING else 0
        if by := taken.pop((request, lot), 0) - wanted:
            yield of_lot("I16", key, "credits and money did not go back together", by)
    keys = dict(
        CreditLot.objects.filter(pk__in={lot for _, lot in taken}).values_list("pk", "public_id")
    )
    for (_request, lot), units in sorted(taken.items()):
        if units:
            yield of_lot("I16", keys[lot], "credits went back, and no refund names them", units)
    bare = RefundRequest.objects.filter(
        status__in=RefundRequest.STANDING, parts=None, sums__units__gt=0
    ).select_related("order")
    for one in bare.order_by("pk"):
        what = "money went back, and its credits did not"
        yield of_order("I16", one.order.number, one.order.public_id, what, one.amount_minor)


def _taken_for_refunds() -> dict[tuple[int, int], int]:
    """What each refund holds of each lot: taken by its entry, less what that was reversed by."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    entries = CreditEntry.objects.filter(source__startswith=OF_REFUND).order_by()
    back = entries.annotate(returned=Coalesce(F("reversed_by__units"), 0))
    columns = ("source", "lot_id", "units", "returned", "to_bucket")
    for source, lot, units, returned, bucket in back.values_list(*columns).iterator():
        request = int(source.split(":")[1])
        if bucket == Bucket.REFUNDED:
            found[request, lot] += units - returned
    return found


def stripe_and_books(at: datetime) -> Iterator[Breach]:
    """To the cent by I3 of the proof; here also that each record is of a transaction we know."""
    for one in clearing_equals_stripe():
        yield Breach("I17", one.about, one.what, one.difference, one.subject, one.key, one.currency)
    posted = JournalEntry.objects.filter(source__startswith=BALANCE).order_by()
    known = set(BalanceTransaction.objects.order_by().values_list("pk", flat=True))
    for pk, source in posted.values_list("pk", "source").iterator():
        if source.removeprefix(BALANCE) not in known:
            yield Breach("I17", source, "Stripe knows no such movement", 0, "journal", str(pk))


def fees_and_ids(at: datetime) -> Iterator[Breach]:
    for one in net_is_amount_less_fee():
        yield Breach("I18", one.about, one.what, one.difference, one.subject, one.key, one.currency)
    names: tuple[tuple[Any, str], ...] = (
        (Charge, "balance_transaction_id"),
        (Refund, "balance_transaction_id"),
        (PaymentAttempt, "stripe_session_id"),
        (PaymentAttempt, "stripe_payment_intent_id"),
        (RefundRequest, "stripe_refund_id"),
    )
    for model, name in names:
        given = model.objects.order_by().exclude(**{name: None}).exclude(**{name: ""})
        twice = given.values_list(name).annotate(times=Count("pk")).filter(times__gt=1)
        for value, times in twice:
            yield Breach("I18", str(value), f"{times} rows of {model._meta.verbose_name} name it")


RULES = (
    Rule(
        "I13",
        "Each payment gave its package, once",
        "Every order that is paid has one payment that says so and a package for each of its"
        " lines; no other order has a payment.",
        payments_without_package,
    ),
    Rule(
        "I14",
        "Each package was paid for, or given by somebody",
        "At the price and in the currency of its order; what was given carries a name.",
        packages_unpaid,
    ),
    Rule(
        "I15",
        "No more goes back than came",
        "Refunds together are at most the payment, and what a charge says was refunded is the"
        " sum of its refunds.",
        refunds_beyond_payments,
    ),
    Rule(
        "I16",
        "Money and credits go back together",
        "A refund that stands has taken the credits it names; one that failed has given them back.",
        money_without_credits,
    ),
    Rule(
        "I17",
        "Each movement at Stripe is in the books, to the cent",
        "Once each, and the books know of no movement that Stripe does not.",
        stripe_and_books,
    ),
    Rule(
        "I18",
        "Fees add up, and Stripe's numbers are used once",
        "Net is amount less fee; no two rows name the same object at Stripe.",
        fees_and_ids,
    ),
)
