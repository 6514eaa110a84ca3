"""One booking as staff see it: what happened to it, who did it, and the credit behind it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from payments.crediting import reserved_lot
from payments.days import practice_day
from payments.models import CreditEntry, CreditLot, Order
from payments.wallets import WalletLot, wallet
from portal.staff.forms import PayFromForm
from portal.staff.movements import movements_table
from portal.staff.orders import order_cell
from portal.staff.rules import in_words
from portal.staff.sessions import STATE_KIND, state_label
from portal.staff.tables import Cell, Column, Table, moment, words
from scheduling.day import ARRIVES_EARLIEST, MISSED_AFTER
from scheduling.models import TRANSITIONS, Booking, BookingChange
from scheduling.waiving import WAIVABLE

State = Booking.State
MARKED = (State.CHECKED_IN, State.COMPLETED, State.NO_SHOW)
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
    BookingChange.Kind.TAKEN_BACK: "Taken back",
    BookingChange.Kind.SHORTENED: "Turnaround shortened",
    BookingChange.Kind.PAID: "Paid by credit",
}


@dataclass(frozen=True, slots=True)
class Actions:
    """What may be done to a booking now."""

    arrive: bool
    finish: bool
    miss: bool
    cancel: bool
    move: bool
    take_back: bool
    shorten: bool
    pay: bool
    waive: bool

    @property
    def any(self) -> bool:
        return any(astuple(self))


@dataclass(frozen=True, slots=True)
class Override:
    """A rule staff set aside for a booking (E23)."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class BookingPage:
    booking: Booking
    state_label: str
    state_kind: str
    order: Cell
    changes: Table
    credits: Table
    actions: Actions
    is_due: bool
    is_disputed: bool
    overrides: tuple[Override, ...]
    override_reason: str
    pay_from: PayFromForm | None


def actions_for(booking: Booking, *, at: datetime) -> Actions:
    """The buttons worth showing; the acts themselves decide once more."""
    possible = TRANSITIONS[booking.state]
    return Actions(
        arrive=State.CHECKED_IN in possible and at >= booking.starts_at - ARRIVES_EARLIEST,
        finish=State.COMPLETED in possible and at >= booking.starts_at,
        miss=State.NO_SHOW in possible and at >= booking.starts_at + MISSED_AFTER,
        cancel=State.CANCELLED_CLINIC in possible,
        move=booking.state == State.CONFIRMED,
        take_back=booking.state in MARKED,
        shorten=booking.is_booked and booking.frees_at > booking.ends_at,
        pay=booking.is_booked,
        waive=booking.state in WAIVABLE,
    )


def has_credit(booking: Booking) -> bool:
    """Whether a credit is set aside for it."""
    return _is_set_aside(
        CreditEntry.objects.of_booking(booking.public_id).values_list("kind", flat=True)
    )


def _is_set_aside(kinds: Iterable[str]) -> bool:
    """A reserve that no release has given back."""
    counted = Counter(kinds)
    return counted[CreditEntry.Kind.RESERVE] > counted[CreditEntry.Kind.RELEASE]


def booking_page(booking: Booking, *, at: datetime) -> BookingPage:
    """The booking (with everything joined) and its story; six more queries."""
    entries = list(
        CreditEntry.objects.of_booking(booking.public_id)
        .select_related("actor", "lot__order_line__order")
        .order_by("pk")
    )
    currency = entries[0].lot.currency if entries else ""
    changes = list(booking.changes.select_related("actor"))
    is_paid = _is_set_aside(entry.kind for entry in entries)
    return BookingPage(
        booking=booking,
        state_label=state_label(booking.state),
        state_kind=STATE_KIND[State(booking.state)],
        order=_paid_from(booking, entries),
        changes=_changes(booking, changes),
        credits=movements_table(
            entries,
            {booking.public_id: booking},
            caption="Credit movements",
            currency=currency,
        ),
        actions=actions_for(booking, at=at),
        is_due=booking.is_booked and not is_paid,
        is_disputed=booking.is_booked and is_paid and _is_disputed(entries[-1].lot),
        overrides=tuple(Override(code, in_words(code)) for code in booking.overrides),
        override_reason=_why(changes),
        pay_from=_pay_from(booking, at) if is_paid and booking.is_booked else None,
    )


def _is_disputed(lot: CreditLot) -> bool:
    """The session is kept, and may turn out never to be paid ($9)."""
    return lot.frozen_for == CreditLot.FrozenFor.DISPUTE


def other_lots(booking: Booking, *, at: datetime) -> tuple[WalletLot, ...]:
    """The runner's packages that may pay for the session instead of the one that does."""
    held = reserved_lot(booking.public_id)
    if booking.runner is None or held is None:
        return ()
    if not held.variants.filter(pk=booking.variant_id).exists():
        return ()  # a top-up goes with that credit
    own = wallet(booking.runner, on=booking.starts_local.date(), booked_on=practice_day(at))
    lots = own.lots_for(booking.variant.code)
    return tuple(lot for lot in lots if lot.public_id != held.public_id)


def _pay_from(booking: Booking, at: datetime) -> PayFromForm | None:
    lots = other_lots(booking, at=at)
    return PayFromForm(lots=lots) if lots else None


def _why(changes: Sequence[BookingChange]) -> str:
    """What was written when rules were set aside last."""
    told = [one.reason for one in changes if one.details.get("overrides") and one.reason]
    return told[-1] if told else ""


def _paid_from(booking: Booking, entries: list[CreditEntry]) -> Cell:
    """The order whose credit pays for the session, else the one that waits for its money."""
    if entries:
        line = entries[-1].lot.order_line
        return order_cell(line.order) if line else words(entries[-1].lot.name)
    return order_cell(Order.objects.filter(reserved_for=booking.public_id).first())


def _changes(booking: Booking, changes: Sequence[BookingChange]) -> Table:
    columns = (Column("When"), Column("What"), Column("Who"), Column("Why"))
    rows = [
        (
            moment(change.at, booking.zone_info),
            words(CHANGE_WORDS[BookingChange.Kind(change.kind)]),
            words(change.actor or "The portal"),
            words(change.reason),
        )
        for change in changes
    ]
    return Table("What happened", columns, rows)
