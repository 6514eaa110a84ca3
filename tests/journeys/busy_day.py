"""Fills tomorrow at a place of its own: ``python -m tests.journeys.busy_day``.

Six therapists, one with a name of sixty characters, and forty sessions from eight to half past
four, all as the portal itself would make them. Prints the day and a session of it.
"""

import os
from datetime import UTC, date, datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from accounts.models import RunnerProfile  # noqa: E402
from payments.models import ServiceVariant  # noqa: E402
from scheduling.booking import confirm_with_credit, hold_time  # noqa: E402
from scheduling.models import (  # noqa: E402
    Booking,
    Location,
    Room,
    Therapist,
    TherapistVariant,
    WorkingHours,
)
from tests.builders import make_lot, make_runner  # noqa: E402

NAMES = (
    "Anouk Farrow",
    "Bram Iqbal",
    "Cleo Vance",
    "Dara Quigley",
    "Edda Novak",
    "Aleksandrina Papadopoulou-Featherstonehaugh de la Fuente III",
)
EACH, SESSIONS = timedelta(minutes=75), 40


def main() -> None:
    track = Location.objects.create(
        code="track", name="Track", address="1 Track", timezone="Europe/London", position=5
    )
    tomorrow = datetime.now(UTC).astimezone(track.zone).date() + timedelta(days=1)
    people = [_therapist(number, name, track) for number, name in enumerate(NAMES)]
    runners = [_runner(number) for number in range(len(NAMES))]
    booked: list[Booking] = []
    for number in range(SESSIONS):
        turn, who = divmod(number, len(people))
        booked.append(_book(track, people[who], runners[who], _start(track, tomorrow, turn)))
    print(tomorrow.isoformat(), booked[-1].public_id)


def _therapist(number: int, name: str, place: Location) -> Therapist:
    person = Therapist.objects.create(code=f"track-{number}", name=name, position=10 + number)
    variant = ServiceVariant.objects.get(code="deep-60")
    TherapistVariant.objects.create(therapist=person, variant=variant)
    Room.objects.create(location=place, name=f"Lane {number + 1}", position=number)
    for weekday in range(1, 8):
        WorkingHours.objects.create(
            therapist=person,
            location=place,
            weekday=weekday,
            starts=time(8),
            ends=time(18),
            valid_from=date(2020, 1, 1),
        )
    return person


def _runner(number: int):
    at = datetime.now(UTC)
    runner = make_runner(f"lane{number}@example.org", f"Runner of lane {number + 1}", at=at)
    RunnerProfile.objects.filter(user=runner).update(mobile=f"07700 90010{number}")
    variant = ServiceVariant.objects.get(code="deep-60")
    make_lot(runner, units=12, variants=[variant], at=at, code=f"lane-{number}")
    return runner


def _start(place: Location, day: date, turn: int) -> datetime:
    return (datetime.combine(day, time(8), tzinfo=place.zone) + turn * EACH).astimezone(UTC)


def _book(place: Location, person: Therapist, runner, starts_at: datetime) -> Booking:
    asked = datetime.now(UTC)
    held = hold_time(
        variant=ServiceVariant.objects.get(code="deep-60"),
        location=place,
        starts_at=starts_at,
        therapist=person,
        hold_key="",
        runner=runner,
        at=asked - timedelta(days=4),
        minutes=30 * 24 * 60,
    )
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=asked)


if __name__ == "__main__":
    main()
