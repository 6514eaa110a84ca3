"""Makes a runner who has been before: ``python -m tests.journeys.regular EMAIL NAME``.

Five credits, one of them used for a session that is done, one set aside for a session in four
days. Every act is the portal's own, so the mails about them are on their way.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402

from accounts.models import User  # noqa: E402
from payments.models import ServiceVariant  # noqa: E402
from scheduling import day  # noqa: E402
from scheduling.booking import confirm_with_credit, hold_time  # noqa: E402
from scheduling.models import Booking, Location, Therapist  # noqa: E402
from tests.builders import make_lot, make_runner  # noqa: E402

ON_THE_QUARTER = timedelta(minutes=15)
A_DAY = timedelta(days=1)


def main(email: str, name: str) -> None:
    now = datetime.now(UTC)
    runner = make_runner(email, name, at=now)
    EmailAddress.objects.create(user=runner, email=email, verified=True, primary=True)
    variant = ServiceVariant.objects.get(code="deep-60")
    # Bought before the session that is done, which just after midnight was yesterday.
    make_lot(runner, variants=[variant], at=now - A_DAY, code=f"of-{runner.pk}")
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    done = _book(runner, quarter - timedelta(hours=2), now)
    day.check_in(booking=done, by=None, at=now)
    day.complete(booking=done, by=None, at=now)
    _book(runner, quarter + timedelta(days=4), now)


def _book(runner: User, starts_at: datetime, now: datetime) -> Booking:
    """At the first quarter of an hour from ``starts_at`` on that nobody has."""
    while (
        Booking.objects.occupying()
        .filter(therapist__code="imre", frees_at__gt=starts_at)
        .filter(starts_at__lt=starts_at + timedelta(hours=2))
    ):
        starts_at += ON_THE_QUARTER
    held = hold_time(
        variant=ServiceVariant.objects.get(code="deep-60"),
        location=Location.objects.get(code="harbour"),
        starts_at=starts_at,
        therapist=Therapist.objects.get(code="imre"),
        hold_key="",
        runner=runner,
        at=min(now, starts_at - timedelta(days=4)),
        minutes=30 * 24 * 60,
    )
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=now)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
