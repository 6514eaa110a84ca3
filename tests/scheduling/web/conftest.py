"""A practice with an open diary, and the steps of a visit as short words."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from scheduling.models import Booking
from scheduling.web.slots import slot_value
from tests.builders import make_lot, make_runner
from tests.practice import Practice, open_practice

FROM_US = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def practice(db) -> Practice:
    return open_practice()


def say_yes(client: Client, page, **headers):
    """Send the form of a page that asks, as it stands there; a page that only says no stays."""
    main = page.content.decode().partition("<main")[2]
    asked = re.search(r'<form method="post" action="([^"]+)".*?</form>', main, re.S)
    if asked is None:
        return page
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', asked[0]))
    return client.post(asked[1], fields, **headers)


@dataclass
class Visit:
    """One browser at the practice."""

    practice: Practice
    client: Client = field(default_factory=Client)

    def starts(self, days: int = 5, hour: int = 10, minute: int = 0) -> datetime:
        return self.practice.on(self.practice.day(days), hour, minute)

    def hold(self, starts_at: datetime | None = None, *, headers=FROM_US, **values):
        fields = {
            "variant": self.practice.variant.code,
            "location": self.practice.location.code,
            "therapist": "imre",
            "slot": slot_value(starts_at or self.starts()),
        }
        return self.client.post("/book/hold/", fields | values, **headers)

    def held(self, starts_at: datetime | None = None, **values) -> Booking:
        answer = self.hold(starts_at, **values)
        assert answer.status_code == 302, answer.content.decode()
        return Booking.objects.with_everything().get(public_id=answer.url.split("/")[2])

    def tell(self, booking: Booking, email="robin@example.org", name="Robin Ashe", mobile=""):
        return self.client.post(
            f"/book/{booking.public_id}/you/", {"name": name, "email": email, "mobile": mobile}
        )

    def code(self) -> str:
        """The code in the newest mail."""
        words = mail.outbox[-1].body.split()
        return next(word for word in words if word.isdigit() and len(word) == 6)

    def prove(self, booking: Booking, code: str | None = None):
        return self.client.post(f"/book/{booking.public_id}/code/", {"code": code or self.code()})

    def get(self, booking: Booking, page: str = "", start: str = "bookings"):
        return self.client.get(f"/{start}/{booking.public_id}/{page}")

    def post(self, booking: Booking, page: str, start: str = "bookings", **fields):
        return self.client.post(f"/{start}/{booking.public_id}/{page}", fields)

    def ask_to_move(self, booking: Booking, to: datetime, therapist: str = ""):
        """The page that asks once more."""
        return self.client.get(
            f"/bookings/{booking.public_id}/move/", {"to": slot_value(to), "therapist": therapist}
        )

    def say_yes(self, page):
        return say_yes(self.client, page)

    def move(self, booking: Booking, to: datetime, therapist: str = ""):
        return self.say_yes(self.ask_to_move(booking, to, therapist))

    def cancel(self, booking: Booking):
        return self.say_yes(self.get(booking, "cancel/"))


@pytest.fixture
def visit(practice: Practice) -> Visit:
    return Visit(practice)


@pytest.fixture
def other_visit(practice: Practice) -> Visit:
    return Visit(practice)


@pytest.fixture
def runner(practice: Practice) -> User:
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def lot(runner: User, practice: Practice):
    """Four unused credits for the sixty minutes."""
    return make_lot(
        runner, units=4, price_minor=20800, variants=[practice.variant], at=datetime.now(UTC)
    )


@pytest.fixture
def her_visit(practice: Practice, runner: User) -> Visit:
    """Ana, signed in."""
    visit = Visit(practice)
    visit.client.force_login(runner)
    return visit


@pytest.fixture
def booked(her_visit: Visit, lot) -> Booking:
    """Ana's session in five days, paid with a credit."""
    held = her_visit.held()
    her_visit.post(held, "confirmation/", "book")
    held.refresh_from_db()
    assert held.state == Booking.State.CONFIRMED
    return held


def reload(booking: Booking) -> Booking:
    return Booking.objects.with_everything().get(pk=booking.pk)


UNKNOWN = UUID(int=7)
