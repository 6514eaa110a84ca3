"""A practice with one of most things, so that an address leads to something."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.images.models import Image

from accounts.models import User
from cms.pages.base import BasePage
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.models import Booking
from tests.builders import make_lot, make_order, make_runner, make_staff, pay_at_the_desk
from tests.cms import files
from tests.portal.hardening.routes import Route
from tests.practice import Practice, open_practice

NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class World:
    """Real values for the parts of addresses."""

    practice: Practice
    runner: User
    staff: User
    public: dict[str, str]
    page: int

    def path(self, route: Route) -> str:
        return route.filled(lambda name: self.value(name, route.shape))

    def value(self, name: str, shape: str) -> str:
        """What stands in an address for a part of this name."""
        for kind in ("runner", "order", "booking", "hold"):
            if name == f"{kind}_id":
                return self.public[kind]
        if name == "public_id":
            starts = {"/runners/": "runner", "/orders/": "order", "/bookings/": "booking"}
            kinds = [
                kind for start, kind in (starts | {"/book/": "hold"}).items() if start in shape
            ]
            return self.public[kinds[0]] if kinds else NOBODY
        if shape.startswith("/admin/pages/") or "page_id" in name:
            return str(self.page)
        known = {"variant_code": self.practice.variant.code, "code": self.practice.single.code}
        words = {"token": "no-token", "path": "images/none.png", "name": "orders", "file": "orders"}
        return (known | words).get(name, "1")


def make_world() -> World:
    at = timezone.now()
    practice = open_practice()
    runner, staff = make_runner(), make_staff()
    staff.is_superuser = True
    staff.save()
    for person in (runner, staff):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    make_lot(runner, variants=[practice.variant], at=at)
    order = make_order(runner, practice.single, at=at)
    pay_at_the_desk(order, at=at)
    booking = _held(practice, runner, days=5, at=at)
    confirm_with_credit(booking=booking, runner=runner, by=runner, at=at)
    hold = _held(practice, runner, days=6, at=at)
    Image.objects.create(title="Track", file=ContentFile(files.image(), name="track.png"))
    plan = ContentFile(files.PDF, name="plan.pdf")
    Document.objects.create(title="Plan", file=plan, file_size=plan.size)
    page = BasePage.objects.filter(depth=2).first()
    ids = {"booking": booking, "hold": hold, "order": order, "runner": runner}
    public = {name: str(one.public_id) for name, one in ids.items()}
    return World(practice, runner, staff, public, page.pk)


def _held(practice: Practice, runner: User, *, days: int, at: datetime) -> Booking:
    return hold_time(
        variant=practice.variant,
        location=practice.location,
        therapist=practice.imre,
        starts_at=practice.on(practice.day(days), 10),
        hold_key="",
        runner=runner,
        at=at,
    )
