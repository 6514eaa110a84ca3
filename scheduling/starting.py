"""At which moments sessions start (E5): the grid, and a place's two options.

``offers_back_to_back``: also the moment a booked session frees its therapist, off the grid. A
hold offers none, because it may never become a session.

``avoids_small_gaps``: no start that leaves its therapist a gap too short for the shortest session
they give. The gap before is counted from the first moment of the free stretch at which a session
may start, because what comes before that was lost already; the one after, from the end of the
turnaround. A stretch that holds no second session whatever is chosen is not judged, so the
option never takes the last session of a stretch away.

None of this binds staff.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from scheduling.intervals import Intervals, grid, minus
from scheduling.world import Person, World

Stretch = tuple[int, int, int]  # from, first moment to start at, to


def starts_within(world: World, person: Person, allowed: Intervals) -> list[int]:
    """The moments of the allowed stretches at which a session may start, in order."""
    zone, step = world.location.timezone, world.variant.increment_minutes
    frees = back_to_back(world, person)
    found: list[int] = []
    for start, end in allowed:
        inside = grid(zone, start, end, step)
        own = frees[bisect_left(frees, start) : bisect_left(frees, end)]
        found.extend(sorted({*inside, *own}) if own else inside)
    return found


def is_a_start(world: World, person: Person, second: int) -> bool:
    """Whether sessions start then at all."""
    zone, step = world.location.timezone, world.variant.increment_minutes
    return bool(grid(zone, second, second + 1, step)) or second in back_to_back(world, person)


def back_to_back(world: World, person: Person) -> list[int]:
    if not world.location.offers_back_to_back:
        return []
    return sorted({one.frees for one in person.bookings if not one.is_hold})


def leaving_small_gaps(world: World, person: Person, starts: Iterable[int]) -> set[int]:
    """Of these starts, those the place would rather not offer."""
    if not world.location.avoids_small_gaps or not person.shortest:
        return set()
    stretches = _stretches(world, person)
    return {start for start in starts if _leaves_small_gap(stretches, person, start)}


def _stretches(world: World, person: Person) -> list[Stretch]:
    free = minus(world.open_hours(person), person.taken())
    return [(start, _first_start(world, person, start, end), end) for start, end in free]


def _first_start(world: World, person: Person, start: int, end: int) -> int:
    # Two steps reach the next grid moment also when clocks skip one.
    near = min(end, start + 2 * 60 * world.variant.increment_minutes + 2 * 3600)
    return next(iter(starts_within(world, person, [(start, near)])), end)


def _leaves_small_gap(stretches: Sequence[Stretch], person: Person, start: int) -> bool:
    at = bisect_right(stretches, start, key=lambda stretch: stretch[0]) - 1
    if at < 0 or start >= stretches[at][2]:
        return False  # not free at all, which another rule says
    _, first, end = stretches[at]
    if end - first < person.occupies + person.shortest:
        return False
    before, after = start - first, end - (start + person.occupies)
    return 0 < before < person.shortest or 0 < after < person.shortest
