"""The demo's practice: where it is, who works there and what it sells."""

from dataclasses import dataclass
from datetime import date, time

from payments.models import Package, Policy, Service, ServiceVariant
from scheduling.models import Location, Room, Therapist, WorkingHours

ZONE = "Europe/London"
LENGTHS = (30, 60, 90)
CURRENCY = "GBP"


@dataclass(frozen=True, slots=True)
class DemoService:
    code: str
    name: str
    summary: str
    prices: tuple[int, int, int]  # minor units, for 30, 60 and 90 minutes


SERVICES = (
    DemoService(
        "sports-massage",
        "Sports massage",
        "Legs, hips and back, as firm as you like it. The one most runners book.",
        (3600, 5800, 8200),
    ),
    DemoService(
        "deep-tissue",
        "Deep tissue",
        "Slow, focused work on the one thing that will not shift.",
        (3800, 6200, 8800),
    ),
    DemoService(
        "recovery-flush",
        "Recovery flush",
        "Light and quick after a long run or in race week. No bruises.",
        (3400, 5400, 7600),
    ),
)

# Code, name, units, minutes covered, price, days of validity.
PACKAGES = (
    ("five-60", "5 × 60 minutes", 5, 60, 24900, 365),
    ("ten-60", "10 × 60 minutes", 10, 60, 47900, 540),
    ("three-90", "3 × 90 minutes", 3, 90, 21600, 365),
)

# Code, name, address, directions, rooms.
LOCATIONS = (
    (
        "harbour",
        "Harbour Yard",
        "3 Harbour Yard\nBristol BS1 5DB",
        "Through the green gate, first door left. Bike stands in the yard.",
        ("Room 1", "Room 2"),
    ),
    (
        "velodrome",
        "Velodrome",
        "Track Lane\nBristol BS16 2XD",
        "Entrance on the home straight, up one flight. Lift by the café.",
        ("Track side", "Infield"),
    ),
)


@dataclass(frozen=True, slots=True)
class DemoTherapist:
    code: str
    name: str
    bio: str
    # Where, ISO weekdays, from, to.
    shifts: tuple[tuple[str, tuple[int, ...], time, time], ...]


THERAPISTS = (
    DemoTherapist(
        "imre",
        "Imre Kovacs",
        "Runs marathons, slowly and often. Calves and hips.",
        (("harbour", (1, 2, 3, 4, 5), time(11, 0), time(20, 0)),),
    ),
    DemoTherapist(
        "sana",
        "Sana Iqbal",
        "Track runner, 800 metres. Early mornings, quick hands.",
        (
            ("harbour", (1, 2, 4, 5), time(7, 0), time(13, 0)),
            ("velodrome", (3,), time(8, 0), time(16, 0)),
        ),
    ),
    DemoTherapist(
        "joss",
        "Joss Penrose",
        "Trails and fells. Feet, ankles, anything that rolls.",
        (
            ("velodrome", (1, 2, 4, 5), time(10, 0), time(14, 0)),
            ("velodrome", (1, 2, 4), time(15, 0), time(20, 0)),
            ("harbour", (6, 7), time(8, 0), time(14, 0)),
        ),
    ),
    DemoTherapist(
        "mara",
        "Mara Lind",
        "Ultra distance. Patient with stubborn backs.",
        (
            ("velodrome", (2, 3, 4, 5), time(12, 0), time(20, 0)),
            ("velodrome", (6, 7), time(9, 0), time(15, 0)),
        ),
    ),
)


def open_practice(*, since: date) -> None:
    """Set the practice up as a manager would in the admin. Running it again changes nothing."""
    policy, _ = Policy.objects.get_or_create(
        code="standard",
        version=1,
        defaults={
            "summary": "Free to move or cancel until {{ cancel_window }} before. "
            "Later, the credit is used.",
            "effective_from": since,
        },
    )
    _sell(policy)
    _furnish()
    for position, therapist in enumerate(THERAPISTS):
        _employ(therapist, position, since)


def _sell(policy: Policy) -> None:
    for position, service in enumerate(SERVICES):
        row, _ = Service.objects.get_or_create(
            code=service.code,
            defaults={"name": service.name, "summary": service.summary, "position": position},
        )
        for minutes, price in zip(LENGTHS, service.prices, strict=True):
            variant, _ = ServiceVariant.objects.get_or_create(
                code=f"{service.code}-{minutes}",
                defaults={
                    "service": row,
                    "duration_minutes": minutes,
                    "price_minor": price,
                    "currency": CURRENCY,
                },
            )
            _package(f"single-{variant.code}", variant.name, 1, [variant], price, 365, policy, 50)
    for position, (code, name, units, minutes, price, days) in enumerate(PACKAGES):
        covered = list(ServiceVariant.objects.filter(duration_minutes=minutes))
        _package(code, name, units, covered, price, days, policy, position)


def _package(
    code: str,
    name: str,
    units: int,
    covered: list[ServiceVariant],
    price: int,
    days: int,
    policy: Policy,
    position: int,
) -> None:
    package, is_new = Package.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "units": units,
            "price_minor": price,
            "currency": CURRENCY,
            "validity_days": days,
            "policy": policy,
            "position": position,
        },
    )
    if is_new:
        package.variants.set(covered)


def _furnish() -> None:
    for code, name, address, directions, rooms in LOCATIONS:
        location, _ = Location.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "address": address,
                "directions": directions,
                "timezone": ZONE,
            },
        )
        for position, room in enumerate(rooms):
            Room.objects.get_or_create(
                location=location, name=room, defaults={"position": position}
            )


def _employ(who: DemoTherapist, position: int, since: date) -> None:
    therapist, is_new = Therapist.objects.get_or_create(
        code=who.code, defaults={"name": who.name, "short_bio": who.bio, "position": position}
    )
    if not is_new:
        return
    therapist.variants.set(ServiceVariant.objects.all())
    for place, weekdays, starts, ends in who.shifts:
        location = Location.objects.get(code=place)
        for weekday in weekdays:
            WorkingHours.objects.create(
                therapist=therapist,
                location=location,
                weekday=weekday,
                starts=starts,
                ends=ends,
                valid_from=since,
            )
