"""The retention schedule, as data: what is kept, for how long, why, and what happens then (G7).

A rule either names the periodic job that carries it out, or brings the act itself; those acts run
once a night. A dry run counts what is due and touches nothing. Each app's rules are in its
``retaining.py``.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.retention_runs import RetentionRun

log = logging.getLogger(__name__)

RUNS_KEPT: Final = timedelta(days=400)
Count = Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """``what`` is kept ``keeps`` long because of ``why``; ``then`` says what happens.

    ``due`` counts the rows whose time has come; ``carry_out`` deals with them (at most a batch)
    and says how many. ``job`` is the name of the periodic job that does it instead.
    """

    code: str
    what: str
    keeps: str
    why: str
    then: str
    due: Count | None = None
    carry_out: Count | None = None
    job: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule with how many rows were due and how many were dealt with (None: not this job's)."""

    rule: Rule
    due: int | None
    done: int | None


_rules: dict[str, Rule] = {}


def rule(code: str, **says: object) -> None:
    """Add a rule to the schedule; done where an app's ``retaining.py`` is imported."""
    _rules[code] = Rule(code=code, **says)  # type: ignore[arg-type]


def schedule() -> list[Rule]:
    """All rules, by what they are about."""
    return sorted(_rules.values(), key=lambda each: each.what)


def rule_called(code: str) -> Rule:
    return _rules[code]


def report(*, at: datetime) -> list[Finding]:
    """The dry run: what is due now. Reads only."""
    return [Finding(each, each.due(at) if each.due else None, None) for each in schedule()]


def keep_to_schedule(*, at: datetime) -> list[Finding]:
    """Carry out every rule that brings its own act, and note the figures.

    Safe to repeat. A rule that fails keeps no other waiting.
    """
    findings, troubles = [], []
    for each in schedule():
        if each.carry_out is None:
            continue
        due = each.due(at) if each.due else None
        try:
            findings.append(Finding(each, due, each.carry_out(at)))
        except Exception as trouble:
            log.exception("The retention rule %s failed", each.code)
            troubles.append(trouble)
    counts = {finding.rule.code: finding.done for finding in findings}
    RetentionRun.objects.update_or_create(at=at, defaults={"counts": counts})
    RetentionRun.objects.filter(at__lt=at - RUNS_KEPT).delete()
    if troubles:
        raise ExceptionGroup("Some rules of the retention schedule failed.", troubles)
    return findings


def last_run() -> RetentionRun | None:
    return RetentionRun.objects.first()
