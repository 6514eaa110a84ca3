"""The books themselves: learnt after closing (M23), tax that is not the line's (M24)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BigIntegerField, ExpressionWrapper, F

from payments.checking.rules import Finder, Finding
from payments.models import CreditEntry, JournalEntry, OrderLine
from payments.money import tax_inside


def posted_after_closing(at: datetime) -> Iterable[Finding]:
    """M23: it happened in a closed period and was posted into the open one."""
    entries = JournalEntry.objects.exclude(occurred_at=None).prefetch_related("lines__order")
    for entry in entries:
        lines = list(entry.lines.all())
        yield Finding(
            f"journal:{entry.pk}",
            sum(line.amount_minor for line in lines),
            lines[0].currency if lines else "",
            lines[0].order if lines else None,
            details={"what": entry.description, "happened": _day(entry.occurred_at)},
        )
    units_only = CreditEntry.objects.exclude(occurred_at=None).filter(value_minor=0, tax_minor=0)
    for moved in units_only.select_related("lot"):
        yield Finding(
            f"credit:{moved.pk}",
            currency=moved.lot.currency,
            details={"what": str(moved), "happened": _day(moved.occurred_at)},
        )


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else ""


def tax_differs(at: datetime) -> Iterable[Finding]:
    """M24: the tax of a line is not that of its own price and rate."""
    base = 10_000 + F("tax_rate_bp")
    expected = ExpressionWrapper(
        (2 * F("price_minor") * F("tax_rate_bp") + base) / (2 * base),
        output_field=BigIntegerField(),
    )
    lines = OrderLine.objects.annotate(expected=expected).exclude(tax_minor=F("expected"))
    for line in lines.select_related("order"):
        expected_minor = tax_inside(line.price_minor, line.tax_rate_bp)
        yield Finding(
            f"line:{line.pk}",
            line.tax_minor - expected_minor,
            line.order.currency,
            line.order,
            details={"on the line": line.tax_minor, "from its rate": expected_minor},
        )


RULES: dict[str, Finder] = {"M23": posted_after_closing, "M24": tax_differs}
