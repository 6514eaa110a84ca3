"""Disputes as staff see them: what is asked, until when, what it did, what our records say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from payments.days import practice_zone
from payments.disputing.answering import ANSWERABLE
from payments.disputing.evidence import Pack, Section, pack_for
from payments.disputing.following import FREE, INQUIRY, OPEN, order_of
from payments.disputing.reporting import DUE_SOON
from payments.models import BalanceTransaction, CreditLot, Dispute
from payments.refunding.units import booked_with, holdings_of, lots_of
from portal.staff.movements import LotShown, lots_shown
from portal.staff.sessions import session_cell, sessions_by_id
from portal.staff.tables import Cell, Column, Table, amount, moment, words

WORDS = {
    "needs_response": "Waits for our answer",
    "under_review": "With the bank",
    "won": "Won",
    "lost": "Lost",
    "prevented": "Prevented",
    "warning_needs_response": "The bank asks",
    "warning_under_review": "Answer with the bank",
    "warning_closed": "Question settled",
}
KIND = {"won": "good", "warning_closed": "good", "prevented": "good", "lost": "bad"}


@dataclass(frozen=True, slots=True)
class DisputePage:
    dispute: Dispute
    state: Cell
    why: str
    is_inquiry: bool
    is_open: bool
    may_answer: bool
    is_due_soon: bool
    money: Table
    lots: tuple[LotShown, ...]
    sessions: Table
    pack: Pack | None


def disputes_shown() -> QuerySet[Dispute]:
    rows = Dispute.objects.select_related("charge__attempt__order__buyer")
    return rows.order_by("-created_at", "-pk")


def state_of(dispute: Dispute) -> Cell:
    kind = KIND.get(dispute.status, "warn")
    return words(WORDS.get(dispute.status, dispute.status), kind=kind)


def disputes_table(disputes: Iterable[Dispute], *, caption: str, of_one: bool = False) -> Table:
    columns = (
        Column("Dispute"),
        Column("Order"),
        Column("Opened"),
        Column("Amount", numeric=True),
        Column("Why"),
        Column("State"),
        Column("Answer by"),
    )
    left_out = {1} if of_one else set()
    rows = [[cell for at, cell in enumerate(_row(one)) if at not in left_out] for one in disputes]
    return Table(
        caption,
        [column for at, column in enumerate(columns) if at not in left_out],
        rows,
        empty="Nobody disputes a payment.",
    )


def _row(dispute: Dispute) -> tuple[Cell, ...]:
    order = dispute.charge.attempt.order if dispute.charge and dispute.charge.attempt else None
    waits = dispute.status in ANSWERABLE and dispute.evidence_sent_at is None
    return (
        words(dispute.pk, reverse("staff:dispute", args=[dispute.pk])),
        words(order.number, reverse("staff:order", args=[order.public_id]))
        if order
        else words("No order"),
        moment(dispute.created_at, practice_zone()),
        amount(dispute.amount_minor, dispute.currency),
        words(dispute.reason.replace("_", " ")),
        state_of(dispute),
        moment(dispute.evidence_due_at if waits else None, practice_zone()),
    )


def dispute_page(dispute: Dispute, *, at: datetime) -> DisputePage:
    """All about one dispute; the number of queries does not grow with it."""
    order = order_of(dispute)
    lots = CreditLot.objects.filter(pk__in=[lot.pk for lot in lots_of(order)] if order else [])
    due = dispute.evidence_due_at
    waits = dispute.status in ANSWERABLE and dispute.evidence_sent_at is None
    return DisputePage(
        dispute=dispute,
        state=state_of(dispute),
        why=dispute.reason.replace("_", " ").capitalize(),
        is_inquiry=dispute.status in INQUIRY,
        is_open=dispute.status in (*OPEN, *INQUIRY),
        may_answer=waits,
        is_due_soon=bool(waits and due and due < at + DUE_SOON),
        money=_money(dispute),
        lots=lots_shown(lots),
        sessions=_sessions(dispute),
        pack=pack_for(dispute, at=at),
    )


def _money(dispute: Dispute) -> Table:
    columns = (
        Column("At Stripe"),
        Column("What"),
        Column("When"),
        Column("Amount", numeric=True),
        Column("Fee", numeric=True),
        Column("Net", numeric=True),
    )
    rows = [
        (
            words(row.pk),
            words("Taken" if row.amount_minor < 0 else "Given back"),
            moment(row.created_at, practice_zone()),
            amount(row.amount_minor, row.currency),
            amount(row.fee_minor, row.currency),
            amount(row.net_minor, row.currency),
        )
        for row in BalanceTransaction.objects.filter(
            pk__in=dispute.balance_transaction_ids
        ).order_by("created_at")
    ]
    return Table("Money", columns, rows, empty="No money has moved.")


def _sessions(dispute: Dispute) -> Table:
    """Sessions still to come that are booked with its credits: kept, and to be thought about."""
    order = order_of(dispute)
    ids = booked_with(holdings_of(order)) if order and dispute.status not in FREE else ()
    known = sessions_by_id(ids)
    rows = [(session_cell(one, known),) for one in ids]
    return Table("Sessions booked with these credits", (Column("Session"),), rows)


def section_table(section: Section) -> Table:
    """A section of the pack as a table."""
    columns = (Column("When"), Column("What our records say"))
    rows = [(moment(fact.at, practice_zone()), words(fact.what)) for fact in section.facts]
    return Table(section.title, columns, rows)
