"""The reports of a month's end, by their number, and where each is to be seen and taken away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from portal.staff.tables import Cell, Column, Table, words

KINDS = (("csv", "CSV"), ("xlsx", "Excel"))


@dataclass(frozen=True, slots=True)
class MoneyReport:
    """One report: what it is called, what it says, and the tables it consists of."""

    number: str
    name: str
    about: str
    tables: Sequence[tuple[str, str]]  # its name in addresses, and what a link to it says


REPORTS = (
    MoneyReport(
        "1",
        "Payouts",
        "What Stripe paid out, what was in it, and whether it reached the bank.",
        [("payouts", "Payouts")],
    ),
    MoneyReport(
        "2",
        "What came with each payout",
        "Every movement inside a payout, with its order and its runner.",
        [("payout_lines", "Lines of payouts")],
    ),
    MoneyReport(
        "3",
        "What is owed in sessions",
        "How it changed: sold, used, expired and refunded, by package.",
        [("liability_rollforward", "Roll-forward")],
    ),
    MoneyReport(
        "4",
        "Credits left",
        "Who still has which credits at the end of the last day, and what they are worth.",
        [("lots_as_of", "Lots")],
    ),
    MoneyReport(
        "5",
        "Revenue",
        "What was earned with sessions; late cancellations and expired credits apart.",
        [
            ("revenue_by_service", "By service"),
            ("revenue_by_therapist", "By therapist"),
            ("revenue_by_location", "By location"),
            ("revenue", "Every session"),
        ],
    ),
    MoneyReport(
        "6",
        "Refunds and disputes",
        "Money that went back, how that stands, and the credits it took.",
        [("refunds", "Refunds"), ("disputes", "Disputes")],
    ),
    MoneyReport(
        "7",
        "Tax",
        "The tax that fell due, by rate and by when it is due.",
        [("tax", "Tax by rate")],
    ),
    MoneyReport(
        "8",
        "Fees",
        "What each way of paying costs, also as a part of what it brought.",
        [("fees", "Fees")],
    ),
    MoneyReport(
        "9",
        "Cash-up",
        "What each person took in a day, and what was counted.",
        [("cash_up", "Tills")],
    ),
    MoneyReport(
        "10",
        "Credit ledger",
        "Every movement of every credit.",
        [("credit_ledger", "Movements")],
    ),
    MoneyReport(
        "11",
        "Mismatches",
        "What did not agree, whether it is settled, and how long it has waited.",
        [("mismatch_ageing", "By age"), ("mismatches", "As in the pack")],
    ),
    MoneyReport(
        "12",
        "Journal",
        "Every line of the books, with what is behind it.",
        [("journal", "Lines")],
    ),
    MoneyReport(
        "13",
        "Adjustments and overrides",
        "What people changed by hand: who, when, and why.",
        [("adjustments", "Adjustments")],
    ),
)
FURTHER = (
    MoneyReport(
        "14",
        "Earned and cash",
        "Why what came in is not what was earned, month by month.",
        [("earned_and_cash", "Bridge")],
    ),
    MoneyReport(
        "15",
        "Base of therapists\N{RIGHT SINGLE QUOTATION MARK} pay",
        "Sessions done, at what their credits were worth.",
        [("therapist_pay", "By therapist")],
    ),
    MoneyReport(
        "16",
        "Sales by article",
        "Which article brought which orders, and how much of them was used.",
        [("articles", "By article")],
    ),
)


def index_of(query: str) -> Table:
    """A row for each table, with its files for the days of `query`."""
    columns = (
        Column("No.", whole=True),
        Column("Report"),
        Column("What it says"),
        Column("Open"),
        *(Column(label, whole=True) for _, label in KINDS),
    )
    rows = [row for report in (*REPORTS, *FURTHER) for row in _rows(report, query)]
    return Table("Money reports", columns, rows)


def _rows(report: MoneyReport, query: str) -> Iterator[Sequence[Cell]]:
    for name, label in report.tables:
        page = f"{reverse('staff:table', args=[name])}?{query}"
        files = [f"{reverse('staff:table_file', args=[name, kind])}?{query}" for kind, _ in KINDS]
        yield (
            *(words(report.number), words(report.name), words(report.about)),
            words(label, page),
            *(words(f"{name}.{kind}", url) for (kind, _), url in zip(KINDS, files, strict=True)),
        )
