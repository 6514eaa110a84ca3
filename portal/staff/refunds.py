"""Refunds as tables: what was asked for, what became of it, what it did to the credits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from payments.days import practice_zone
from payments.models import Policy, Refund, RefundRequest
from payments.refunding.quoting import RefundQuote
from payments.refunding.shown import WORDS, units_of
from payments.refunding.units import Share
from portal.staff.sessions import session_cell, sessions_by_id
from portal.staff.tables import Cell, Column, Table, amount, count, moment, words
from portal.templatetags.portal_ui import money

KIND = {
    RefundRequest.Status.REQUESTED: "info",
    RefundRequest.Status.PENDING: "info",
    RefundRequest.Status.SUCCEEDED: "good",
    RefundRequest.Status.FAILED: "bad",
    RefundRequest.Status.CANCELED: "plain",
}
COLUMNS = (
    Column("Refund"),
    Column("Order"),
    Column("Runner"),
    Column("Asked for"),
    Column("Amount", numeric=True),
    Column("State"),
    Column("Credits", numeric=True),
    Column("How"),
    Column("Who"),
    Column("Why"),
)


def refunds_table(
    requests: Iterable[RefundRequest], *, caption: str, currency: str = "", of_one: bool = False
) -> Table:
    """A row a refund; of one order without its number and its runner."""
    left_out = {1, 2} if of_one else set()
    columns = [one for at, one in enumerate(COLUMNS) if at not in left_out]
    rows = [
        [cell for at, cell in enumerate(_row(request)) if at not in left_out]
        for request in requests
    ]
    return Table(caption, columns, rows, empty="Nothing was paid back yet.", currency=currency)


def _row(request: RefundRequest) -> tuple[Cell, ...]:
    order = request.order
    status = RefundRequest.Status(request.status)
    reference = str(request.sums.get("reference") or "")
    how = request.get_method_display() + (f", {reference}" if reference else "")
    if request.origin == RefundRequest.Origin.EXTERNAL:
        how = "At Stripe, by hand"
    return (
        words(request.number),
        words(order.number, reverse("staff:order", args=[order.public_id])),
        words(order.buyer, reverse("staff:runner", args=[order.buyer.public_id])),
        moment(request.requested_at, practice_zone()),
        amount(request.amount_minor, request.currency),
        words(WORDS[status], kind=KIND[status]),
        count(units_of(request.parts.all())),
        words(how),
        words(request.requested_by),
        words(request.reason if not request.trouble else f"{request.reason}. {request.trouble}"),
    )


def unassigned_table(refunds: Iterable[Refund]) -> Table:
    columns = (Column("At Stripe"), Column("Order"), Column("When"), Column("Amount", numeric=True))
    rows = []
    for refund in refunds:
        order = refund.charge.attempt.order if refund.charge and refund.charge.attempt else None
        rows.append(
            (
                words(refund.pk, reverse("staff:assign_refund", args=[refund.pk])),
                words(order.number if order else ""),
                moment(refund.created_at, practice_zone()),
                amount(refund.amount_minor, refund.currency),
            )
        )
    return Table("Made at Stripe: choose the credits", columns, rows)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One rule of a refund as it is shown."""

    name: str
    formula: str
    result: str
    counts: bool


@dataclass(frozen=True, slots=True)
class QuotePage:
    """The sums before the yes: both rules, the result, and what becomes of the credits."""

    quote: RefundQuote
    alternatives: tuple[Alternative, ...]
    amount: str
    left: str
    difference: str
    effect: Table
    bookings: Table

    @property
    def is_possible(self) -> bool:
        quote = self.quote
        fits = 0 < quote.amount_minor <= quote.left_minor
        return fits and not quote.disputed and not self.bookings.rows


def quote_page(quote: RefundQuote) -> QuotePage:
    currency = quote.order.currency
    rule = Policy.RefundRule
    return QuotePage(
        quote=quote,
        alternatives=(
            Alternative(
                str(rule.PRO_RATA.label),
                quote.pro_rata_formula,
                money(quote.pro_rata_minor, currency),
                quote.rule == rule.PRO_RATA,
            ),
            Alternative(
                str(rule.SINGLE_PRICE.label),
                quote.single_price_formula,
                money(quote.single_price_minor, currency),
                quote.rule == rule.SINGLE_PRICE,
            ),
        ),
        amount=money(quote.amount_minor, currency),
        left=money(quote.left_minor, currency),
        difference=money(abs(quote.difference_minor), currency),
        effect=_effect(quote.shares, currency),
        bookings=_bookings(quote),
    )


def _effect(shares: Iterable[Share], currency: str) -> Table:
    columns = (
        Column("Credits of"),
        Column("Owner"),
        Column("Now free", numeric=True),
        Column("Taken", numeric=True),
        Column("Left", numeric=True),
        Column("Sold for, tax included", numeric=True),
    )
    rows = [
        (
            words(share.holding.lot.name),
            words(share.holding.lot.owner),
            count(share.holding.free),
            count(share.units),
            count(share.holding.unused - share.units),
            amount(share.gross_minor, currency),
        )
        for share in shares
    ]
    return Table("What becomes of the credits", columns, rows, empty="No credit is taken.")


def _bookings(quote: RefundQuote) -> Table:
    """Sessions in the way of it, each with its page; none where there are free credits enough."""
    in_the_way = quote.units > quote.free
    ids = quote.booking_ids if in_the_way else ()
    known = sessions_by_id(ids)
    rows = [(session_cell(one, known),) for one in ids]
    return Table("Sessions to handle first", (Column("Session"),), rows)
