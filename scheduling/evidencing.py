"""What the diary says of the sessions of an order, for the evidence of a dispute.

States and times only. What people typed about a session may touch their health: it stays here.
"""

from django.utils.translation import gettext as _

from payments.disputing.evidence import Fact, Section, bookings_of
from payments.models import Order
from scheduling.models import Booking, BookingChange
from scheduling.wording import moment_words

SAID = {
    BookingChange.Kind.CONFIRMED: "booked",
    BookingChange.Kind.MOVED: "moved",
    BookingChange.Kind.CHECKED_IN: "the runner arrived",
    BookingChange.Kind.COMPLETED: "the session was given",
    BookingChange.Kind.CANCELLED: "cancelled",
    BookingChange.Kind.NO_SHOW: "the runner did not come",
    BookingChange.Kind.TAKEN_BACK: "the last mark was taken back",
    BookingChange.Kind.PAID: "paid with a credit",
}


def sessions(order: Order) -> Section:
    """Each session that held a credit of the order, with what happened to it."""
    ids = bookings_of(order)
    bookings = Booking.objects.filter(public_id__in=ids).prefetch_related("changes__actor")
    facts = [
        Fact(change.at, _told(booking, change, order))
        for booking in bookings
        for change in booking.changes.all()
        if change.kind in SAID
    ]
    facts.sort(key=lambda fact: fact.at)
    return Section("sessions", _("Bookings, arrivals and sessions"), tuple(facts))


def _told(booking: Booking, change: BookingChange, order: Order) -> str:
    who = _("the portal") if change.actor is None else _("the practice")
    if change.actor_id == order.buyer_id:
        who = _("the buyer")
    when = moment_words(booking.starts_at, booking.zone)
    words = SAID[BookingChange.Kind(change.kind)]
    return f"Session of {when} {booking.starts_at:%Y}: {words} (by {who})"
