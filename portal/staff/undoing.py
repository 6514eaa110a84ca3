"""What was just done, said on the page it leads to, with the way back beside it.

The address carries what was done (`did`, `moved`, `booked`, `blocked`), so the offer stays put: it
is there after a reload, survives the board's refresh, and ends when the act can no longer be
undone. Undoing is a POST to the act that does the opposite; nothing is erased.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from accounts.isolating import isolated
from accounts.models import User
from portal.staff.access import signed_in
from portal.templatetags.portal_ui import plain_moment
from scheduling.correcting import undoable
from scheduling.models import Booking, BookingChange, Therapist, TimeOff

Kind = BookingChange.Kind
LONGEST_ID = 19  # figures; more is no id of ours
UNDO_FOR = timedelta(minutes=5)
BY_MISTAKE = "Booked by mistake"
MARKED = {
    Kind.CHECKED_IN: "{name} has arrived.",
    Kind.COMPLETED: "{name} is done.",
    Kind.NO_SHOW: "{name} is marked as no-show.",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A sentence, and the POST that undoes it with the fields it carries."""

    message: str
    undo_url: str
    hidden: dict[str, str] = field(default_factory=dict)


def offer(request: HttpRequest, *, at: datetime) -> Offer | None:
    """What the person has just done and may undo now, if the address names it."""
    by = signed_in(request)
    for key, find in _OF_BOOKINGS.items():
        if key in request.GET:
            booking = _booking(request.GET[key])
            return find(booking, by, at, request) if booking else None
    return _block(request.GET["blocked"]) if "blocked" in request.GET else None


def _booking(public_id: str) -> Booking | None:
    try:
        wanted = UUID(public_id)
    except ValueError:
        return None
    return Booking.objects.with_everything().filter(public_id=wanted).first()


def _mark(booking: Booking, by: User, at: datetime, request: HttpRequest) -> Offer | None:
    mark = undoable(booking, by, at)
    if mark is None:
        return None
    return Offer(
        message=MARKED[Kind(mark.kind)].format(name=booking.runner or "Somebody"),
        undo_url=reverse("staff:take_back", args=[booking.public_id]),
        hidden={"mark": str(mark.pk)},
    )


def _move(booking: Booking, by: User, at: datetime, request: HttpRequest) -> Offer | None:
    """Back to where it was; she hears of it if she heard of the move."""
    change = _last_of(booking, by, at)
    if change is None or change.kind != Kind.MOVED or "from" not in change.details:
        return None
    before = change.details["from"]
    therapist = Therapist.objects.filter(code=before["therapist"], is_active=True).first()
    if therapist is None:
        return None
    told = request.GET.get("told") == "1"
    words = f"{isolated(booking.runner)} is moved to {_when(booking)}."
    return Offer(
        message=f"{words} A mail tells them." if told else words,
        undo_url=reverse("staff:move", args=[booking.public_id]),
        hidden={
            "to": before["starts_at"],
            "with": therapist.code,
            "tell": "yes" if told else "no",
            "undo": "1",
        },
    )


def _new(booking: Booking, by: User, at: datetime, request: HttpRequest) -> Offer | None:
    change = _last_of(booking, by, at)
    if change is None or change.kind != Kind.CONFIRMED:
        return None
    return Offer(
        message=f"{isolated(booking.runner)} is booked: {_when(booking)}"
        f" with {isolated(booking.therapist)}.",
        undo_url=reverse("staff:cancellation", args=[booking.public_id]),
        hidden={"reason": BY_MISTAKE},
    )


def _last_of(booking: Booking, by: User, at: datetime) -> BookingChange | None:
    """The last thing that happened to it, if ``by`` did it a few minutes ago."""
    last = booking.changes.order_by("-pk").first()
    mine = last is not None and last.actor_id == by.pk and at <= last.at + UNDO_FOR
    return last if mine else None


def _when(booking: Booking) -> str:
    return plain_moment(booking.starts_at, booking.zone)


def _block(pk: str) -> Offer | None:
    is_number = pk.isascii() and pk.isdigit() and len(pk) < LONGEST_ID
    blocks = TimeOff.objects.filter(kind=TimeOff.Kind.BLOCKED).select_related("therapist")
    block = blocks.filter(pk=pk).first() if is_number else None
    if block is None:
        return None
    return Offer(
        message=f"The time of {block.therapist} is blocked.",
        undo_url=reverse("staff:block", args=[block.pk]),
    )


_OF_BOOKINGS: dict[str, Callable[[Booking, User, datetime, HttpRequest], Offer | None]] = {
    "did": _mark,
    "moved": _move,
    "booked": _new,
}
