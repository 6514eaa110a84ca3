"""One booking as staff see it: what happened to it, who did it, and the credit behind it."""

from dataclasses import dataclass
from datetime import datetime

from payments.models import CreditEntry, Order
from portal.staff.movements import movements_table
from portal.staff.orders import order_cell
from portal.staff.sessions import STATE_KIND, state_label
from portal.staff.tables import Cell, Column, Table, moment, words
from scheduling.day import ARRIVES_EARLIEST, MISSED_AFTER
from scheduling.models import TRANSITIONS, Booking, BookingChange

State = Booking.State
CHANGE_WORDS = {
    BookingChange.Kind.HELD: "Held",
    BookingChange.Kind.ADOPTED: "Signed in",
    BookingChange.Kind.EXTENDED: "Held longer",
    BookingChange.Kind.EXPIRED: "Let go",
    BookingChange.Kind.CONFIRMED: "Booked",
    BookingChange.Kind.MOVED: "Moved",
    BookingChange.Kind.CHECKED_IN: "Arrived",
    BookingChange.Kind.COMPLETED: "Done",
    BookingChange.Kind.CANCELLED: "Cancelled",
    BookingChange.Kind.NO_SHOW: "No-show",
}


@dataclass(frozen=True, slots=True)
class Actions:
    """What may be done to a booking now."""

    arrive: bool
    finish: bool
    miss: bool
    cancel: bool

    @property
    def any(self) -> bool:
        return self.arrive or self.finish or self.miss or self.cancel


@dataclass(frozen=True, slots=True)
class BookingPage:
    booking: Booking
    state_label: str
    state_kind: str
    order: Cell
    changes: Table
    credits: Table
    actions: Actions


def actions_for(booking: Booking, *, at: datetime) -> Actions:
    """The buttons worth showing; the acts themselves decide once more."""
    possible = TRANSITIONS[booking.state]
    return Actions(
        arrive=State.CHECKED_IN in possible and at >= booking.starts_at - ARRIVES_EARLIEST,
        finish=State.COMPLETED in possible and at >= booking.starts_at,
        miss=State.NO_SHOW in possible and at >= booking.starts_at + MISSED_AFTER,
        cancel=State.CANCELLED_CLINIC in possible,
    )


def booking_page(booking: Booking, *, at: datetime) -> BookingPage:
    """The booking (with everything joined) and its story; three more queries."""
    entries = list(
        CreditEntry.objects.of_booking(booking.public_id)
        .select_related("actor", "lot__order_line__order")
        .order_by("pk")
    )
    currency = entries[0].lot.currency if entries else ""
    return BookingPage(
        booking=booking,
        state_label=state_label(booking.state),
        state_kind=STATE_KIND[State(booking.state)],
        order=_paid_from(booking, entries),
        changes=_changes(booking),
        credits=movements_table(
            entries,
            {booking.public_id: booking},
            caption="Credit movements",
            currency=currency,
        ),
        actions=actions_for(booking, at=at),
    )


def _paid_from(booking: Booking, entries: list[CreditEntry]) -> Cell:
    """The order whose credit pays for the session, else the one that waits for its money."""
    if entries:
        line = entries[-1].lot.order_line
        return order_cell(line.order) if line else words(entries[-1].lot.name)
    return order_cell(Order.objects.filter(reserved_for=booking.public_id).first())


def _changes(booking: Booking) -> Table:
    columns = (Column("When"), Column("What"), Column("Who"), Column("Why"))
    rows = [
        (
            moment(change.at, booking.zone_info),
            words(CHANGE_WORDS[BookingChange.Kind(change.kind)]),
            words(change.actor or "The portal"),
            words(change.reason),
        )
        for change in booking.changes.select_related("actor")
    ]
    return Table("What happened", columns, rows)
