"""``manage.py load_demo``: a practice, its pages and two months of its life."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from payments.sandbox.control_client import SandboxControl
from portal.demo import factors, logins
from portal.demo.history import DAYS, History
from portal.demo.practice import open_practice
from portal.demo.questions import ask_questions
from scheduling.models import Booking


class Command(BaseCommand):
    help = "Load the demo. Needs the local Stripe server; running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or not settings.STRIPE_API_BASE:
            raise CommandError(
                "This loads invented people and sales. Run `make demo`, or set DEMO=1 and"
                " STRIPE_API_BASE to the local Stripe server."
            )
        now = timezone.now()
        self._people()
        self.stdout.write("Opening the practice")
        open_practice(since=(now - timedelta(days=DAYS + 30)).date())
        self._pages(now)
        if not Booking.objects.exists():
            self._history(now)
        ask_questions(at=now)
        self.stdout.write("Done.")

    def _people(self) -> None:
        for login in (*logins.STAFF, logins.RUNNER):
            is_staff = login is not logins.RUNNER
            user = User.objects.filter(email=login.email).first()
            if user is None:
                user = User.objects.create_user(
                    login.email, logins.PASSWORD, name=login.name, is_staff=is_staff
                )
            user.groups.add(*Group.objects.filter(name__in=login.groups))
            if is_staff:
                factors.set_up(user, login)
            EmailAddress.objects.get_or_create(
                user=user, email=login.email, defaults={"verified": True, "primary": True}
            )

    def _pages(self, now: Any) -> None:
        # Late: the content needs the practice it speaks of.
        from cms.demo import load_demo_content

        self.stdout.write("Writing the pages")
        load_demo_content(at=now, by=User.objects.get(email=logins.STAFF[0].email))
        _name_the_site()

    def _history(self, now: Any) -> None:
        self.stdout.write("Living two months of it, through the local Stripe server")
        sandbox = SandboxControl(settings.STRIPE_API_BASE)
        sandbox.reset()
        History(sandbox=sandbox, site_url=settings.SITE_URL, now=now, tell=self.stdout.write).play()


def _name_the_site() -> None:
    """Wagtail builds full addresses from its site record, not from a setting."""
    from wagtail.models import Site

    parts = urlsplit(settings.SITE_URL)
    Site.objects.filter(is_default_site=True).update(
        hostname=parts.hostname or "localhost",
        port=parts.port or (443 if parts.scheme == "https" else 80),
        site_name=settings.WAGTAIL_SITE_NAME,
    )
