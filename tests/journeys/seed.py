"""What stands in the portal before a journey: ``python -m tests.journeys.seed``.

A practice open round the clock, so that a journey may run at any hour. Booking needs three days'
notice, so that what a runner picks can still be cancelled in time.
"""

import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from wagtail.models import Site  # noqa: E402

from accounts.models import User  # noqa: E402
from cms.importing import import_article  # noqa: E402
from tests.journeys.people import PASSWORD, STAFF  # noqa: E402
from tests.practice import Practice, open_practice  # noqa: E402
from tests.second_factor import give_factor  # noqa: E402

HERE = Path(__file__).parent
THREE_DAYS = 3 * 24 * 60


def main() -> None:
    at = datetime.now(UTC)
    practice = open_practice(opens=time(0), closes=time(0), notice_minutes=THREE_DAYS)
    _employ()
    _publish_article(practice, at - timedelta(minutes=1))


def _employ() -> None:
    for person in STAFF:
        user = User.objects.create_user(person.email, PASSWORD, name=person.name, is_staff=True)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        give_factor(user)
        user.groups.add(Group.objects.get(name=person.group))


def _publish_article(practice: Practice, at: datetime) -> None:
    """The article of the journey, with three bookable times in the middle of its text."""
    text = (HERE / "article.txt").read_text(encoding="utf-8")
    page = import_article(text=text, at=at, by=None, publish=True).page
    page.refresh_from_db()
    page.body.append(
        (
            "next_times",
            {
                "title": "Calves like this?",
                "service": "",
                "variant": practice.variant.code,
                "location": practice.location.code,
                "therapist": "",
            },
        )
    )
    page.save_revision().publish()
    Site.clear_site_root_paths_cache()
    print(page.url)


if __name__ == "__main__":
    main()
