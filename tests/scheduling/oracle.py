"""The rules of scheduling once more, slowly: a second opinion for the engine.

Written from the rules (E1 to E9, E11 to E13, E20, E22, E24, B16, S2) and the rows' fields, and
from nothing that computes free times: no interval is ever merged or subtracted here. Time is a row
of minutes of UTC, each with what the clock on the wall shows in it, and a start is good when every
minute it needs is good. ``broken`` names every rule that a start breaks; nothing means free.

Moments of rows are whole minutes. Where the rules leave room, it was asked what the portal means
by them; those places say "taken as".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from accounts.models import User
from payments.models import ServiceVariant
from scheduling.models import (
    Booking,
    BusyTime,
    Closure,
    HoursException,
    Location,
    Room,
    Therapist,
    TherapistVariant,
    TimeOff,
    WorkingHours,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
Wall = tuple[date, int]  # what the clock shows: the day, and minutes since it showed 00:00


@lru_cache(maxsize=4096)
def walls_of(zone: str, utc_day: date) -> tuple[Wall, ...]:
    """What the clock shows in each of the 1440 minutes of a day of UTC."""
    start, clock = datetime.combine(utc_day, time.min, tzinfo=UTC), ZoneInfo(zone)
    shown = [(start + number * MINUTE).astimezone(clock) for number in range(1440)]
    return tuple((one.date(), one.hour * 60 + one.minute) for one in shown)


@lru_cache(maxsize=65536)
def as_utc(zone: str, day: date, starts: time, ends: time) -> tuple[datetime, datetime]:
    """A shift of a local day, by looking at the clock (E20). It starts in the first minute that
    shows its start and ends before the last that shows its end: of a time that comes twice a start
    is the first and an end the second. For a time that never comes it is the next one shown."""
    first = (day, minute_of_day(starts))
    last = (day, minute_of_day(ends)) if ends != time(0) else (day + DAY, 0)
    begin = next(minute for minute, shown in around(zone, day) if shown >= first)
    at_last = [minute for minute, shown in around(zone, day) if shown == last]
    after = (minute for minute, shown in around(zone, day) if shown > last)
    return begin, at_last[-1] if at_last else next(after)


@lru_cache(maxsize=256)
def around(zone: str, day: date) -> list[tuple[datetime, Wall]]:
    """The minutes of a local day and more on either side, with what the clock shows."""
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    near = minutes_from(noon - 3 * DAY / 2, noon + 3 * DAY / 2)
    return [(minute, wall(zone, minute)) for minute in near]


@lru_cache(maxsize=256)
def multiples(zone: str, day: date, step: int) -> list[datetime]:
    """The minutes of a local day at which the clock shows a multiple of the step (E5)."""
    return [minute for minute, (on, shown) in around(zone, day) if on == day and shown % step == 0]


def wall(zone: str, moment: datetime) -> Wall:
    moment = moment.astimezone(UTC)
    return walls_of(zone, moment.date())[moment.hour * 60 + moment.minute]


def minutes_from(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def minute_of_day(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def meet(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Whether two half-open stretches share a moment."""
    return one[0] < other[1] and other[0] < one[1]


@dataclass(frozen=True)
class Wish:
    therapist: Therapist
    variant: ServiceVariant
    location: Location
    starts_at: datetime
    at: datetime
    runner: User | None = None
    for_staff: bool = False


