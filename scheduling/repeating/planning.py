"""What repeating a session would mean: which times are free, what is close, which credit pays.

A plan writes nothing and promises nothing: booking asks again, time by time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from payments.wallets import lots_in_turn
from scheduling.availability import FreeTime, free_times, verdicts
from scheduling.claiming import refusal
from scheduling.errors import CannotRepeat
from scheduling.intervals import instant, wall
from scheduling.models import Booking
from scheduling.models.series import MOST_FURTHER, MOST_WEEKS_APART

NEAR = 3
REACH = timedelta(days=3)  # how far from the wished day another time still is "close"
ONE_DAY = timedelta(days=1)
LONGEST_QUESTION = 62  # days in one question of the diary (E27)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One session of the plan, on the practice's clock.

    ``why`` is a sentence, empty when the time is free. ``near`` are other free times around it,
    the closest first. ``lot_name`` is the package whose credit would pay, empty when none is left.
    """

    on: date
    starts_at: datetime
    why: str
    near: tuple[FreeTime, ...]
    lot_name: str

    @property
    def is_free(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class Plan:
    """The sessions after ``anchor``, in order."""

    anchor: Booking
    every_weeks: int
    occurrences: tuple[Occurrence, ...]

    @property
    def free(self) -> int:
        return sum(one.is_free for one in self.occurrences)

    @property
    def paid(self) -> int:
        return sum(bool(one.lot_name) for one in self.occurrences)


def plan(*, anchor: Booking, every_weeks: int, further: int, runner: User, at: datetime) -> Plan:
    """Sessions like ``anchor`` at its wall time, ``further`` of them, with its therapist.

    The clocks of the place decide: 17:30 stays 17:30 when they change (E15, E20).

    Raises:
        CannotRepeat: fewer than 1 or more than 12 sessions, or more than 8 weeks apart.
    """
    starts = starts_after(anchor, every_weeks, further)
    free = _free_around(anchor, starts, runner, at)
    days = [_day(anchor, start) for start in starts]
    lots = lots_in_turn(runner, variant=anchor.variant, days=days, at=at)
    return Plan(
        anchor=anchor,
        every_weeks=every_weeks,
        occurrences=tuple(
            _occurrence(anchor, start, free, lot, runner, at)
            for start, lot in zip(starts, lots, strict=True)
        ),
    )


def starts_after(anchor: Booking, every_weeks: int, further: int) -> list[datetime]:
    """The starts of a series, the anchor's own not among them."""
    if not 1 <= every_weeks <= MOST_WEEKS_APART:
        raise CannotRepeat(f"Choose between 1 and {MOST_WEEKS_APART} weeks from one to the next.")
    if not 1 <= further <= MOST_FURTHER:
        raise CannotRepeat(f"Choose between 1 and {MOST_FURTHER} more sessions.")
    local = anchor.starts_local
    days = (local.date() + timedelta(weeks=every_weeks * n) for n in range(1, further + 1))
    return [instant(wall(anchor.zone, day, local.time())) for day in days]


def _free_around(
    anchor: Booking, starts: list[datetime], runner: User, at: datetime
) -> list[FreeTime]:
    """The free times from the first wished day to the last, in questions of allowed length."""
    first, last = _day(anchor, starts[0]) - REACH, _day(anchor, starts[-1]) + REACH + ONE_DAY
    found: list[FreeTime] = []
    while first < last:
        until = min(last, first + timedelta(days=LONGEST_QUESTION))
        found += free_times(
            variant=anchor.variant,
            location=anchor.location,
            therapist=None,
            start=first,
            end=until,
            at=at,
            runner=runner,
        )
        first = until
    return found


def _occurrence(
    anchor: Booking,
    start: datetime,
    free: list[FreeTime],
    lot: str,
    runner: User,
    at: datetime,
) -> Occurrence:
    day = _day(anchor, start)
    hers = {time.starts_at for time in free if time.therapist_id == anchor.therapist_id}
    why = "" if start in hers else _why(anchor, start, runner, at)
    return Occurrence(
        on=day,
        starts_at=start,
        why=why,
        near=_near(anchor, start, free) if why else (),
        lot_name=lot,
    )


def _why(anchor: Booking, start: datetime, runner: User, at: datetime) -> str:
    found = verdicts(
        variant=anchor.variant,
        location=anchor.location,
        therapist=anchor.therapist,
        starts_at=start,
        at=at,
        runner=runner,
    )
    return "" if any(one.is_free for one in found) else str(refusal(found))


def _near(anchor: Booking, start: datetime, free: list[FreeTime]) -> tuple[FreeTime, ...]:
    """Times around a lost one: the same day before others, the same therapist before others."""
    around: dict[datetime, FreeTime] = {}
    for time in sorted(free, key=lambda one: one.therapist_id != anchor.therapist_id):
        if abs(time.starts_at - start) <= REACH:
            around.setdefault(time.starts_at, time)
    day = _day(anchor, start)
    close = sorted(
        around.values(),
        key=lambda one: (
            _day(anchor, one.starts_at) != day,
            one.therapist_id != anchor.therapist_id,
            abs(one.starts_at - start),
            one.starts_at,
        ),
    )
    return tuple(close[:NEAR])


def _day(anchor: Booking, moment: datetime) -> date:
    return moment.astimezone(anchor.location.zone).date()
