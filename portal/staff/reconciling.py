"""The reconciliation page: the equation of a period and everything under it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from payments.reconciling import Reconciliation, summary
from portal.staff.mismatches import MismatchShown, all_shown
from portal.staff.payouts import payouts_table, with_contents
from portal.staff.periods import Period
from portal.staff.rolling import roll_forward_table
from portal.staff.tables import Table


@dataclass(frozen=True, slots=True)
class ReconciliationPage:
    """Amounts in minor units of the books' currency."""

    books: Reconciliation
    terms: list[dict[str, Any]]
    equation_holds: bool
    exceptions: list[MismatchShown]
    roll_forward: Table
    owed_difference_minor: int
    payouts: Table


def page_of(period: Period, *, currency: str) -> ReconciliationPage:
    """A fixed number of queries, whatever happened in the period."""
    books = summary(start=period.start, end=period.end, zone=period.zone, currency=currency)
    return ReconciliationPage(
        books=books,
        terms=_terms(books, period),
        equation_holds=books.residual_minor == 0,
        exceptions=all_shown(books.exceptions),
        roll_forward=roll_forward_table(books, period),
        owed_difference_minor=books.owed_minor - books.owed_by_lots_minor,
        payouts=payouts_table(_payouts(period, currency), caption="Payouts", currency=currency),
    )


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
