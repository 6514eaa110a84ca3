"""The proof page: every invariant of a period with its figures, and the way down to each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from payments.days import practice_day
from payments.exporting import NATIVE, Asked
from payments.invariants import Breach, Sides
from payments.money import DEFAULT_CURRENCY
from payments.proving import Proof, Verdict, prove
from portal.staff.links import address_of
from portal.staff.payouts import payouts_table, with_contents
from portal.staff.periods import day_asked
from portal.staff.tables import Cell, Column, Table, amount, count, words

MOST = 200  # rows shown of what breaks one rule; the pack has all of them
ONE_DAY = timedelta(days=1)
PAYOUTS = "Payouts: open one to see what came with it"


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, with the rows that break it."""

    verdict: Verdict
    rows: Table
    more: int


@dataclass(frozen=True, slots=True)
class ProofPage:
    proof: Proof
    overview: Table
    broken: Sequence[Broken]
    payouts: Table
    sheets: Sequence[tuple[str, str]]  # name and title of each table of the pack

    @property
    def broken_words(self) -> str:
        return f"Broken: {', '.join(self.proof.broken)}"


def asked_of(first: str, last: str, *, at: datetime) -> Asked:
    """The days asked for, both included; this month so far for what is no day."""
    today = practice_day(at)
    start = day_asked(first, otherwise=today.replace(day=1))
    end = day_asked(last, otherwise=max(start, today))
    return Asked(start=start, end=max(start, end) + ONE_DAY)


def query_of(asked: Asked) -> str:
    """The same days in an address."""
    start = asked.start or date.min
    return f"from={start.isoformat()}&to={asked.last_day.isoformat()}"


def proof_of(asked: Asked, *, at: datetime) -> Proof:
    return prove(start=asked.start, end=asked.end, at=at)


def proof_page(asked: Asked, *, at: datetime) -> ProofPage:
    """Everything on the page; the number of queries does not grow with the period."""
    proof = proof_of(asked, at=at)
    made = with_contents().filter(asked.span.within("created_at"))
    return ProofPage(
        proof=proof,
        overview=_overview(proof),
        broken=[_broken(verdict) for verdict in proof.verdicts if not verdict.holds],
        payouts=payouts_table(made, caption=PAYOUTS, currency=DEFAULT_CURRENCY),
        sheets=[(export.name, export.title) for export in NATIVE.values()],
    )


def _overview(proof: Proof) -> Table:
    columns = (
        Column("Rule", whole=True),
        Column("What must be so"),
        Column("Figures"),
        Column("One side", numeric=True),
        Column("Other side", numeric=True),
        Column("Apart", numeric=True),
        Column("Verdict", whole=True),
    )
    rows = [row for verdict in proof.verdicts for row in _rows(verdict)]
    return Table("Every rule, and both sides of it", columns, rows)


def _rows(verdict: Verdict) -> list[tuple[Cell, ...]]:
    """A row for each pair of figures; one without any when there is nothing to add up."""
    check = verdict.check
    about = (words(check.code, "" if verdict.holds else f"#{check.code}"), words(check.title))
    verdict_cell = words("Holds", kind="good") if verdict.holds else words("Broken", kind="bad")
    nothing = Sides("Nothing in this period", 0, 0)
    return [
        (*about, words(sides.what), *_figures(sides), verdict_cell)
        for sides in verdict.sides or [nothing]
    ]


def _figures(sides: Sides) -> tuple[Cell, ...]:
    return tuple(
        amount(figure, sides.currency) if sides.currency else count(figure)
        for figure in (sides.left, sides.right, sides.difference)
    )


def _broken(verdict: Verdict) -> Broken:
    shown = verdict.breaches[:MOST]
    columns = (Column("What"), Column("Why"), Column("Difference", numeric=True))
    rows = [
        (
            words(breach.about, address_of(breach.subject, breach.key)),
            words(breach.what),
            _difference(breach),
        )
        for breach in shown
    ]
    table = Table(f"What breaks {verdict.check.code}", columns, rows)
    return Broken(verdict, table, len(verdict.breaches) - len(shown))


def _difference(breach: Breach) -> Cell:
    if not breach.difference:
        return words("")
    if breach.currency:
        return amount(breach.difference, breach.currency)
    return count(breach.difference)
