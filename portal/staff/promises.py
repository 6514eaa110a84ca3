"""The rules that must always hold, as staff see them: the last verdict, and the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from portal.invariants import RULES, Rule
from portal.invariants.proving import OLD_AFTER
from portal.models import InvariantRun
from portal.staff.links import address_of
from portal.staff.tables import Cell, Column, Table, count, words

COLUMNS = (Column("Rule", whole=True), Column("What must be so"), Column("Verdict"))
OF_ROWS = (Column("What"), Column("Why"), Column("By", numeric=True))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last proof in a word and its colour; `run` is None before the first night."""

    run: InvariantRun | None
    label: str
    kind: str


def last_verdict(*, at: datetime) -> Verdict:
    """For the first staff page; one query."""
    run = InvariantRun.objects.first()
    if run is None:
        return Verdict(None, "Not proved yet", "warn")
    broken = sum(1 for one in run.verdicts if one["count"])
    if broken:
        return Verdict(run, f"{broken} rule{'s' if broken > 1 else ''} broken", "bad")
    if at - run.at > OLD_AFTER:
        return Verdict(run, "The last proof is too old", "warn")
    return Verdict(run, f"All {len(run.verdicts)} rules hold", "good")


def overview(run: InvariantRun | None) -> Table:
    rows = [
        (words(rule.code, reverse("staff:invariant", args=[rule.code])), words(rule.title), cell)
        for rule, cell in ((rule, _verdict(run, rule)) for rule in RULES)
    ]
    return Table("Every rule and what the last proof said", COLUMNS, rows)


def _verdict(run: InvariantRun | None, rule: Rule) -> Cell:
    found = run.verdict_of(rule.code) if run else None
    if found is None:
        return words("Not asked yet", kind="warn")
    if found["count"]:
        return words(f"{found['count']} row{'s' if found['count'] > 1 else ''}", kind="bad")
    return words("Holds", kind="good")


def rows_of(run: InvariantRun | None, rule: Rule) -> Table:
    """What broke it, each with the page that shows it."""
    found = run.verdict_of(rule.code) if run else None
    listed: Sequence[dict[str, Any]] = found["rows"] if found else []
    rows = [
        (
            words(row["about"], address_of(row["subject"], row["key"])),
            words(row["what"]),
            count(row["difference"]) if row["difference"] else words(""),
        )
        for row in listed
    ]
    return Table(f"What breaks {rule.code}", OF_ROWS, rows, empty="Nothing: it holds.")


def rule_called(code: str) -> Rule | None:
    return next((rule for rule in RULES if rule.code == code), None)
