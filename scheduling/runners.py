"""What a runner may book: intake, first visits, and how much at once (E9, E24, B16).

These rules need to know who asks. A list for everybody does not apply them; a claim always does.
Two queries, whatever her history: hers are few that are still live.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from accounts.models import TalkFirst, User
from payments.models import ServiceVariant
from scheduling.intervals import (
    Interval,
    Intervals,
    day_bounds,
    instant,
    local_day,
    meets,
    merged,
    seconds,
)
from scheduling.models import Booking, Location
from scheduling.reasons import Reason

State = Booking.State
Audience = ServiceVariant.Audience
A_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asker:
    """What the rules know of the runner who asks.

    ``must_call`` is the practice's wish (E9) or her answers' (G4): the rules tell them not apart.
    ``sessions`` are her live ones as seconds, without turnaround; ``counted`` the starts of
    those that count against her limits, and ``to_come`` how many of them are not over.
    """

    must_call: bool
    has_been_here: bool
    sessions: Intervals
    counted: tuple[int, ...]
    to_come: int


def asker(
    runner: User, *, variant: ServiceVariant, low: int, at: datetime, ignoring: tuple[int, ...] = ()
) -> Asker:
    """Read what decides about starts from ``low`` on. What is being moved is not counted (B16).

    A hold of hers for the same service is not counted either: a new one takes its place (E13).
    It still keeps her from being in two places at once.
    """
    completed = Booking.objects.filter(runner=OuterRef("pk"), state=State.COMPLETED)
    talk = TalkFirst.objects.standing().filter(person=OuterRef("pk"))
    must_call, must_talk, been = (
        User.objects.filter(pk=runner.pk)
        .annotate(been=Exists(completed), must_talk=Exists(talk))
        .values_list("runner_profile__must_call", "must_talk", "been")
        .get()
    )
    since = min(instant(low), at) - A_DAY
    rows = (
        Booking.objects.of(runner)
        .live_at(at)
        .filter(starts_at__gte=since)
        .exclude(pk__in=ignoring)
        .order_by("starts_at")
        .values_list("starts_at", "ends_at", "state", "variant__service_id")
    )
    sessions, counted, to_come = [], [], 0
    for starts_at, ends_at, state, service in rows:
        sessions.append((seconds(starts_at), seconds(ends_at)))
        if state == State.HELD and service == variant.service_id:
            continue
        counted.append(seconds(starts_at))
        to_come += ends_at > at
    return Asker(
        bool(must_call or must_talk), bool(been), merged(sessions), tuple(counted), to_come
    )


def lock(runner: User) -> None:
    """Make her other claims wait, at whatever place: what we counted stays so (B16, I03).

    Taken before the wallet. Rows that name her may still be written meanwhile.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=runner.pk).values_list("pk"))


def refusals(booking: Booking, runner: User, at: datetime) -> list[Reason]:
    """What keeps her from making a held time her session, less what staff set aside on it.

    A time may be held before anybody knows for whom.
    """
    start, end = seconds(booking.starts_at), seconds(booking.ends_at)
    one = asker(runner, variant=booking.variant, low=start, at=at, ignoring=(booking.pk,))
    found = standing_reasons(one, booking.variant, booking.location)
    found += reasons_at(one, booking.location, start, end - start)
    return [reason for reason in found if reason not in booking.overrides]


def standing_reasons(one: Asker, variant: ServiceVariant, location: Location) -> list[Reason]:
    """What keeps her from booking this session at any time."""
    found = []
    if one.must_call:
        found.append(Reason.INTAKE)
    only_new = variant.audience == Audience.NEW and one.has_been_here
    only_known = variant.audience == Audience.RETURNING and not one.has_been_here
    if only_new or only_known:
        found.append(Reason.ELIGIBILITY)
    if location.most_open_bookings is not None and one.to_come >= location.most_open_bookings:
        found.append(Reason.RUNNER_LIMIT)
    return found


def standing_refusal(
    runner: User,
    *,
    variant: ServiceVariant,
    location: Location,
    at: datetime,
    ignoring: tuple[int, ...] = (),
) -> Reason | None:
    """Why she may not book this session there at any time; None when she may."""
    one = asker(runner, variant=variant, low=seconds(at), at=at, ignoring=ignoring)
    return next(iter(standing_reasons(one, variant, location)), None)


def is_elsewhere(one: Asker, second: int, duration: int) -> bool:
    """Whether she has another session then: nobody is in two at once (I03).

    It is her limit and not an overlap: hands and room are free, another runner may have them.
    """
    return meets(one.sessions, second, second + duration)


def has_full_day(one: Asker, location: Location, day: Interval) -> bool:
    """Whether she has as many sessions on a local day as the place keeps for one runner (B16)."""
    if location.most_bookings_a_day is None:
        return False
    todays = sum(day[0] <= start < day[1] for start in one.counted)
    return todays >= location.most_bookings_a_day


def reasons_at(one: Asker, location: Location, second: int, duration: int) -> list[Reason]:
    """What keeps her from starting just then."""
    day = day_bounds(location.timezone, local_day(location.timezone, second))
    refused = is_elsewhere(one, second, duration) or has_full_day(one, location, day)
    return [Reason.RUNNER_LIMIT] if refused else []


def refused_starts(
    one: Asker, location: Location, days: list[Interval], duration: int
) -> Intervals:
    """The starts on ``days`` that ``reasons_at`` refuses her."""
    full = [day for day in days if has_full_day(one, location, day)]
    return merged([*full, *((start - duration + 1, end) for start, end in one.sessions)])
