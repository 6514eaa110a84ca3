"""Sessions as the money pages mention them: ledgers know a booking by its id only."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse

from portal.staff.tables import NOTHING, Cell
from scheduling.models import Booking


def sessions_by_id(ids: Iterable[UUID | None]) -> dict[UUID, Booking]:
    """The bookings with these ids, in one query."""
    wanted = {booking_id for booking_id in ids if booking_id}
    found = Booking.objects.with_everything().filter(public_id__in=wanted)
    return {booking.public_id: booking for booking in found}


def session_url(booking_id: UUID) -> str:
    return reverse("staff:booking", args=[booking_id])


def session_words(booking: Booking) -> str:
    local = booking.starts_local
    return f"{local.day} {local:%b %Y, %H:%M}".replace(" ", "\N{NO-BREAK SPACE}")


def session_cell(booking_id: UUID | None, known: dict[UUID, Booking]) -> Cell:
    """When the session is, linked; its id when the booking is not among the `known`."""
    if booking_id is None:
        return Cell(NOTHING, plain="")
    booking = known.get(booking_id)
    text = session_words(booking) if booking else str(booking_id)
    plain = booking.starts_local.isoformat(timespec="minutes") if booking else str(booking_id)
    return Cell(text, session_url(booking_id), plain=plain)


# What a state looks like beside its word; the word itself is always printed.
STATE_KIND = {
    Booking.State.HELD: "info",
    Booking.State.CONFIRMED: "plain",
    Booking.State.CHECKED_IN: "good",
    Booking.State.COMPLETED: "good",
    Booking.State.EXPIRED: "plain",
    Booking.State.CANCELLED_ONTIME: "plain",
    Booking.State.CANCELLED_LATE: "warn",
    Booking.State.CANCELLED_CLINIC: "warn",
    Booking.State.NO_SHOW: "bad",
}


def state_label(state: str) -> str:
    return str(Booking.State(state).label).capitalize()


def state_cell(state: str) -> Cell:
    return Cell(state_label(state), kind=STATE_KIND[Booking.State(state)])