class Oracle:
    """Every row there is, read once and looked at row by row."""

    def __init__(self) -> None:
        self.bookings = list(Booking.objects.select_related("variant", "location", "room"))
        self.closures = list(Closure.objects.all())
        self.exceptions = list(HoursException.objects.all())
        self.shifts = list(WorkingHours.objects.all())
        self.time_off = list(TimeOff.objects.all())
        self.busy = list(BusyTime.objects.select_related("calendar"))
        self.gives = list(TherapistVariant.objects.select_related("variant__service"))
        self.rooms = list(Room.objects.prefetch_related("variants"))
        self._fits = {room.pk: {one.pk for one in room.variants.all()} for room in self.rooms}
        self._live_at: dict[datetime, list[Booking]] = {}
        self._known: dict[tuple[int, int, datetime], bool] = {}

    # What is asked

    def free(self, wish: Wish) -> bool:
        return not any(True for _ in self._broken(wish))

    def broken(self, wish: Wish) -> frozenset[str]:
        """The code of every rule that the wish breaks."""
        return frozenset(self._broken(wish))

    def starts(self, wish: Wish, first: date, last: date) -> list[datetime]:
        """Every free minute of the location's days up to and with the last that is a start people
        are shown: staff may type any minute, but are shown the same grid (E5)."""
        zone, step = wish.location.timezone, wish.variant.increment_minutes
        days = [first + number * DAY for number in range((last - first).days + 1)]
        shown = {minute for day in days for minute in multiples(zone, day, step)}
        shown |= {minute for minute in self._frees(wish) if wall(zone, minute)[0] in days}
        return [minute for minute in sorted(shown) if self.free(replace(wish, starts_at=minute))]

    def _broken(self, wish: Wish) -> Iterator[str]:
        yield from self._eligibility(wish)
        yield from self._asking(wish)
        yield from self._taken(wish)
        yield from self._opening(wish)
        yield from self._load(wish)
        yield from self._asker(wish)
        if not wish.for_staff and self._leaves_a_small_gap(wish):
            yield "grid"

    def session_of(self, wish: Wish) -> tuple[datetime, datetime]:
        """Start and end; a therapist may give a variant at a length of her own (S2)."""
        lengths = [
            one.duration_minutes
            for one in self.gives
            if one.therapist_id == wish.therapist.pk and one.variant_id == wish.variant.pk
        ]
        own = lengths[0] if lengths else None
        return wish.starts_at, wish.starts_at + (own or wish.variant.duration_minutes) * MINUTE

    def occupied_by(self, wish: Wish) -> tuple[datetime, datetime]:
        """The session and its turnaround (E4)."""
        start, end = self.session_of(wish)
        return start, end + wish.variant.turnaround_minutes * MINUTE

    # E9, E24

    def _eligibility(self, wish: Wish) -> Iterator[str]:
        variant, therapist = wish.variant, wish.therapist
        allowed = (
            variant.is_active
            and variant.service.is_active
            and wish.location.is_active
            and therapist.is_active
            and any(
                one.therapist_id == therapist.pk and one.variant_id == variant.pk
                for one in self.gives
            )
        )
        if not wish.for_staff:
            allowed = allowed and variant.is_bookable_online and therapist.is_bookable_online
        if not (allowed and self._welcomes(wish)):
            yield "eligibility"

    def _welcomes(self, wish: Wish) -> bool:
        """E24. Who is not known yet may look at everything."""
        if wish.runner is None or wish.variant.audience == ServiceVariant.Audience.EVERYONE:
            return True
        been_here = any(
            one.runner_id == wish.runner.pk and one.state == "completed" for one in self.bookings
        )
        return been_here == (wish.variant.audience == ServiceVariant.Audience.RETURNING)

    # E5, E6, E7

    def _asking(self, wish: Wish) -> Iterator[str]:
        if wish.for_staff:
            return
        variant, location = wish.variant, wish.location
        day, _ = wall(location.timezone, wish.starts_at)
        today, _ = wall(location.timezone, wish.at)
        notice = variant.notice_minutes
        notice = location.notice_minutes if notice is None else notice
        if wish.starts_at < wish.at + notice * MINUTE or (not variant.same_day and day == today):
            yield "notice"
        if (
            day > today + variant.horizon_days * DAY
            or (variant.bookable_from and day < variant.bookable_from)
            or (variant.bookable_until and day > variant.bookable_until)
        ):
            yield "horizon"
        grid = multiples(location.timezone, day, variant.increment_minutes)
        if wish.starts_at not in grid and wish.starts_at not in self._frees(wish):
            yield "grid"

    def _frees(self, wish: Wish) -> set[datetime]:
        """E5's first option: moments that free the therapist. Taken as: those of sessions, as a
        hold may come to nothing."""
        return {
            one.frees_at
            for one in self._live(wish.at)
            if wish.location.offers_back_to_back
            and one.therapist_id == wish.therapist.pk
            and one.state != "held"
        }

    def _leaves_a_small_gap(self, wish: Wish) -> bool:
        """E5's second option. Taken as: the gap before counts from the first moment of the free
        stretch at which a session may start, the one after from the end of the turnaround; a
        stretch with no room for a second session is not judged."""
        shortest = self._shortest_of(wish.therapist)
        if not wish.location.avoids_small_gaps or not shortest:
            return False
        start, end = self.occupied_by(wish)
        if not self._is_idle(wish, start):
            return False
        low = high = start
        while self._is_idle(wish, low - MINUTE):
            low -= MINUTE
        while self._is_idle(wish, high):
            high += MINUTE
        first = next(minute for minute in minutes_from(low, high) if self._is_start(wish, minute))
        if high - first < (end - start) + shortest:
            return False
        nothing = timedelta(0)
        return nothing < start - first < shortest or nothing < high - end < shortest

    def _is_start(self, wish: Wish, minute: datetime) -> bool:
        zone = wish.location.timezone
        grid = multiples(zone, wall(zone, minute)[0], wish.variant.increment_minutes)
        return minute == wish.starts_at or minute in grid or minute in self._frees(wish)

    def _shortest_of(self, therapist: Therapist) -> timedelta | None:
        lengths = [
            (one.duration_minutes or one.variant.duration_minutes) * MINUTE
            for one in self.gives
            if one.therapist_id == therapist.pk
            and one.variant.is_active
            and one.variant.service.is_active
        ]
        return min(lengths, default=None)

    def _is_idle(self, wish: Wish, minute: datetime) -> bool:
        """Whether the therapist is there and with nobody, nor on the way."""
        it = (minute, minute + MINUTE)
        mine = [one for one in self._live(wish.at) if one.therapist_id == wish.therapist.pk]
        return (
            self._works(wish.therapist, wish.location, minute)
            and not self._is_closed(wish.location, minute)
            and not any(
                meet(it, (one.starts_at, one.ends_at))
                for one in self.time_off
                if one.therapist_id == wish.therapist.pk
            )
            and not any(meet(it, stretch) for stretch in self._busy_of(wish.therapist))
            and not any(meet(it, (one.starts_at, one.frees_at)) for one in mine)
            and not any(meet(it, way) for way in self._ways(wish))
        )

    # E2, E3, E20

    def _opening(self, wish: Wish) -> Iterator[str]:
        session = self.session_of(wish)
        minutes = list(minutes_from(*session))
        if any(self._is_closed(wish.location, minute) for minute in minutes):
            yield "closed"
        away = (one for one in self.time_off if one.therapist_id == wish.therapist.pk)
        if any(meet(session, (one.starts_at, one.ends_at)) for one in away):
            yield "time_off"
        if not all(self._works(wish.therapist, wish.location, minute) for minute in minutes):
            yield "outside_hours"
        if any(meet(session, stretch) for stretch in self._busy_of(wish.therapist)):
            yield "busy"

    def _is_closed(self, location: Location, minute: datetime) -> bool:
        return any(
            one.location_id == location.pk
            and one.starts_on <= wall(location.timezone, minute)[0] <= one.ends_on
            for one in self.closures
        )

    def _busy_of(self, therapist: Therapist) -> list[tuple[datetime, datetime]]:
        """E22: imported calendars that are in use."""
        return [
            (one.starts_at, one.ends_at)
            for one in self.busy
            if one.calendar.therapist_id == therapist.pk and one.calendar.is_active
        ]

    def _works(self, therapist: Therapist, location: Location, minute: datetime) -> bool:
        """Whether a shift covers the minute: one of that day, or of a day beside it where the
        clock went back over midnight."""
        key = (therapist.pk, location.pk, minute)
        if key not in self._known:
            day, _ = wall(location.timezone, minute)
            self._known[key] = any(
                as_utc(location.timezone, near, starts, ends)[0] <= minute
                and minute < as_utc(location.timezone, near, starts, ends)[1]
                for near in (day - DAY, day, day + DAY)
                for starts, ends in self._rules_of(therapist, location, near)
            )
        return self._known[key]

    def _rules_of(
        self, therapist: Therapist, location: Location, day: date
    ) -> list[tuple[time, time]]:
        """Other hours of the day replace the weekly ones (E3)."""
        here = (therapist.pk, location.pk)
        others = [
            one
            for one in self.exceptions
            if (one.therapist_id, one.location_id) == here and one.starts_on <= day <= one.ends_on
        ]
        if others:
            return [(one.starts, one.ends) for one in others if one.is_open]
        return [
            (one.starts, one.ends)
            for one in self.shifts
            if (one.therapist_id, one.location_id) == here
            and one.weekday == day.isoweekday()
            and one.valid_from <= day
            and (one.valid_to is None or day <= one.valid_to)
        ]

    # E1, E4, E11, E13

    def _taken(self, wish: Wish) -> Iterator[str]:
        session, occupied = self.session_of(wish), self.occupied_by(wish)
        for other in self._live(wish.at):
            if other.therapist_id != wish.therapist.pk:
                continue
            if not meet(occupied, (other.starts_at, other.frees_at)):
                continue
            if not meet(session, (other.starts_at, other.ends_at)):
                yield "turnaround"
            else:
                yield "hold" if other.state == "held" else "overlap"
        if any(meet(session, way) for way in self._ways(wish)):
            yield "travel"
        if not any(self._is_room_free(room, wish) for room in self.rooms):
            # Taken as: a room that is merely being cleaned is too close, not taken.
            yield "room"
            yield "turnaround"

    def _ways(self, wish: Wish) -> list[tuple[datetime, datetime]]:
        """E12: sessions at other places with the way there and back. Taken as: the larger of the
        two places' travel times, beside the turnaround."""
        return [
            (one.starts_at - way, one.ends_at + way)
            for one in self._live(wish.at)
            if one.therapist_id == wish.therapist.pk and one.location_id != wish.location.pk
            for way in [max(one.location.travel_minutes, wish.location.travel_minutes) * MINUTE]
        ]

    # E8

    def _load(self, wish: Wish) -> Iterator[str]:
        """Taken as: counted at all places, by the day on which a session starts there."""
        person, zone = wish.therapist, wish.location.timezone
        start, end = self.session_of(wish)
        mine = [one for one in self._live(wish.at) if one.therapist_id == person.pk]
        today = wall(zone, start)[0]
        todays = [one for one in mine if wall(zone, one.starts_at)[0] == today]
        worked = sum((one.ends_at - one.starts_at for one in todays), end - start)
        most = person.most_minutes_a_day
        if (
            person.most_sessions_a_day is not None and len(todays) >= person.most_sessions_a_day
        ) or (most is not None and worked > most * MINUTE):
            yield "cap_day"
        if person.most_minutes_in_a_row is not None:
            in_a_row = self._in_a_row(person, mine, start, end)
            if in_a_row > person.most_minutes_in_a_row * MINUTE:
                yield "cap_run"

    def _in_a_row(
        self, person: Therapist, mine: list[Booking], start: datetime, end: datetime
    ) -> timedelta:
        """The work of the run of sessions that the new one is part of: from it to either side as
        long as the next session is less than a break away."""
        run, rest = [(start, end)], person.break_minutes * MINUTE
        others = [(one.starts_at, one.ends_at) for one in mine]
        while True:
            near = [
                one
                for one in others
                if any(one[0] - other[1] < rest and other[0] - one[1] < rest for other in run)
            ]
            if not near:
                return sum((one[1] - one[0] for one in run), timedelta(0))
            run += near
            others = [one for one in others if one not in near]

    # B16, and E9's intake

    def _asker(self, wish: Wish) -> Iterator[str]:
        if wish.runner is None:
            return
        if wish.runner.runner_profile.must_call:
            yield "intake"
        location, session = wish.location, self.session_of(wish)
        hers = [one for one in self._live(wish.at) if one.runner_id == wish.runner.pk]
        # Taken as: her hold for the same service goes when she takes another (E13).
        counted = [
            one
            for one in hers
            if one.state != "held" or one.variant.service_id != wish.variant.service_id
        ]
        to_come = [one for one in counted if one.ends_at > wish.at]
        today = wall(location.timezone, wish.starts_at)[0]
        todays = [one for one in counted if wall(location.timezone, one.starts_at)[0] == today]
        if (
            any(meet(session, (one.starts_at, one.ends_at)) for one in hers)
            or (location.most_open_bookings or len(hers) + 1) <= len(to_come)
            or (location.most_bookings_a_day or len(hers) + 1) <= len(todays)
        ):
            yield "runner_limit"

    def _is_room_free(self, room: Room, wish: Wish) -> bool:
        return (
            room.is_active
            and room.location_id == wish.location.pk
            and (not self._fits[room.pk] or wish.variant.pk in self._fits[room.pk])
            and not any(
                other.room_id == room.pk
                and meet(self.occupied_by(wish), (other.starts_at, other.frees_at))
                for other in self._live(wish.at)
            )
        )

    def _live(self, at: datetime) -> list[Booking]:
        """What occupies: a hold only until it runs out (E13)."""
        if at not in self._live_at:
            self._live_at[at] = [
                one
                for one in self.bookings
                if one.state in ("confirmed", "checked_in")
                or (one.state == "held" and one.hold_expires_at > at)
            ]
        return self._live_at[at]
