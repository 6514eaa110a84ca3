"""What the diary comes to over some days: sessions, attendance, lead times (docs/reports.md).

Utilisation is in ``scheduling/utilisation.py``. Each report is read once and holds rows and their
sum; a page and a file show the same rows. Rates are None where there is nothing to divide by.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Self

from django.db.models import Count, DurationField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from scheduling.intervals import day_bounds, instant
from scheduling.models import Booking, BookingChange, Location
from scheduling.models.bookings import NOT_YET_ANYBODYS, BookingQuerySet

State = Booking.State
MOST_DAYS = 366  # what one report may span
KEPT = (State.CHECKED_IN, State.COMPLETED)  # she came
GIVEN = (State.CONFIRMED, *KEPT)  # hands-on time, done or still to come
PLACED = (*GIVEN, State.NO_SHOW)  # kept their time to the end
CALLED_OFF = (State.CANCELLED_ONTIME, State.CANCELLED_CLINIC)


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from ``start`` to before ``end``, at one location or (None) at all of them.

    Each location's days are those of its own clocks. A session belongs to the day it starts on.
    """

    start: date
    end: date
    location: Location | None = None

    def places(self) -> list[Location]:
        return [self.location] if self.location else list(Location.objects.all())

    def bounds(self, location: Location) -> tuple[int, int]:
        """Its first second there and the first after it; empty when it has no day."""
        if self.start >= self.end:
            return 0, 0
        zone = location.timezone
        return (
            day_bounds(zone, self.start)[0],
            day_bounds(zone, self.end - timedelta(days=1))[1],
        )

    def sessions(self, places: Iterable[Location] | None = None) -> BookingQuerySet:
        """Somebody's sessions that start in it, whatever became of them; never a hold."""
        within = Q(pk__in=[])
        for place in self.places() if places is None else places:
            low, high = self.bounds(place)
            within |= Q(location=place, starts_at__gte=instant(low), starts_at__lt=instant(high))
        return Booking.objects.filter(within).exclude(state__in=NOT_YET_ANYBODYS).order_by()


def rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Attendance:
    """How sessions ended, in numbers. Waived ones are among the no-shows and the late ones.

    ``open`` are booked and not marked yet. In the sum code and name are empty.
    """

    therapist_code: str = ""
    therapist_name: str = ""
    open: int = 0
    kept: int = 0
    no_shows: int = 0
    no_shows_waived: int = 0
    late: int = 0
    late_waived: int = 0
    in_time: int = 0
    by_us: int = 0

    @property
    def no_show_rate(self) -> float | None:
        """Of the sessions somebody was expected at, those nobody came to."""
        return rate(self.no_shows, self.kept + self.no_shows)

    @property
    def late_rate(self) -> float | None:
        """Of those and the ones cancelled late, the ones cancelled late."""
        return rate(self.late, self.kept + self.no_shows + self.late)


@dataclass(frozen=True, slots=True)
class AttendanceReport:
    """No-shows and late cancellations, apart from each other (B8); a row a therapist."""

    period: Period
    rows: tuple[Attendance, ...]
    total: Attendance


@dataclass(frozen=True, slots=True)
class LeadTime:
    """How long before their start sessions were booked, in whole minutes; None for no sessions.

    ``quarter`` of them were booked no further ahead than that, and so on (nearest rank). A
    session entered after it began counts as nothing ahead. In the sum code and name are empty.
    """

    variant_code: str
    variant_name: str
    sessions: int
    shortest: int | None = None
    quarter: int | None = None
    median: int | None = None
    three_quarters: int | None = None
    longest: int | None = None

    @classmethod
    def of(cls, code: str, name: str, minutes: list[int]) -> Self:
        if not minutes:
            return cls(code, name, 0)
        ordered = sorted(minutes)

        def rank(share: float) -> int:
            return ordered[ceil(share * len(ordered)) - 1]

        return cls(
            code, name, len(ordered), ordered[0], rank(0.25), rank(0.5), rank(0.75), ordered[-1]
        )


@dataclass(frozen=True, slots=True)
class LeadReport:
    """A row a session on offer."""

    period: Period
    rows: tuple[LeadTime, ...]
    total: LeadTime


@dataclass(frozen=True, slots=True)
class SessionCount:
    """Sessions of one kind with one therapist. ``minutes`` are hands-on, to come and done."""

    therapist_code: str = ""
    therapist_name: str = ""
    service_name: str = ""
    variant_code: str = ""
    variant_name: str = ""
    to_come: int = 0
    done: int = 0
    no_shows: int = 0
    late: int = 0
    called_off: int = 0  # in time, or by us
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class SessionsReport:
    """A row for each therapist and session that met in the period."""

    period: Period
    rows: tuple[SessionCount, ...]
    total: SessionCount


