"""How much of their working time therapists spend with runners (docs/reports.md)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from scheduling import hours
from scheduling.intervals import local_day, minus
from scheduling.models import Location, Therapist
from scheduling.reports import Period, hands_on_minutes, rate
from scheduling.world import Person


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Whole minutes; in the sum code and name are empty.

    ``working`` are hours less closures and time off. ``booked`` may exceed it: a session given
    outside hours is work too.
    """

    therapist_code: str
    therapist_name: str
    booked_minutes: int
    working_minutes: int

    @property
    def rate(self) -> float | None:
        """Booked by working minutes; None for who has no hours."""
        return rate(self.booked_minutes, self.working_minutes)


@dataclass(frozen=True, slots=True)
class UtilisationReport:
    """A row for each therapist with hours or sessions in the period."""

    period: Period
    rows: tuple[Utilisation, ...]
    total: Utilisation


def utilisation(period: Period) -> UtilisationReport:
    """By therapist and in all; four queries, and three for each location."""
    places = period.places()
    booked = hands_on_minutes(period.sessions(places))
    people = _people(booked)
    working = _working_minutes(people, period, places)
    rows = tuple(
        Utilisation(person.code, person.name, booked.get(pk, 0), working[pk])
        for pk, person in people.items()
        if booked.get(pk) or working[pk]
    )
    total = Utilisation(
        "",
        "",
        sum(row.booked_minutes for row in rows),
        sum(row.working_minutes for row in rows),
    )
    return UtilisationReport(period, rows, total)


def _people(booked: dict[int, int]) -> dict[int, Person]:
    """Who works here, and who has left but has sessions in the period."""
    found = Therapist.objects.filter(Q(is_active=True) | Q(pk__in=list(booked)))
    rows = found.order_by("position", "name", "pk").values_list("pk", "code", "name")
    return {pk: Person(pk, code, name) for pk, code, name in rows}


def _working_minutes(
    people: dict[int, Person], period: Period, places: list[Location]
) -> dict[int, int]:
    bounds = {place.pk: period.bounds(place) for place in places}
    worked: dict[int, int] = defaultdict(int)
    widest = (
        min((low for low, _ in bounds.values()), default=0),
        max((high for _, high in bounds.values()), default=0),
    )
    if widest[0] >= widest[1]:
        return worked
    hours.add_time_off(people, *widest)
    for place in places:
        low, high = bounds[place.pk]
        first, last = local_day(place.timezone, low), local_day(place.timezone, high - 1)
        hours.add_hours(people, place, first, last)
        closed = hours.closed(place, first, last)
        for person in people.values():
            free = minus(minus(person.hours, closed), person.off)
            worked[person.pk] += sum(end - start for start, end in free)
    return defaultdict(int, {pk: total // 60 for pk, total in worked.items()})
