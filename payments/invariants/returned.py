"""Money that went back, for I3, and the units that went with it, for I7."""

from collections.abc import Iterator

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from payments.chart import Role
from payments.invariants.base import Breach, Span, moved_on
from payments.models import (
    BalanceTransaction,
    CreditEntry,
    Dispute,
    JournalLine,
    Refund,
    RefundPart,
    RefundRequest,
)

MIRRORS: dict[str, type[Refund] | type[Dispute]] = {
    "refund": Refund,
    "refund_failure": Refund,
    "dispute": Dispute,
    "dispute_reversal": Dispute,
}
OWED_TO = {
    RefundRequest.Origin.PORTAL: Role.REFUNDS_OWED,
    RefundRequest.Origin.EXTERNAL: Role.UNASSIGNED,
}


def returns_at_fault(span: Span) -> Iterator[Breach]:
    """Movements of Stripe's balance that went back, without a refund or dispute like it.

    A payment settled in another currency goes back in that one: only its existence is asked.
    """
    rows = BalanceTransaction.objects.filter(span.within("created_at"))
    astray = Q(pk=None)
    for category, mirror in MIRRORS.items():
        same = Q(amount_minor=OuterRef("amount_minor")) | Q(
            amount_minor=Value(0) - OuterRef("amount_minor")
        )
        other_currency = ~Q(currency=OuterRef("currency"))
        known = mirror.objects.filter(same | other_currency, pk=OuterRef("source_id"))
        if category == "dispute_reversal":  # it may give back a part
            known = mirror.objects.filter(pk=OuterRef("source_id"))
        astray |= Q(reporting_category=category) & Q(~Exists(known))
    for row in rows.filter(astray).order_by("created_at", "pk"):
        what = "no refund or dispute of this amount goes with it"
        yield Breach("I3", row.pk, what, row.amount_minor, "transaction", row.pk, row.currency)


def requests_at_fault(span: Span) -> Iterator[Breach]:
    """Refunds asked for that Stripe made, or the books posted, for another amount."""
    for origin, role in OWED_TO.items():
        source = Concat(Value("refund:"), Cast(OuterRef("pk"), CharField()))
        lines = JournalLine.objects.filter(entry__source=source).order_by()
        posted = lines.values("entry").annotate(moved=moved_on(role.code)).values("moved")
        made_here = RefundRequest.objects.filter(span.within("requested_at"), origin=origin)
        requests = made_here.annotate(
            posted=Coalesce(Subquery(posted), Value(0), output_field=BigIntegerField())
        ).select_related("order")
        agrees = Q(posted=Value(0) - F("amount_minor"))
        stripe = Q(stripe_refund=None) | Q(
            stripe_refund__amount_minor=F("amount_minor"), stripe_refund__currency=F("currency")
        )
        for request in requests.exclude(agrees & stripe):
            yield Breach(
                "I3",
                str(request),
                "Stripe or the books have another amount for it",
                request.amount_minor,
                "order",
                str(request.order.public_id),
                request.currency,
            )


def parts_at_fault(span: Span) -> Iterator[Breach]:
    """Units that a refund took, by its own account and by that of the lot's entries."""
    source = Concat(
        Value("refund:"),
        Cast(OuterRef("request_id"), CharField()),
        Value(":"),
        Cast(OuterRef("lot_id"), CharField()),
    )
    taken = CreditEntry.objects.filter(
        source=source,
        lot=OuterRef("lot_id"),
        units=OuterRef("units"),
        value_minor=OuterRef("value_minor"),
        tax_minor=OuterRef("tax_minor"),
    )
    parts = RefundPart.objects.filter(span.within("request__requested_at"), ~Exists(taken))
    for part in parts.select_related("lot"):
        what = "a refund took other units than its entries say"
        lot = str(part.lot.public_id)
        yield Breach("I7", lot, what, part.value_minor, "lot", lot, part.lot.currency)
    entries = CreditEntry.objects.filter(span.within("effective_at"), kind=CreditEntry.Kind.REFUND)
    mine = RefundPart.objects.annotate(
        cause=Concat(
            Value("refund:"),
            Cast("request_id", CharField()),
            Value(":"),
            Cast("lot_id", CharField()),
        )
    )
    orphans = entries.filter(source__startswith="refund:").exclude(source__in=mine.values("cause"))
    for entry in orphans.select_related("lot"):
        what = "units were refunded, and no refund says so"
        lot = str(entry.lot.public_id)
        yield Breach("I7", lot, what, entry.value_minor, "lot", lot, entry.lot.currency)
