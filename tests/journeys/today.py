"""Gives a runner a session right now, from her own credits: ``python -m tests.journeys.today``.

Her journey books days ahead, and nobody can arrive for a session of next week. The acts are the
portal's own; only the moment at which the time was asked for lies in the past.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from accounts.models import User  # noqa: E402
from payments.models import ServiceVariant  # noqa: E402
from scheduling.booking import confirm_with_credit, hold_time  # noqa: E402
from scheduling.models import Location, Therapist  # noqa: E402


def main(email: str) -> None:
    now = datetime.now(UTC)
    asked = now - timedelta(days=4)
    runner = User.objects.get(email=email)
    held = hold_time(
        variant=ServiceVariant.objects.get(code="deep-60"),
        location=Location.objects.get(code="harbour"),
        starts_at=now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0),
        therapist=Therapist.objects.get(code="sana"),
        hold_key="",
        runner=runner,
        at=asked,
        minutes=10 * 24 * 60,
    )
    print(confirm_with_credit(booking=held, runner=runner, by=runner, at=now).public_id)


if __name__ == "__main__":
    main(sys.argv[1])
