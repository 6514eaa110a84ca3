"""What people changed by hand, and rules they set aside: who, when and why (report 13)."""

from collections.abc import Iterable, Iterator
from operator import itemgetter

from django.db.models import Max, Sum

from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, moment, number, text
from payments.models import CreditEntry, JournalEntry
from payments.models.credits import BEGINS, OWED
from payments.money import DEFAULT_CURRENCY
from payments.sources import overrides_within

Kind = CreditEntry.Kind
OF_CREDITS = (Kind.EXTEND, Kind.FREEZE, Kind.THAW, Kind.GOODWILL, Kind.TRANSFER, Kind.REVERSE)
OF_BOOKS = ("correction", "reversal", "cash difference")


def _changed(asked: Asked) -> Iterable[Row]:
    rows = [*_of_credits(asked), *_of_books(asked), *_overrides(asked)]
    return iter(sorted(rows, key=itemgetter(0, 1)))


def _of_credits(asked: Asked) -> Iterator[Row]:
    """Movements of credits that no sale and no session makes by itself.

    The amount is what the practice owes more, or less, because of it; without tax.
    """
    entries = CreditEntry.objects.filter(asked.span.within("effective_at"), kind__in=OF_CREDITS)
    columns = (
        "effective_at",
        "kind",
        "from_bucket",
        "to_bucket",
        "actor__name",
        "reason",
        "units",
        "value_minor",
        "lot__currency",
        "lot__owner__name",
        "lot__public_id",
        "booking_id",
    )
    rows = entries.exclude(source__startswith=BEGINS).order_by("pk").values_list(*columns)
    for at, kind, left, entered, who, why, units, value, currency, *about in rows.iterator():
        owed = (entered in OWED) - (left in OWED)
        what = f"credits {str(Kind(kind).label).lower()}"
        yield (at, what, who or "", why, units, owed * value, currency, *about, None)


def _of_books(asked: Asked) -> Iterator[Row]:
    """Entries a person posted; the amount is that of their lines."""
    entries = JournalEntry.objects.filter(asked.span.within("effective_at"), kind__in=OF_BOOKS)
    rows = (
        entries.annotate(minor=Sum("lines__amount_minor"), currency=Max("lines__currency"))
        .order_by("pk")
        .values_list("effective_at", "kind", "actor__name", "reason", "minor", "currency", "pk")
    )
    for at, kind, who, why, minor, currency, pk in rows.iterator():
        yield (at, f"books {kind}", who or "", why, 0, minor, currency, "", None, None, pk)


def _overrides(asked: Asked) -> Iterator[Row]:
    for one in overrides_within(asked.span.since, asked.until):
        what = f"rules set aside: {', '.join(one.rules)}"
        yield (
            *(one.at, what, one.who, one.reason, 0, 0, DEFAULT_CURRENCY),
            *("", None, one.booking_id, None),
        )


ADJUSTMENTS = Export(
    "adjustments",
    "Adjustments and overrides",
    (
        moment("at"),
        text("what"),
        text("who"),
        text("reason"),
        number("units"),
        amount("amount"),
        CURRENCY,
        text("runner"),
        text("lot", "lot"),
        text("booking", "booking"),
        text("entry", "journal"),
    ),
    _changed,
)
