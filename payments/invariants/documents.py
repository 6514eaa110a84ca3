"""Receipts and credit notes, for I5: they say what was paid and paid back, and none is missing."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q

from payments.invariants.base import Breach, Span
from payments.models import Document


def papers_at_fault(span: Span) -> Iterator[Breach]:
    """Papers of the period with another figure than what they are about, and gaps of any time."""
    papers = Document.objects.filter(span.within("issued_at")).select_related("entity", "order")
    receipt = Q(
        kind=Document.Kind.RECEIPT,
        total_minor=F("order__total_minor"),
        currency=F("order__currency"),
    )
    note = Q(kind=Document.Kind.CREDIT_NOTE) & (
        Q(refund_request=None)
        | Q(
            total_minor=F("refund_request__amount_minor"),
            currency=F("refund_request__currency"),
        )
    )
    for paper in papers.exclude(receipt | note):
        order = paper.order
        yield Breach(
            "I5",
            paper.label,
            "it says another amount than its order or refund",
            paper.total_minor,
            "order",
            str(order.public_id),
            paper.currency,
        )
    numbers = Document.objects.order_by().values("entity__code", "kind")
    for row in numbers.annotate(last=Max("number"), known=Count("pk")).exclude(last=F("known")):
        about = f"{row['entity__code']}, {row['kind']}"
        yield Breach("I5", about, "a number is missing", row["last"] - row["known"])
