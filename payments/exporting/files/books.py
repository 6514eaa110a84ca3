"""The journal, and the revenue in it told by session."""

from collections.abc import Iterable

from django.db.models import Q

from payments.chart import Account, Role, accounts
from payments.days import practice_day
from payments.exporting.defining import (
    CURRENCY,
    Asked,
    Export,
    Row,
    amount,
    day,
    moment,
    number,
    text,
)
from payments.models import JournalLine
from payments.sources import sessions_behind

REVENUE = {
    Role.SESSION_REVENUE.code: "session",
    Role.LATE_REVENUE.code: "late cancellation",
    Role.BREAKAGE.code: "breakage",
    Role.SUSPENSE_REVENUE.code: "refund difference",
}


def _journal(asked: Asked) -> Iterable[Row]:
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at"))
    names = accounts()
    columns = (
        "entry",
        "pk",
        "entry__effective_at",
        "entry__posted_at",
        "entry__occurred_at",
        "entry__kind",
        "entry__source",
        "entry__description",
        "debit",
        "credit",
        "amount_minor",
        "currency",
        "order__number",
        "order__public_id",
        "lot__public_id",
        "booking_id",
        "entry__actor__name",
        "entry__reason",
        "entry__reverses",
    )
    ordered = lines.order_by("entry__effective_at", "entry", "pk").values_list(*columns)
    for (
        *before,
        debit,
        credit,
        minor,
        currency,
        number_,
        order,
        lot,
        booking,
        who,
        why,
        of,
    ) in ordered.iterator():
        debited, credited = (names.get(code, Account(code, "")) for code in (debit, credit))
        yield (
            *(*before, debited.code, debited.name, credited.code, credited.name),
            *(minor, currency, number_, order, lot, booking, who, why, of),
        )


JOURNAL = Export(
    "journal",
    "The journal",
    (
        text("entry", "journal"),
        number("line"),
        moment("effective_at"),
        moment("posted_at"),
        moment("occurred_at"),
        text("kind"),
        text("source"),
        text("description"),
        text("debit"),
        text("debit_account"),
        text("credit"),
        text("credit_account"),
        amount("amount"),
        CURRENCY,
        text("order", "order", "order_id"),
        text("order_id"),
        text("lot", "lot"),
        text("booking", "booking"),
        text("actor"),
        text("reason"),
        text("reverses", "journal"),
    ),
    _journal,
)


def _revenue(asked: Asked) -> Iterable[Row]:
    """Revenue by the day of its session, that of late cancellations and expiry beside it.

    What was taken back stands with a minus, on the day of what it takes back.
    """
    earned = Q(debit__in=REVENUE) ^ Q(credit__in=REVENUE)
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at")).filter(earned)
    sessions = sessions_behind(lines.exclude(booking_id=None).values("booking_id"))
    columns = (
        "entry__effective_at",
        "debit",
        "credit",
        "amount_minor",
        "currency",
        "booking_id",
        "lot__name",
        "lot__public_id",
        "order__number",
        "order__public_id",
        "entry",
    )
    ordered = lines.order_by("entry__effective_at", "entry", "pk").values_list(*columns)
    for at, debit, credit, minor, currency, booking, *rest in ordered.iterator():
        facts = sessions.get(booking)
        yield (
            *(practice_day(at), REVENUE[credit if credit in REVENUE else debit]),
            *(minor if credit in REVENUE else -minor, currency),
            *((facts.service, facts.therapist, facts.location) if facts else ("", "", "")),
            *(booking, *rest),
        )


EARNED = Export(
    "revenue",
    "Revenue by session",
    (
        day("on"),
        text("kind"),
        amount("revenue"),
        CURRENCY,
        text("service"),
        text("therapist"),
        text("location"),
        text("booking", "booking"),
        text("package"),
        text("lot", "lot"),
        text("order", "order", "order_id"),
        text("order_id"),
        text("entry", "journal"),
    ),
    _revenue,
)
