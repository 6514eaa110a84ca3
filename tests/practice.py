"""A small practice whose diary is open: two therapists, a room each, three lengths, packages.

Times are far enough from now that notice and cancel windows do not decide by accident.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from payments.models import Package, ServiceVariant
from scheduling.models import Location, Room, Therapist, TherapistVariant, WorkingHours
from tests.builders import make_package, make_policy, make_service, make_variant


@dataclass
class Practice:
    """What a test books at."""

    location: Location
    imre: Therapist
    sana: Therapist
    variant: ServiceVariant
    single: Package
    five: Package
    others: dict[str, ServiceVariant] = field(default_factory=dict)

    def on(self, day: date, hour: int, minute: int = 0) -> datetime:
        """An instant by the practice's clock."""
        return datetime.combine(day, time(hour, minute), tzinfo=self.location.zone).astimezone(UTC)

    def day(self, days: int, at: datetime | None = None) -> date:
        """The day so many days from today."""
        now = at or datetime.now(UTC)
        return now.astimezone(self.location.zone).date() + timedelta(days=days)


def open_practice(
    code: str = "harbour",
    zone: str = "Europe/London",
    *,
    opens: time = time(9),
    closes: time = time(18),
    notice_minutes: int = 120,
) -> Practice:
    """Open every day; Imre and Sana give all lengths of one treatment. Midnight is time(0)."""
    make_policy(
        summary="Free to move or cancel until 24 hours before. Unused sessions are refunded at "
        "the price you paid."
    )
    service = make_service(
        "deep", "Deep tissue", summary="Slow, firm work on legs and hips after hard weeks."
    )
    lengths = {
        minutes: make_variant(
            service=service, minutes=minutes, price_minor=price, notice_minutes=notice_minutes
        )
        for minutes, price in ((30, 3400), (60, 5800), (90, 8200))
    }
    location = Location.objects.create(
        code=code,
        name="Harbour Yard",
        address="3 Harbour Yard\nBristol",
        timezone=zone,
        directions="Step-free. Bike rack outside.",
    )
    for name in ("Room 1", "Room 2"):
        Room.objects.create(location=location, name=name)
    imre, sana = (
        _therapist(one, name, location, list(lengths.values()), opens, closes)
        for one, name in (("imre", "Imre Kovács"), ("sana", "Sana Malik"))
    )
    variant = lengths[60]
    single = make_package(
        f"single-{variant.code}",
        units=1,
        price_minor=variant.price_minor,
        variants=[variant],
        name="One session, 60 minutes",
        visibility=Package.Visibility.PRIVATE,
    )
    five = make_package(
        "five-60", units=5, price_minor=25900, variants=[variant], name="5 sessions of 60 minutes"
    )
    return Practice(location, imre, sana, variant, single, five, {"30": lengths[30]})


def _therapist(
    code: str,
    name: str,
    location: Location,
    variants: list[ServiceVariant],
    opens: time,
    closes: time,
) -> Therapist:
    therapist = Therapist.objects.create(code=code, name=name)
    for variant in variants:
        TherapistVariant.objects.create(therapist=therapist, variant=variant)
    WorkingHours.objects.bulk_create(
        WorkingHours(
            therapist=therapist,
            location=location,
            weekday=weekday,
            starts=opens,
            ends=closes,
            valid_from=date(2020, 1, 1),
        )
        for weekday in range(1, 8)
    )
    return therapist
