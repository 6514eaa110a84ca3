"""Mismatches with their age: how long somebody has been waiting (report 11)."""

from collections.abc import Iterable
from datetime import datetime

from payments.days import practice_day
from payments.exporting.defining import Asked, Export, Row, number, text
from payments.exporting.files.returned import MISMATCHES

FIRST_SEEN, RESOLVED = MISMATCHES.at("first_seen_at"), MISMATCHES.at("resolved_at")
WEEK, MONTH = 7, 30


def _aged(asked: Asked) -> Iterable[Row]:
    """The mismatches of the period; the open ones age until its last day."""
    for row in MISMATCHES.read(asked):
        days = _age(row[FIRST_SEEN], row[RESOLVED], asked)
        yield (*row, days, _bracket(days))


def _age(since: datetime, resolved_at: datetime | None, asked: Asked) -> int:
    until = asked.last_day
    if resolved_at is not None:
        until = min(until, practice_day(resolved_at))
    return (until - practice_day(since)).days


def _bracket(days: int) -> str:
    if days <= WEEK:
        return "a week"
    return "a month" if days <= MONTH else "longer"


AGEING = Export(
    "mismatch_ageing",
    "Mismatches by age",
    (*MISMATCHES.columns, number("age_days"), text("within")),
    _aged,
)
