"""The reconciliation page: the equation of a period and everything under it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse

from payments.closing import is_closed
from payments.days import practice_day
from payments.reconciling import Matched, Reconciliation, matched, summary
from portal.staff.mismatches import MismatchShown, all_shown
from portal.staff.payouts import payouts_table, with_contents
from portal.staff.periods import Period
from portal.staff.rolling import roll_forward_table
from portal.staff.tables import Table

ONE_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ReconciliationPage:
    """Amounts in minor units of the books' currency."""

    books: Reconciliation
    terms: list[dict[str, Any]]
    equation_holds: bool
    exceptions: list[MismatchShown]
    more_exceptions: int
    matched: Matched
    is_closed: bool
    closes_on: date | None
    roll_forward: Table
    owed_difference_minor: int
    payouts: Table


MOST_SHOWN = 20


def page_of(period: Period, *, currency: str, at: datetime) -> ReconciliationPage:
    """A fixed number of queries, whatever happened in the period."""
    books = summary(start=period.start, end=period.end, zone=period.zone, currency=currency)
    return ReconciliationPage(
        books=books,
        terms=_terms(books, period),
        equation_holds=books.residual_minor == 0,
        exceptions=all_shown(books.exceptions[:MOST_SHOWN], at=at),
        more_exceptions=max(len(books.exceptions) - MOST_SHOWN, 0),
        matched=matched(start=period.start, end=period.end),
        is_closed=is_closed(period.ends_at - ONE_INSTANT),
        closes_on=_closes_on(period, at),
        roll_forward=roll_forward_table(books, period),
        owed_difference_minor=books.owed_minor - books.owed_by_lots_minor,
        payouts=payouts_table(_payouts(period, currency), caption="Payouts", currency=currency),
    )


def _closes_on(period: Period, at: datetime) -> date | None:
    """The last day that would be closed; None while it is not over, or is closed."""
    over = period.start is not None and period.last_day < practice_day(at)
    return period.last_day if over and not is_closed(period.ends_at - ONE_INSTANT) else None


def _terms(books: Reconciliation, period: Period) -> list[dict[str, Any]]:
    """opening + taken - refunded - fees + other = paid out + on its way; zero extras left out."""
    terms = []
    if period.start:
        terms.append(_term("On its way before", books.opening_minor, "", "opening", period))
    first = "+" if terms else ""
    terms += [
        _term("Taken", books.taken_minor, first, "taken", period),
        _term("Refunded", books.refunded_minor, "-", "refunded", period),
        _term("Fees", books.fees_minor, "-", "fees", period),
    ]
    if books.other_minor:
        terms.append(_term("Disputes and other", books.other_minor, "+", "other", period))
    terms.append(
        {
            "label": "Paid out",
            "amount_minor": books.paid_out_minor,
            "operator": "=",
            "url": "#payouts",
        }
    )
    terms.append(_term("On its way", books.on_its_way_minor, "+", "on-its-way", period))
    return terms


def _term(label: str, minor: int, operator: str, name: str, period: Period) -> dict[str, Any]:
    url = f"{reverse('staff:transactions')}?of={name}&month={period.code}"
    return {"label": label, "amount_minor": minor, "operator": operator, "url": url}


def _payouts(period: Period, currency: str) -> Any:
    made = with_contents().filter(created_at__lt=period.ends_at, currency=currency)
    return made.filter(created_at__gte=period.starts_at) if period.starts_at else made
