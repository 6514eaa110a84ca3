"""A small practice to book at, and moments to name in tests.

``make_practice()`` is two rooms and two therapists at one place in London, Monday to Friday 09:00
to 17:00, a 60 and a 30 minute session of one service, all as the portal itself would make them.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from payments.models import CreditLot, ServiceVariant
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.models import Booking, Location, Room, Therapist, WorkingHours
from tests.builders import make_lot, make_runner, make_variant

# The clocks of London show UTC on these days.
TUESDAY = date(2026, 12, 1)
TUESDAY_9 = datetime(2026, 12, 1, 9, tzinfo=UTC)
TUESDAY_10 = datetime(2026, 12, 1, 10, tzinfo=UTC)
TUESDAY_11 = datetime(2026, 12, 1, 11, tzinfo=UTC)
A_WEEK_BEFORE = datetime(2026, 11, 24, 9, tzinfo=UTC)
TWO_DAYS_BEFORE = datetime(2026, 11, 29, 9, tzinfo=UTC)
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Practice:
    location: Location
    rooms: tuple[Room, ...]
    therapists: tuple[Therapist, ...]
    sports_60: ServiceVariant
    sports_30: ServiceVariant

    @property
    def imre(self) -> Therapist:
        return self.therapists[0]

    @property
    def lena(self) -> Therapist:
        return self.therapists[1]


def make_location(code="harbour", zone="Europe/London", **values) -> Location:
    return Location.objects.create(
        code=code,
        name=values.pop("name", code.title()),
        address="3 Harbour Yard\nBristol",
        timezone=zone,
        **values,
    )


def make_therapist(code="imre", name="Imre Kovacs", *, variants=(), **values) -> Therapist:
    therapist = Therapist.objects.create(code=code, name=name, **values)
    therapist.variants.set(variants)
    return therapist


def make_shift(therapist, location, weekday, starts="09:00", ends="17:00", **values):
    return WorkingHours.objects.create(
        therapist=therapist,
        location=location,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        valid_from=values.pop("valid_from", date(2020, 1, 1)),
        **values,
    )


def make_practice(*, zone="Europe/London", rooms=2, therapists=2) -> Practice:
    location = make_location(zone=zone)
    sports_60 = make_variant("sports-60", minutes=60)
    sports_30 = make_variant("sports-30", minutes=30, price_minor=3400)
    names = [("imre", "Imre Kovacs"), ("lena", "Lena Schmidt")]
    people = []
    for number in range(therapists):
        code, name = names[number] if number < 2 else (f"person-{number}", f"Person {number}")
        person = make_therapist(code, name, variants=[sports_60, sports_30])
        for weekday in range(1, 6):
            make_shift(person, location, weekday)
        people.append(person)
    return Practice(
        location=location,
        rooms=tuple(
            Room.objects.create(location=location, name=f"Room {number + 1}", position=number)
            for number in range(rooms)
        ),
        therapists=tuple(people),
        sports_60=sports_60,
        sports_30=sports_30,
    )


def make_runner_with_credits(units=5, *, practice: Practice, at=A_WEEK_BEFORE, **values) -> User:
    runner = make_runner(at=at)
    make_credits(runner, units, practice=practice, at=at, **values)
    return runner


def make_credits(runner, units=5, *, practice: Practice, at=A_WEEK_BEFORE, **values) -> CreditLot:
    return make_lot(runner, units=units, variants=[practice.sports_60], at=at, **values)


def hold(practice: Practice, starts_at=TUESDAY_9, *, at=A_WEEK_BEFORE, **values) -> Booking:
    return hold_time(
        **{
            "variant": practice.sports_60,
            "location": practice.location,
            "starts_at": starts_at,
            "therapist": None,
            "hold_key": "browser",
            "runner": None,
            "at": at,
        }
        | values
    )


def book(practice: Practice, runner: User, starts_at=TUESDAY_9, *, at=A_WEEK_BEFORE, **values):
    held = hold(practice, starts_at, at=at, runner=runner, **values)
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=at)
