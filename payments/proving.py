"""The proof of a period: every invariant asked, with its figures and the rows that break it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from payments.days import practice_zone, start_of
from payments.invariants import Breach, Check, Sides, Span, all_checks


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one invariant says of the period."""

    check: Check
    sides: list[Sides]
    breaches: list[Breach]

    @property
    def holds(self) -> bool:
        return not self.breaches and not any(sides.difference for sides in self.sides)


@dataclass(frozen=True, slots=True)
class Proof:
    """Whole days of `zone`, from `start` (None: the beginning) to just before `end`."""

    start: date | None
    end: date
    zone: ZoneInfo
    computed_at: datetime
    verdicts: list[Verdict]

    @property
    def holds(self) -> bool:
        return all(verdict.holds for verdict in self.verdicts)

    @property
    def broken(self) -> list[str]:
        return [verdict.check.code for verdict in self.verdicts if not verdict.holds]


def prove(*, start: date | None, end: date, at: datetime) -> Proof:
    """Ask every invariant of the days from `start` to the one before `end`. Reads only."""
    zone = practice_zone()
    span = Span(start_of(start, zone) if start else None, start_of(end, zone))
    verdicts = [Verdict(check, list(check.weigh(span)), check(span)) for check in all_checks()]
    return Proof(start, end, zone, at, verdicts)


def as_data(proof: Proof) -> dict[str, Any]:
    """The proof as plain values, for files and the API; amounts in minor units."""
    return {
        "start": proof.start.isoformat() if proof.start else None,
        "end": proof.end.isoformat(),
        "zone": str(proof.zone),
        "computed_at": proof.computed_at.isoformat(),
        "holds": proof.holds,
        "invariants": [_verdict(verdict) for verdict in proof.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    check = verdict.check
    return {
        "code": check.code,
        "title": check.title,
        "rule": check.rule,
        "holds": verdict.holds,
        "left": check.left,
        "right": check.right,
        "figures": [asdict(sides) for sides in verdict.sides],
        "breaches": [
            {name: value for name, value in asdict(breach).items() if name != "invariant"}
            for breach in verdict.breaches
        ],
    }
