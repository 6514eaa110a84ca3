"""Adding and removing rules of the diary: time off, other hours, closures (E3, S4, S5).

Each asks about the sessions it hits (``scheduling.deciding``). The same rule added again is the
rule there is; a rule removed that is gone already stays so.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from accounts.models import User
from scheduling.claiming import require_in_reach
from scheduling.deciding import Changed, Decision, Scope, change_rules
from scheduling.models import Closure, HoursException, Location, Therapist, TimeOff

Rule = TypeVar("Rule", TimeOff, Closure, HoursException)
Decisions = Mapping[UUID, Decision]


def add_time_off(
    *,
    therapist: Therapist,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    decisions: Decisions,
    by: User | None,
    at: datetime,
) -> Changed[TimeOff]:
    """A therapist is away for ``[starts_at, ends_at)``.

    Raises:
        DecisionsNeeded: sessions are booked then; nothing is saved.
        ValidationError: it ends before it starts. NotOffered: it lies beyond any diary.
    """
    require_in_reach(starts_at)
    require_in_reach(ends_at)
    wanted = TimeOff(
        therapist=therapist,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip(),
        created_by=by,
    )
    same = ("therapist", "starts_at", "ends_at", "kind")
    return _added(wanted, same, Scope(therapist=therapist), decisions, by, at)


def add_closure(
    *,
    location: Location,
    starts_on: date,
    ends_on: date,
    reason: str,
    decisions: Decisions,
    by: User | None,
    at: datetime,
) -> Changed[Closure]:
    """A location is closed on whole days, the last included. Raises as ``add_time_off``."""
    wanted = Closure(location=location, starts_on=starts_on, ends_on=ends_on, reason=reason.strip())
    same = ("location", "starts_on", "ends_on")
    return _added(wanted, same, Scope(location=location), decisions, by, at)


def add_other_hours(
    *,
    therapist: Therapist,
    location: Location,
    starts_on: date,
    ends_on: date,
    hours: tuple[time | None, time | None] | None,
    decisions: Decisions,
    by: User | None,
    at: datetime,
) -> Changed[HoursException]:
    """Other hours on each of some days, the last included; ``hours=None``: does not work there.

    Raises as ``add_time_off``, and ValidationError also where other hours entered before say
    something else.
    """
    starts, ends = hours or (None, None)
    wanted = HoursException(
        therapist=therapist,
        location=location,
        starts_on=starts_on,
        ends_on=ends_on,
        is_open=hours is not None,
        starts=starts,
        ends=ends,
    )
    same = ("therapist", "location", "starts_on", "ends_on", "is_open", "starts", "ends")
    scope = Scope(therapist=therapist, location=location)
    return _added(wanted, same, scope, decisions, by, at)


def remove_rule(
    *, rule: TimeOff | Closure | HoursException, decisions: Decisions, by: User | None, at: datetime
) -> Changed[None]:
    """Take a rule away; sessions that stood on other hours are asked about like any."""
    scope = Scope(getattr(rule, "therapist", None), getattr(rule, "location", None))

    def remove() -> None:
        type(rule)._default_manager.filter(pk=rule.pk).delete()

    return change_rules(
        change=remove, scope=scope, decisions=decisions, by=by, at=at, reason=_why(rule)
    )


def _added(
    wanted: Rule,
    same: tuple[str, ...],
    scope: Scope,
    decisions: Decisions,
    by: User | None,
    at: datetime,
) -> Changed[Rule]:
    def add() -> Rule:
        there = type(wanted)._default_manager.filter(
            **{name: getattr(wanted, name) for name in same}
        )
        if (found := there.first()) is not None:
            return found
        wanted.full_clean()
        wanted.pk = None
        wanted.save(force_insert=True)
        return wanted

    return change_rules(
        change=add, scope=scope, decisions=decisions, by=by, at=at, reason=_why(wanted)
    )


def _why(rule: TimeOff | Closure | HoursException) -> str:
    return f"The diary changed: {rule._meta.verbose_name}."
