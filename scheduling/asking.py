"""The rules about when a wish is made and what is wished for: notice, horizon, what is on offer
(S9: E6, E7, E9).

They hold whoever gives the session. ``opens_and_closes`` is what a list is cut to, and
``reasons`` what a single start is told; both are made of the same three moments.
"""

from datetime import date, datetime, timedelta
from math import ceil

from payments.models import ServiceVariant
from scheduling.intervals import day_bounds, local_day, seconds
from scheduling.models import Location
from scheduling.reasons import Reason

ONE_DAY = timedelta(days=1)


def is_offered(variant: ServiceVariant, location: Location, *, for_staff: bool = False) -> bool:
    """E9, of the session and the place; whether it is offered online does not bind staff."""
    online = variant.is_bookable_online or for_staff
    return bool(variant.is_active and online and variant.service.is_active and location.is_active)


def notice_ends(variant: ServiceVariant, location: Location, at: datetime) -> int:
    """The first second that can be booked: absolute time, the boundary included (E6).

    Where the day itself is only by phone, that is the first of tomorrow at the earliest.
    """
    own = variant.notice_minutes
    notice = location.notice_minutes if own is None else own
    first = ceil((at + timedelta(minutes=notice)).timestamp())
    if variant.same_day:
        return first
    today = local_day(location.timezone, seconds(at))
    return max(first, day_bounds(location.timezone, today)[1])


def first_day(variant: ServiceVariant, location: Location, at: datetime) -> date:
    """Today, or the variant's own first day where that is later (E7)."""
    today = local_day(location.timezone, seconds(at))
    return max(today, variant.bookable_from or today)


def last_day(variant: ServiceVariant, location: Location, at: datetime) -> date:
    """The last local day the diary is open: N days from today, whole, or its own last (E7)."""
    last = local_day(location.timezone, seconds(at)) + timedelta(days=variant.horizon_days)
    return min(last, variant.bookable_until or last)


def window(
    variant: ServiceVariant,
    location: Location,
    start: date,
    end: date,
    at: datetime,
    *,
    for_staff: bool,
) -> tuple[int, int]:
    """The starts on days from ``start`` to before ``end`` that can be booked at all."""
    zone = location.timezone
    last = end - ONE_DAY if start < end else start
    if start < end and not for_staff:
        last = min(last, last_day(variant, location, at))
        start = max(start, first_day(variant, location, at))
    if start > last or start >= end:
        return 0, 0
    low, high = day_bounds(zone, start)[0], day_bounds(zone, last)[1]
    return (low if for_staff else max(low, notice_ends(variant, location, at))), high


def reasons(
    variant: ServiceVariant,
    location: Location,
    starts_at: datetime,
    at: datetime,
    *,
    for_staff: bool,
) -> list[Reason]:
    """What stands against a start whoever gives the session (E6, E7, E9)."""
    found = []
    if not is_offered(variant, location, for_staff=for_staff):
        found.append(Reason.ELIGIBILITY)
    if for_staff:
        return found
    if starts_at.timestamp() < notice_ends(variant, location, at):
        found.append(Reason.NOTICE)
    second, zone = seconds(starts_at), location.timezone
    from_day, until = variant.bookable_from, last_day(variant, location, at)
    too_early = from_day is not None and second < day_bounds(zone, from_day)[0]
    if too_early or second >= day_bounds(zone, until)[1]:
        found.append(Reason.HORIZON)
    return found
