"""A practice of ten therapists with as many stored sessions as asked for."""

from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from payments.models import Policy, Service, ServiceVariant
from scheduling.models import Booking, Location, Room, Therapist, WorkingHours

THERAPISTS = 10
WINDOW_DAYS = 28
START = date(2027, 3, 1)
AT = datetime(2027, 2, 28, 12, tzinfo=UTC)


def build(stored: int) -> tuple[ServiceVariant, Location]:
    """Sessions of an hour, eight a day and therapist, from the window backwards into the past."""
    Booking.objects.all().delete()
    variant, location, therapists, rooms, policy, runner = _furnish()
    rows: list[Booking] = []
    day = START + timedelta(days=WINDOW_DAYS)
    while len(rows) < stored:
        day -= timedelta(days=1)
        for therapist, room in zip(therapists, rooms, strict=True):
            # Every other hour is taken, so that there is always something to find.
            for hour in (8, 10, 12, 14):
                rows.append(_session(day, hour, variant, location, therapist, room, policy, runner))
    Booking.objects.bulk_create(rows[:stored], batch_size=2000)
    return variant, location


def _furnish():
    service, _ = Service.objects.get_or_create(code="bench", defaults={"name": "Bench"})
    variant, _ = ServiceVariant.objects.get_or_create(
        code="bench-60",
        defaults={"service": service, "duration_minutes": 60, "price_minor": 5800},
    )
    policy, _ = Policy.objects.get_or_create(
        code="bench", defaults={"effective_from": date(2020, 1, 1)}
    )
    location, _ = Location.objects.get_or_create(
        code="bench", defaults={"name": "Bench", "address": "1 Bench Lane"}
    )
    runner = User.objects.filter(email="bench@example.org").first()
    runner = runner or User.objects.create_user("bench@example.org")
    rooms = [
        Room.objects.get_or_create(location=location, name=f"Room {n}")[0]
        for n in range(THERAPISTS)
    ]
    therapists = [_therapist(n, variant, location) for n in range(THERAPISTS)]
    return variant, location, therapists, rooms, policy, runner


def _therapist(number: int, variant: ServiceVariant, location: Location) -> Therapist:
    therapist, is_new = Therapist.objects.get_or_create(
        code=f"bench-{number}", defaults={"name": f"Bench {number}"}
    )
    if is_new:
        therapist.variants.add(variant)
        for weekday in range(1, 8):
            WorkingHours.objects.create(
                therapist=therapist,
                location=location,
                weekday=weekday,
                starts=time(8),
                ends=time(18),
                valid_from=date(2020, 1, 1),
            )
    return therapist


def _session(
    day: date,
    hour: int,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist,
    room: Room,
    policy: Policy,
    runner: User,
) -> Booking:
    starts_at = datetime.combine(day, time(hour), tzinfo=UTC)
    return Booking(
        runner=runner,
        variant=variant,
        therapist=therapist,
        room=room,
        location=location,
        policy=policy,
        state=Booking.State.CONFIRMED,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=60),
        frees_at=starts_at + timedelta(minutes=70),
        local_start=f"{starts_at:%Y-%m-%dT%H:%M}",
        zone="Europe/London",
        booked_at=starts_at - timedelta(days=30),
        created_at=starts_at - timedelta(days=30),
    )
