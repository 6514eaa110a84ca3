"""One start, judged therapist by therapist, with the reasons against it (E28)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduling import asking, caps, runners
from scheduling.intervals import day_bounds, holds, local_day, meets, seconds
from scheduling.models import Therapist
from scheduling.reasons import Reason
from scheduling.starting import is_a_start, leaving_small_gaps
from scheduling.world import Occupied, Person, World

ORDER = list(Reason)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one start and one therapist; no reasons means yes.

    ``minutes`` and ``price_minor`` are those of the session with that therapist (S2).
    """

    therapist_id: int | None
    therapist_code: str
    therapist_name: str
    reasons: tuple[Reason, ...]
    rooms: tuple[int, ...]  # free ones that fit, the one to take first (E11)
    hands_on_minutes: int
    minutes: int = 0
    price_minor: int = 0

    @property
    def is_free(self) -> bool:
        return not self.reasons


def verdicts_of(
    world: World,
    starts_at: datetime,
    at: datetime,
    *,
    therapist: Therapist | None,
    forgive: frozenset[Reason] = frozenset(),
) -> list[Verdict]:
    """A verdict for each therapist of the world; where there is nobody, one that says so (E9)."""
    of_all = asking.reasons(world.variant, world.location, starts_at, at, for_staff=world.for_staff)
    if world.asker is not None:
        of_all += runners.standing_reasons(world.asker, world.variant, world.location)
    if starts_at.microsecond:  # binds everybody: nothing in the diary is finer than a second
        of_all.append(Reason.GRID)
    if not world.people:
        code, name = (therapist.code, therapist.name) if therapist else ("", "")
        reasons = _in_order([Reason.ELIGIBILITY, *of_all])
        return [Verdict(None, code, name, reasons, (), 0)]
    second = seconds(starts_at)
    return [_verdict(world, person, second, of_all, forgive) for person in world.people]


def _verdict(
    world: World, person: Person, second: int, of_all: list[Reason], forgive: frozenset[Reason]
) -> Verdict:
    rooms, of_rooms = _rooms(world, person, second, Reason.TURNAROUND in forgive)
    reasons = [
        *of_all,
        *_reasons_of_person(world, person, second),
        *_hours_reasons(world, person, second),
        *_reasons_of_bookings(person, second),
        *of_rooms,
    ]
    day = day_bounds(world.location.timezone, local_day(world.location.timezone, second))
    if caps.is_full(person, day):
        reasons.append(Reason.CAP_DAY)
    return Verdict(
        therapist_id=person.pk,
        therapist_code=person.code,
        therapist_name=person.name,
        reasons=_in_order(reasons),
        rooms=rooms,
        hands_on_minutes=person.hands_on_minutes(day),
        minutes=person.duration // 60,
        price_minor=person.price_minor,
    )


def _in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(set(reasons), key=ORDER.index))


def _reasons_of_person(world: World, person: Person, second: int) -> list[Reason]:
    """Who does not give it (E9), when they start (E5), what they can take (E8), and the runner."""
    found = []
    if not person.gives:
        found.append(Reason.ELIGIBILITY)
    if not world.for_staff and (
        not is_a_start(world, person, second) or leaving_small_gaps(world, person, [second])
    ):
        found.append(Reason.GRID)
    if caps.runs_too_long(person, [second]):
        found.append(Reason.CAP_RUN)
    if world.asker is not None:
        found += runners.reasons_at(world.asker, world.location, second, person.duration)
    return found


def _hours_reasons(world: World, person: Person, second: int) -> list[Reason]:
    """E2, E3 and E22: each rule that stands against it, so that staff see all they set aside."""
    end = second + person.duration
    if holds(world.open_hours(person), second, end):
        return []
    found = []
    if meets(world.closed, second, end):
        found.append(Reason.CLOSED)
    if meets(person.off, second, end):
        found.append(Reason.TIME_OFF)
    if meets(person.busy, second, end):
        found.append(Reason.BUSY)
    if not holds(person.hours, second, end):
        found.append(Reason.OUTSIDE_HOURS)
    return found


def _reasons_of_bookings(person: Person, second: int) -> list[Reason]:
    """E1, and whether it is the session, its turnaround (E4), somebody's hold (E13) or the way
    to or from another place (E12)."""
    reason = _clash(person.bookings, second, person)
    on_the_way = meets(person.trips, second, second + person.duration)
    if on_the_way and reason in (None, Reason.TURNAROUND):
        return [Reason.TRAVEL] if reason is None else [reason, Reason.TRAVEL]
    return [reason] if reason else []


def _clash(bookings: Iterable[Occupied], second: int, person: Person) -> Reason | None:
    """What stands in the way of a period; a session itself weighs more than its turnaround."""
    end, session_end = second + person.occupies, second + person.duration
    in_way = [one for one in bookings if one.starts < end and second < one.frees]
    if not in_way:
        return None
    sessions = [one for one in in_way if one.starts < session_end and second < one.ends]
    if not sessions:
        return Reason.TURNAROUND
    return Reason.HOLD if all(one.is_hold for one in sessions) else Reason.OVERLAP


def _rooms(
    world: World, person: Person, second: int, forgiven: bool
) -> tuple[tuple[int, ...], list[Reason]]:
    """The rooms to take (E11), and why none is free.

    A room that is only being cleaned is no physical obstacle: it counts as too close (E4), and
    with that forgiven it may be taken.
    """
    clashes = {space.pk: _clash(space.bookings, second, person) for space in world.spaces}
    free = tuple(pk for pk, reason in clashes.items() if reason is None)
    if free:
        return free, []
    cleaned = tuple(pk for pk, reason in clashes.items() if reason is Reason.TURNAROUND)
    if cleaned:
        return cleaned if forgiven else (), [Reason.TURNAROUND]
    return (), [Reason.ROOM]
