"""A second place with awkward days: ``python -m tests.journeys.quay``.

One therapist with a name of sixty characters, twelve starts a day, and a day on which it is shut.
"""

import os
from datetime import UTC, date, datetime, time, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from payments.models import ServiceVariant  # noqa: E402
from scheduling.models import (  # noqa: E402
    Closure,
    Location,
    Room,
    Therapist,
    TherapistVariant,
    WorkingHours,
)

LONG_NAME = "Aleksandrina Papadopoulou-Featherstonehaugh de la Fuente III"


def main() -> None:
    quay = Location.objects.create(
        code="quay", name="Quay", address="1 Quay", timezone="Europe/London"
    )
    Room.objects.create(location=quay, name="Room 9")
    therapist = Therapist.objects.create(code="aleksandrina", name=LONG_NAME)
    TherapistVariant.objects.create(
        therapist=therapist, variant=ServiceVariant.objects.get(code="deep-60")
    )
    for weekday in range(1, 8):
        WorkingHours.objects.create(
            therapist=therapist,
            location=quay,
            weekday=weekday,
            starts=time(9),
            ends=time(12, 45),
            valid_from=date(2020, 1, 1),
        )
    shut = datetime.now(UTC).astimezone(quay.zone).date() + timedelta(days=5)
    Closure.objects.create(location=quay, starts_on=shut, ends_on=shut)
    print(shut.isoformat())


if __name__ == "__main__":
    assert len(LONG_NAME) == 60
    main()
