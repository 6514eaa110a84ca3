"""Filling a world from the database in a handful of queries (E27).

However many therapists and days are asked about: therapists, rooms, shifts, exceptions, closures,
time away, live bookings; locations where somebody works at more than one; two for the runner who
asks. Never more than ten, and none for a therapist or a day.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    FilteredRelation,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce

from accounts.models import User
from payments.models import ServiceVariant
from scheduling import hours, runners
from scheduling.intervals import instant, local_day, merged
from scheduling.models import Booking, Location, Room, Therapist, TherapistVariant
from scheduling.reasons import Reason
from scheduling.world import LONGEST, Limits, Occupied, Person, Space, World

ONE_DAY = timedelta(days=1)


class Epoch(Func):
    """A moment as whole seconds, so that rows need not become datetimes and back again."""

    output_field = BigIntegerField()

    @property
    def convert_value(self) -> Any:
        """As it comes: both engines answer with an integer."""
        return BaseExpression._convert_value_noop  # type: ignore[attr-defined]

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler,
            connection,
            template="CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)",
            **context,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(
            compiler,
            connection,
            template="CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS bigint)",
            **context,
        )


def load(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    low: int,
    high: int,
    at: datetime,
    ignoring: tuple[int, ...] = (),
    for_staff: bool = False,
    forgive: frozenset[Reason] = frozenset(),
    runner: User | None = None,
) -> World:
    """Read what decides about starts within ``[low, high)`` seconds."""
    people = _people(variant, location, therapist, for_staff, Reason.ELIGIBILITY in forgive)
    spaces = _spaces(variant, location)
    world = World(
        variant=variant,
        location=location,
        low=low,
        high=high,
        people=tuple(people.values()),
        spaces=tuple(spaces.values()),
        closed=[],
        asker=runners.asker(runner, variant=variant, low=low, at=at, ignoring=ignoring)
        if runner is not None
        else None,
        for_staff=for_staff,
    )
    if not people:
        return world
    # A day before and after: shifts that meet at midnight are one shift (E2), and runs (E8) and
    # gaps (E5) begin before the first start asked about.
    zone = location.timezone
    first, last = local_day(zone, low) - ONE_DAY, local_day(zone, high) + 2 * ONE_DAY
    hours.add_hours(people, location, first, last)
    world.closed.extend(hours.closed(location, first, last))
    margin = int(LONGEST.total_seconds())
    hours.add_time_off(people, low - margin, high + margin)
    rows = live_rows(low - margin, high + margin, at)
    _add_bookings(people, spaces, world, rows, ignoring)
    return world


def _people(
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    for_staff: bool,
    whoever: bool,
) -> dict[int, Person]:
    """Who is eligible (E9). A hidden therapist is never found by "anyone".

    Staff who name somebody hear the other reasons too when that person does not give the session.
    """
    found = Therapist.objects.filter(is_active=True)
    if not for_staff:
        found = found.bookable_online()
    if therapist is not None:
        found = found.filter(pk=therapist.pk)
    found = found.annotate(
        given=FilteredRelation("variants_given", condition=Q(variants_given__variant=variant))
    )
    if therapist is None or not (for_staff or whoever):
        found = found.filter(**{"given__isnull": False})
    shortest = Subquery(_shortest_given()) if location.avoids_small_gaps else Value(0)
    rows = found.order_by("pk").values_list(
        "pk",
        "code",
        "name",
        "given__pk",
        "given__duration_minutes",
        "given__price_minor",
        "most_sessions_a_day",
        "most_minutes_a_day",
        "most_minutes_in_a_row",
        "break_minutes",
        shortest,
    )
    return {row[0]: _person(variant, *row) for row in rows}


def _person(
    variant: ServiceVariant,
    pk: int,
    code: str,
    name: str,
    given: int | None,
    minutes: int | None,
    price_minor: int | None,
    sessions: int | None,
    day_minutes: int | None,
    row_minutes: int | None,
    break_minutes: int,
    shortest: int | None,
) -> Person:
    """Somebody with their own length and price of the session, where they have one (S2)."""
    limits = Limits(
        sessions_a_day=sessions,
        hands_on_a_day=None if day_minutes is None else day_minutes * 60,
        hands_on_in_a_row=None if row_minutes is None else row_minutes * 60,
        rest=break_minutes * 60,
    )
    return Person(
        pk,
        code,
        name,
        duration=(minutes or variant.duration_minutes) * 60,
        turnaround=variant.turnaround_minutes * 60,
        price_minor=variant.price_minor if price_minor is None else price_minor,
        gives=given is not None,
        limits=limits,
        shortest=(shortest or 0) * 60,
    )


def _shortest_given() -> QuerySet[TherapistVariant, Any]:
    """The length of the shortest active session a therapist gives (E5)."""
    length = Coalesce("duration_minutes", "variant__duration_minutes")
    return (
        TherapistVariant.objects.filter(
            therapist=OuterRef("pk"), variant__is_active=True, variant__service__is_active=True
        )
        .order_by()
        .values("therapist")
        .annotate(shortest=Min(length))
        .values("shortest")
    )


def _spaces(variant: ServiceVariant, location: Location) -> dict[int, Space]:
    rooms = Room.objects.filter(location=location, is_active=True).annotate(
        kinds=Count("variants"), fits=Count("variants", filter=Q(variants=variant))
    )
    fitting = [room for room in rooms.order_by("pk") if room.fits or not room.kinds]
    fitting.sort(key=lambda room: (room.kinds or float("inf"), room.position, room.pk))
    return {room.pk: Space(room.pk) for room in fitting}


def live_rows(low: int, high: int, at: datetime) -> QuerySet[Booking, Any]:
    """Live bookings that start within ``[low, high)`` seconds: one range of one index (E27).

    Nothing else is asked of the database. With a place or a list of therapists in the question
    it may walk their whole history instead, and most of what lies in the range is wanted anyway.
    A hold that has run out stands in nobody's way, whether it has been released or not (E13).
    """
    return (
        Booking.objects.live_at(at)
        .filter(starts_at__gte=instant(low), starts_at__lt=instant(high))
        .order_by()
        .values_list(
            "pk",
            "therapist_id",
            "room_id",
            "location_id",
            "state",
            Epoch("starts_at"),
            Epoch("ends_at"),
            Epoch("frees_at"),
        )
    )


def _add_bookings(
    people: dict[int, Person],
    spaces: dict[int, Space],
    world: World,
    rows: QuerySet[Booking, Any],
    ignoring: tuple[int, ...],
) -> None:
    here = world.location.pk
    elsewhere: list[tuple[Person, int, int, int]] = []
    for pk, therapist, room, location, state, starts, ends, frees in rows:
        if pk in ignoring:
            continue
        person, space = people.get(therapist), spaces.get(room)
        if person is None and space is None:
            continue
        one = Occupied(starts, ends, frees, state == "held")
        if person is not None:
            person.bookings.append(one)
            if location != here:
                elsewhere.append((person, location, starts, ends))
        if space is not None:
            space.bookings.append(one)
    if elsewhere:
        _add_trips(world, elsewhere)


def _add_trips(world: World, elsewhere: list[tuple[Person, int, int, int]]) -> None:
    """Sessions at other places with the way there and back (E12).

    Between two places it takes the larger of their travel times. The way begins when the session
    ends and runs beside its turnaround: whichever is longer keeps the two sessions apart.
    """
    minutes = dict(Location.objects.values_list("pk", "travel_minutes"))
    trips: dict[int, tuple[Person, list[tuple[int, int]]]] = {}
    for person, location, starts, ends in elsewhere:
        way = max(minutes[location], minutes[world.location.pk]) * 60
        if way:
            trips.setdefault(person.pk, (person, []))[1].append((starts - way, ends + way))
    for person, ways in trips.values():
        person.trips = merged(ways)
