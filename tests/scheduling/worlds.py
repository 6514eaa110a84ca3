"""Small random practices around the days when clocks change, for hypothesis to draw.

``worlds()`` draws a ``World``: unsaved rows that know each other. ``World.save`` writes them.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from payments.models import Service, ServiceVariant
from scheduling.models import (
    Booking,
    BusyCalendar,
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
from scheduling.models.bookings import OCCUPYING

ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",  # goes forward by half an hour
    "America/St_Johns",  # half an hour off everybody else
    "Asia/Kolkata",  # no change of clocks
)
HERS = "/hers/"  # where the runner who asks has booked from
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@cache
def days_of_change(zone: str) -> tuple[date, ...]:
    """The local days on which the clocks of a zone change in two years; some day where never."""
    clock, found = ZoneInfo(zone), []
    for number in range(2 * 365):
        day = date(2026, 1, 1) + number * DAY
        start, end = (
            datetime.combine(one, time(0), tzinfo=clock).utcoffset() for one in (day, day + DAY)
        )
        if start != end:
            found.append(day)
    return tuple(found) or (date(2026, 3, 29),)


@dataclass
class World:
    """Rows, unsaved, and what is asked about them."""

    location: Location
    day: date  # the first local day asked about
    at: datetime
    runner_is_known: bool = False
    for_staff: bool = False
    must_call: bool = False
    service: Service = field(default_factory=lambda: Service(code="oracle", name="Oracle"))
    variants: list[ServiceVariant] = field(default_factory=list)
    therapists: list[Therapist] = field(default_factory=list)
    rows: list = field(default_factory=list)
    elsewhere: Location | None = None
    rooms: list[tuple[Room, list[ServiceVariant]]] = field(default_factory=list)
    asked: datetime | None = None  # a start that is judged by itself, where nothing is free
    aim: tuple[int, timedelta] = (0, timedelta(0))  # else this free one, missed by so much

    @property
    def variant(self) -> ServiceVariant:
        return self.variants[0]

    def save(self, *, runner, stranger, policy) -> None:
        """Write every row; a booking that the database would refuse is left out."""
        self.service.save()
        ServiceVariant.objects.bulk_create([_bound(one) for one in self.variants])
        Location.objects.bulk_create([one for one in (self.location, self.elsewhere) if one])
        Room.objects.bulk_create([room for room, _ in self.rooms])
        fits = Room.variants.through
        fits.objects.bulk_create(
            fits(room=room, servicevariant=one) for room, those in self.rooms for one in those
        )
        Therapist.objects.bulk_create(self.therapists)
        for kind in (
            TherapistVariant,
            WorkingHours,
            HoursException,
            Closure,
            TimeOff,
            BusyCalendar,
            BusyTime,
        ):
            kind.objects.bulk_create([_bound(row) for row in self.rows if type(row) is kind])
        bookings: list[Booking] = []
        for row in (_bound(one) for one in self.rows if type(one) is Booking):
            row.policy = policy
            row.runner = runner if row.source_page == HERS else stranger
            if not any(_clash(row, other) for other in bookings):
                bookings.append(row)
        Booking.objects.bulk_create(bookings)


def _bound(row):
    """Ids that were not there when the row was drawn are read from the rows it refers to."""
    for one in row._meta.concrete_fields:
        if one.is_relation and one.is_cached(row):
            setattr(row, one.name, getattr(row, one.name))
    return row


def _clash(one: Booking, other: Booking) -> bool:
    both_live = one.state in OCCUPYING and other.state in OCCUPYING
    shared = one.therapist == other.therapist or one.room == other.room
    return (
        both_live and shared and one.starts_at < other.frees_at and other.starts_at < one.frees_at
    )


# --- drawing -------------------------------------------------------------------------------------

maybe = st.booleans()
rarely = st.sampled_from([False] * 5 + [True])
usually = st.sampled_from([True] * 40 + [False])
# Where clocks change at night, and where people work; mostly on the quarter.
clocks = st.one_of(
    st.integers(0, 4 * 6).map(lambda quarter: quarter * 15),
    st.integers(4 * 6, 4 * 24 - 1).map(lambda quarter: quarter * 15),
    st.integers(0, 24 * 60 - 1),
)


def as_clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


@st.composite
def spans(draw, longest=720) -> tuple[time, time]:
    """A shift within a day; 00:00 ends it."""
    start = draw(clocks)
    end = min(start + draw(st.sampled_from([30, 60, 70, 90, 180, 240, 480, longest])), 24 * 60)
    return as_clock(start), as_clock(end)


@st.composite
def moments(draw, day: date, days=3) -> datetime:
    minute = draw(st.integers(-6 * 12, days * 24 * 12)) * 5 + draw(st.sampled_from([0, 0, 0, 1, 3]))
    return datetime.combine(day, time(0), tzinfo=UTC) + minute * MINUTE


@st.composite
def worlds(draw) -> World:
    zone = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(days_of_change(zone)))
    day = change - draw(st.sampled_from([0, 1])) * DAY
    before = draw(st.sampled_from([1440, 0, 60, 600, 2880, 3000]))
    at = (
        datetime.combine(day, time(draw(st.sampled_from([0, 0, 6, 12, 23]))), tzinfo=UTC)
        - before * MINUTE
    )
    at += draw(st.sampled_from([0, 0, 1, 59])) * timedelta(seconds=1)
    world = World(
        location=Location(
            code="here",
            name="Here",
            address="1 Lane",
            timezone=zone,
            notice_minutes=draw(st.sampled_from([0, 0, 15, 120])),
            is_active=draw(usually),
            travel_minutes=draw(st.sampled_from([0, 0, 20])),
            offers_back_to_back=draw(rarely),
            avoids_small_gaps=draw(rarely),
            most_open_bookings=draw(st.sampled_from([None, None, None, 1, 2])),
            most_bookings_a_day=draw(st.sampled_from([None, None, None, 1])),
        ),
        elsewhere=Location(
            code="elsewhere",
            name="Elsewhere",
            address="2 Lane",
            timezone=draw(st.sampled_from(ZONES)),
            travel_minutes=draw(st.sampled_from([0, 15, 45])),
        ),
        day=day,
        at=at,
        runner_is_known=draw(maybe),
        for_staff=draw(rarely),
        must_call=not draw(usually),
    )
    _draw_variants(draw, world)
    _draw_rooms(draw, world)
    for number in range(draw(st.integers(1, 2))):
        _draw_therapist(draw, world, number)
    if draw(rarely):
        _draw_closure(draw, world)
    for _ in range(draw(st.integers(0, 5))):
        _draw_booking(draw, world)
    world.asked = draw(moments(day, 2))
    world.aim = (draw(st.integers(0, 50)), draw(st.sampled_from([0, 0, 1, -15, 40])) * MINUTE)
    return world


def _draw_variants(draw, world: World) -> None:
    for number in range(2):
        world.variants.append(
            ServiceVariant(
                service=world.service,
                code=f"oracle-{number}",
                price_minor=5000,
                duration_minutes=draw(st.sampled_from([20, 30, 50, 60, 90])),
                turnaround_minutes=draw(st.sampled_from([0, 5, 10, 15])),
                increment_minutes=draw(st.sampled_from([15, 15, 10, 30, 60])),
                notice_minutes=draw(st.sampled_from([None, None, None, 0, 120, 1500])),
                horizon_days=draw(st.sampled_from([60] * 5 + [0, 1, 2])),
                same_day=draw(usually),
                bookable_from=world.day if draw(rarely) else None,
                bookable_until=world.day if draw(rarely) else None,
                audience=draw(st.sampled_from(["everyone"] * 8 + ["new", "returning"])),
                is_active=draw(usually),
                is_bookable_online=draw(usually),
            )
        )


def _draw_rooms(draw, world: World) -> None:
    for number in range(draw(st.sampled_from([1, 2, 2, 2, 1, 0]))):
        fits = draw(
            st.sampled_from([[], [], world.variants[:1], world.variants[:1], world.variants[1:]])
        )
        room = Room(location=world.location, name=f"Room {number}", is_active=draw(usually))
        world.rooms.append((room, fits))
    world.rooms.append((Room(location=world.elsewhere, name="Far"), []))


def _draw_therapist(draw, world: World, number: int) -> None:
    person = Therapist(
        code=f"person-{number}",
        name=f"Person {number}",
        is_active=draw(usually),
        is_bookable_online=draw(usually),
        most_sessions_a_day=draw(st.sampled_from([None] * 6 + [1, 2])),
        most_minutes_a_day=draw(st.sampled_from([None] * 6 + [90, 150])),
        most_minutes_in_a_row=draw(st.sampled_from([None] * 4 + [90, 150])),
        break_minutes=draw(st.sampled_from([0, 10, 15, 30])),
    )
    world.therapists.append(person)
    for variant in world.variants:
        if draw(usually):
            length = draw(st.sampled_from([None, None, None, 40, 75]))
            given = TherapistVariant(therapist=person, variant=variant, duration_minutes=length)
            world.rows.append(given)
    for _ in range(draw(st.integers(2, 4))):
        _draw_shift(draw, world, person)
    if draw(rarely):
        _draw_exceptions(draw, world, person)
    if draw(rarely):
        start = draw(moments(world.day))
        end = start + draw(st.sampled_from([5, 45, 600])) * MINUTE
        world.rows.append(TimeOff(therapist=person, starts_at=start, ends_at=end))
    if draw(rarely):
        _draw_busy(draw, world, person)


def _draw_shift(draw, world: World, person: Therapist) -> None:
    day = world.day + draw(st.sampled_from([0, 0, 0, 1, 1, 1, -1, 2])) * DAY
    starts, ends = draw(spans())
    season = draw(st.sampled_from([(-100, None)] * 8 + [(0, None), (1, 2), (-7, 0), (-7, -1)]))
    world.rows.append(
        WorkingHours(
            therapist=person,
            location=draw(st.sampled_from([world.location] * 5 + [world.elsewhere])),
            weekday=day.isoweekday(),
            starts=starts,
            ends=ends,
            valid_from=world.day + season[0] * DAY,
            valid_to=None if season[1] is None else world.day + season[1] * DAY,
        )
    )


def _draw_exceptions(draw, world: World, person: Therapist) -> None:
    """Days with no hours, or with one or two other shifts."""
    first = world.day + draw(st.integers(-1, 1)) * DAY
    last = first + draw(st.integers(0, 1)) * DAY
    for hours in draw(st.sampled_from([[None], [1], [1, 2]])):
        starts, ends = draw(spans()) if hours else (None, None)
        world.rows.append(
            HoursException(
                therapist=person,
                location=world.location,
                starts_on=first,
                ends_on=last,
                is_open=bool(hours),
                starts=starts,
                ends=ends,
            )
        )


def _draw_busy(draw, world: World, person: Therapist) -> None:
    calendar = BusyCalendar(
        therapist=person, label="Private", url="https://c.example/a", is_active=draw(usually)
    )
    start = draw(moments(world.day))
    world.rows.append(calendar)
    world.rows.append(
        BusyTime(
            calendar=calendar, starts_at=start, ends_at=start + draw(st.integers(1, 90)) * MINUTE
        )
    )


def _draw_closure(draw, world: World) -> None:
    first = world.day + draw(st.integers(-1, 2)) * DAY
    world.rows.append(
        Closure(
            location=draw(st.sampled_from([world.location, world.location, world.elsewhere])),
            starts_on=first,
            ends_on=first + draw(st.integers(0, 1)) * DAY,
        )
    )


def _draw_booking(draw, world: World) -> None:
    """In any state; a hold may have run out a moment ago or be about to."""
    room, _ = draw(st.sampled_from(world.rooms))
    start = draw(moments(world.day))
    end = start + draw(st.sampled_from([20, 30, 60, 90])) * MINUTE
    state = draw(
        st.sampled_from(["confirmed"] * 4 + ["held"] * 3 + [str(one) for one in Booking.State])
    )
    world.rows.append(
        Booking(
            variant=draw(st.sampled_from(world.variants)),
            therapist=draw(st.sampled_from(world.therapists)),
            room=room,
            location=room.location,
            state=state,
            starts_at=start,
            ends_at=end,
            frees_at=end + draw(st.sampled_from([0, 5, 10, 15])) * MINUTE,
            local_start=f"{start:%Y-%m-%dT%H:%M}",
            zone=room.location.timezone,
            hold_expires_at=world.at
            + draw(st.sampled_from([-60, 0, 1, 600])) * timedelta(seconds=1),
            source_page=draw(st.sampled_from(["", "", HERS])),
            booked_at=world.at - DAY,
            created_at=world.at - DAY,
        )
    )