def attendance(period: Period) -> AttendanceReport:
    """No-shows and late cancellations by therapist; two queries, one for a single location."""
    waived = BookingChange.objects.filter(booking=OuterRef("pk"), details__waived=True)
    counted = (
        period.sessions()
        .annotate(is_waived=Exists(waived))
        .values_list("therapist__code", "therapist__name", "state", "is_waived")
        .annotate(number=Count("pk"))
        .order_by("therapist__position", "therapist__name", "therapist__code")
    )
    found: dict[tuple[str, str], list[tuple[str, bool, int]]] = defaultdict(list)
    for code, name, state, is_waived, number in counted:
        found[code, name].append((state, bool(is_waived), number))
    every = [one for counts in found.values() for one in counts]
    return AttendanceReport(
        period,
        tuple(_attended(code, name, counts) for (code, name), counts in found.items()),
        _attended("", "", every),
    )


def lead_times(period: Period) -> LeadReport:
    """How far ahead people book; the sessions that kept their time, at most two queries."""
    rows = (
        period.sessions()
        .filter(state__in=PLACED)
        .order_by(*_OF_VARIANT)
        .values_list(
            "variant__code",
            "variant__service__name",
            "variant__duration_minutes",
            "booked_at",
            "starts_at",
        )
    )
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for code, service, duration, booked_at, starts_at in rows.iterator():
        if booked_at is not None:  # the database sees to it
            ahead = int((starts_at - booked_at).total_seconds()) // 60
            found[code, _variant_name(service, duration)].append(max(0, ahead))
    every = [minutes for found_minutes in found.values() for minutes in found_minutes]
    return LeadReport(
        period,
        tuple(LeadTime.of(code, name, minutes) for (code, name), minutes in found.items()),
        LeadTime.of("", "", every),
    )


def sessions(period: Period) -> SessionsReport:
    """Sessions by therapist and by what they were; at most two queries."""
    counted = (
        period.sessions()
        .order_by("therapist__position", "therapist__name", "therapist__code", *_OF_VARIANT)
        .values_list(
            "therapist__code",
            "therapist__name",
            "variant__service__name",
            "variant__code",
            "variant__duration_minutes",
            "state",
        )
        .annotate(number=Count("pk"), lasted=_LASTED)
    )
    found: dict[tuple[str, str, str, str, str], list[tuple[str, int, int]]] = defaultdict(list)
    for therapist, name, service, variant, duration, state, number, lasted in counted:
        key = (therapist, name, service, variant, _variant_name(service, duration))
        found[key].append((state, number, int(lasted.total_seconds()) // 60))
    every = [one for counts in found.values() for one in counts]
    return SessionsReport(
        period,
        tuple(_session_count(key, counts) for key, counts in found.items()),
        _session_count(("", "", "", "", ""), every),
    )


_OF_VARIANT = (
    "variant__service__position",
    "variant__service__name",
    "variant__duration_minutes",
    "variant__code",
)
_LASTED = Sum(F("ends_at") - F("starts_at"), output_field=DurationField())


def hands_on_minutes(bookings: "QuerySet[Booking]") -> dict[int, int]:
    """Minutes of sessions done or still to come, without turnaround, by therapist's id."""
    given = bookings.filter(state__in=GIVEN).order_by().values_list("therapist_id")
    sums = given.annotate(lasted=_LASTED)
    return {pk: int(lasted.total_seconds()) // 60 for pk, lasted in sums}


def _variant_name(service: str, duration: int) -> str:
    return _("%(service)s, %(minutes)s minutes") % {"service": service, "minutes": duration}


def _attended(code: str, name: str, counts: list[tuple[str, bool, int]]) -> Attendance:
    def number(*states: str, waived: bool = False) -> int:
        return sum(
            found
            for state, is_waived, found in counts
            if state in states and (is_waived or not waived)
        )

    return Attendance(
        therapist_code=code,
        therapist_name=name,
        open=number(State.CONFIRMED),
        kept=number(*KEPT),
        no_shows=number(State.NO_SHOW),
        no_shows_waived=number(State.NO_SHOW, waived=True),
        late=number(State.CANCELLED_LATE),
        late_waived=number(State.CANCELLED_LATE, waived=True),
        in_time=number(State.CANCELLED_ONTIME),
        by_us=number(State.CANCELLED_CLINIC),
    )


def _session_count(
    key: tuple[str, str, str, str, str], counts: list[tuple[str, int, int]]
) -> SessionCount:
    def number(*states: str) -> int:
        return sum(found for state, found, _minutes in counts if state in states)

    return SessionCount(
        *key,
        to_come=number(State.CONFIRMED, State.CHECKED_IN),
        done=number(State.COMPLETED),
        no_shows=number(State.NO_SHOW),
        late=number(State.CANCELLED_LATE),
        called_off=number(*CALLED_OFF),
        minutes=sum(minutes for state, _, minutes in counts if state in GIVEN),
    )
