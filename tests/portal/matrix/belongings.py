"""What belongs to a runner, and what of it to a therapist: one of each kind."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession

from accounts.consents import Purpose
from accounts.merging import merge_people
from accounts.models import Race, User
from accounts.noting import write_note
from accounts.unsubscribing import token_for
from payments.models import Document, Gift, Order
from scheduling.links import manage_token, offer_token
from scheduling.models import (
    BusyCalendar,
    CalendarFeed,
    Series,
    Therapist,
    WaitlistEntry,
    WaitlistOffer,
)
from tests.builders import make_order, make_runner
from tests.portal.matrix.rows import NOW, fill
from tests.scheduling.builders import Practice, book, hold, make_credits


@dataclass(frozen=True)
class Times:
    """A morning of a therapist's: a session, a hold and an offer fit in."""

    therapist: Therapist
    first: datetime

    @classmethod
    def number(cls, practice: Practice, number: int) -> "Times":
        """Each number has a morning of its own, from a Monday on: they work on weekdays."""
        monday = NOW + timedelta(days=8 + (8 - (NOW + timedelta(days=8)).isoweekday()) % 7)
        first = monday.replace(hour=9, minute=0, second=0, microsecond=0)
        therapist = practice.therapists[number % 2]
        return cls(therapist, first + timedelta(days=number // 2))

    def at(self, hours: int) -> datetime:
        return self.first + timedelta(hours=hours)


def of_a_runner(practice: Practice, runner: User, times: Times) -> dict[str, Any]:
    """What a runner has an account for."""
    with_one = {"at": NOW, "therapist": times.therapist}
    lot = make_credits(runner, practice=practice, at=NOW - timedelta(days=1))
    booking = book(practice, runner, times.first, **with_one)
    held = hold(practice, times.at(3), runner=runner, **with_one)
    order, gift_order = make_order(runner, at=NOW), make_order(runner, at=NOW)
    gift = fill(Gift, order=gift_order)
    entry = fill(
        WaitlistEntry,
        runner=runner,
        location=practice.location,
        first_on=date(2030, 1, 1),
        last_on=date(2030, 1, 2),
        state="offered",
    )
    offer = fill(
        WaitlistOffer,
        entry=entry,
        booking=hold(practice, times.at(5), runner=runner, **with_one),
        expires_at=NOW + timedelta(hours=2),
    )
    return {
        "runner": runner.public_id,
        "booking": booking.public_id,
        "hold": held.public_id,
        "lot": lot.public_id,
        "order": order.public_id,
        "gift_order": gift_order.public_id,
        "gift": gift.public_id,
        "race": fill(Race, runner=runner, distance_m=5000).public_id,
        "series": fill(Series, runner=runner, every_weeks=1, further=1).public_id,
        "entry": entry.public_id,
        "device": fill(UserSession, user=runner, ip="127.0.0.1").pk,
        "credit_note": _credit_note(order).number,
        "offer": offer_token(offer),
        "link": manage_token(booking),
        "mails": token_for(runner, Purpose.MARKETING),
        "feed": fill(CalendarFeed, runner=runner, token=uuid.uuid4().hex, therapist=None).token,
    }


def _credit_note(order: Order) -> Document:
    """As it would be given out for that receipt which is there."""
    return fill(
        Document,
        order=order,
        kind=Document.Kind.CREDIT_NOTE,
        number=Document.objects.credit_notes().count() + 1,
        content=Document.objects.earliest("pk").content,
    )


def of_a_therapist(client: User, therapist: Therapist, by: User) -> dict[str, Any]:
    """What staff have about a client, and a therapist for herself."""
    merge = merge_people(kept=client, absorbed=make_runner(), why="Asked", by=by, at=NOW)
    note = write_note(client=client, text="Mornings", audience="team", by=by, at=NOW)
    return {
        "note": note.public_id,
        "merge": merge.public_id,
        "calendar": fill(BusyCalendar, therapist=therapist, url="https://example.org/a.ics").pk,
    }
