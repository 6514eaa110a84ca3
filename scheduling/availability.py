"""Which times are free, and is this one. One engine answers both; the claim is the truth.

``free_times`` lists for people to choose from, ``verdicts`` judges one start therapist by
therapist and says why not (E28). Both read the same ``World`` (``scheduling/reading.py``) and
obey the same rules (``listing`` and ``judging``), and a property test holds them together.

``runner`` brings in the rules about who asks (``scheduling/runners.py``): without it a list is
for everybody. Staff (``for_staff``) are not bound by notice, horizon, grid and "not online"; all
else binds them until they set it aside.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from payments.models import ServiceVariant
from scheduling import asking, reading
from scheduling.intervals import day_bounds, local_day, seconds
from scheduling.judging import Verdict, verdicts_of
from scheduling.listing import FreeTime, free_times_of
from scheduling.models import Booking, Location, Therapist
from scheduling.reasons import Reason

__all__ = [
    "DayChoice",
    "FreeTime",
    "Verdict",
    "days",
    "explain",
    "free_times",
    "is_free",
    "nearest",
    "verdicts",
]

NEAR_DAYS = (1, 3, 10, 31)  # how far around a lost time we look, step by step


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A local day and how many different starts it has."""

    day: date
    free: int


def free_times(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    start: date,
    end: date,
    at: datetime,
    ignoring: Booking | None = None,
    for_staff: bool = False,
    runner: User | None = None,
) -> list[FreeTime]:
    """Every free start on the location's local days from ``start`` to before ``end``.

    By start, then therapist; for "anyone" a start appears once for each therapist who is free.
    ``ignoring`` leaves out a booking that is being moved (E16). Costs at most 10 queries and
    grows with the days asked for that can be booked at all, not with what is stored (E27).
    """
    if not asking.is_offered(variant, location, for_staff=for_staff):
        return []
    low, high = asking.window(variant, location, start, end, at, for_staff=for_staff)
    if low >= high:
        return []
    world = reading.load(
        variant=variant,
        location=location,
        therapist=therapist,
        low=low,
        high=high,
        at=at,
        ignoring=(ignoring.pk,) if ignoring else (),
        for_staff=for_staff,
        runner=runner,
    )
    return free_times_of(world)


def days(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    start: date,
    end: date,
    at: datetime,
    ignoring: Booking | None = None,
    runner: User | None = None,
) -> list[DayChoice]:
    """Each day from ``start`` to before ``end`` with its number of free starts."""
    times = free_times(
        variant=variant,
        location=location,
        therapist=therapist,
        start=start,
        end=end,
        at=at,
        ignoring=ignoring,
        runner=runner,
    )
    starts: dict[date, set[datetime]] = {}
    for time in times:
        starts.setdefault(time.starts_at.astimezone(location.zone).date(), set()).add(
            time.starts_at
        )
    count = (end - start).days
    every = (start + timedelta(days=number) for number in range(count))
    return [DayChoice(day, len(starts.get(day, ()))) for day in every]


def nearest(
    *,
    variant: ServiceVariant,
    location: Location,
    around: datetime,
    at: datetime,
    count: int = 3,
    therapist: Therapist | None = None,
    ignoring: Booking | None = None,
    runner: User | None = None,
) -> list[FreeTime]:
    """The free starts closest to a lost one, earliest first; fewer when there are fewer.

    For a start beyond the open diary those are its last ones, for a past one its first.
    """
    last = at + timedelta(days=variant.horizon_days)
    middle = local_day(location.timezone, seconds(min(max(around, at), last)))
    found: list[FreeTime] = []
    for reach in NEAR_DAYS:
        found = free_times(
            variant=variant,
            location=location,
            therapist=therapist,
            start=middle - timedelta(days=reach),
            end=middle + timedelta(days=reach + 1),
            at=at,
            ignoring=ignoring,
            runner=runner,
        )
        if len({time.starts_at for time in found}) >= count:
            break
    return _closest(found, around, count)


def verdicts(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    ignoring: tuple[int, ...] = (),
    for_staff: bool = False,
    forgive: frozenset[Reason] = frozenset(),
    runner: User | None = None,
) -> list[Verdict]:
    """Judge one start for the named therapist, or for each who gives the session.

    ``ignoring`` are ids of bookings that do not stand in the way. The answer is never empty:
    where nobody is eligible, one verdict says so (E9). What is in ``forgive`` is still named
    among the reasons. It changes the judging in two ways only: with ``turnaround`` forgiven a
    room that is being cleaned can be had, and with ``eligibility`` a named therapist who does
    not give the session is judged like the others.
    """
    second = seconds(starts_at)
    # The whole local day, because "anyone" weighs the day's work (S8).
    low, high = day_bounds(location.timezone, local_day(location.timezone, second))
    world = reading.load(
        variant=variant,
        location=location,
        therapist=therapist,
        low=low,
        high=high,
        at=at,
        ignoring=ignoring,
        for_staff=for_staff,
        forgive=forgive,
        runner=runner,
    )
    return verdicts_of(world, starts_at, at, therapist=therapist, forgive=forgive)


def is_free(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    ignoring: Booking | None = None,
    for_staff: bool = False,
    runner: User | None = None,
) -> bool:
    """Whether the start could be claimed now."""
    found = verdicts(
        variant=variant,
        location=location,
        therapist=therapist,
        starts_at=starts_at,
        at=at,
        ignoring=(ignoring.pk,) if ignoring else (),
        for_staff=for_staff,
        runner=runner,
    )
    return any(verdict.is_free for verdict in found)


def explain(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    ignoring: Booking | None = None,
    for_staff: bool = False,
    runner: User | None = None,
) -> list[tuple[str, tuple[Reason, ...]]]:
    """Why is this time not free: each therapist's name with the reasons (E28, U11)."""
    found = verdicts(
        variant=variant,
        location=location,
        therapist=therapist,
        starts_at=starts_at,
        at=at,
        ignoring=(ignoring.pk,) if ignoring else (),
        for_staff=for_staff,
        runner=runner,
    )
    return [(verdict.therapist_name, verdict.reasons) for verdict in found]


def _closest(times: list[FreeTime], around: datetime, count: int) -> list[FreeTime]:
    by_start: dict[datetime, FreeTime] = {}
    for time in times:
        by_start.setdefault(time.starts_at, time)
    close = sorted(by_start.values(), key=lambda time: abs(time.starts_at - around))[:count]
    return sorted(close, key=lambda time: time.starts_at)
