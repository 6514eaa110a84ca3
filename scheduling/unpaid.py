"""Sessions nobody has paid for: booked by staff without a credit, due to pay (E23, M19).

Such a session is booked like any other. It is not done before it is paid: completing would use a
credit it does not hold. Once it is over, it is a mismatch somebody at the books sees.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.checking import recheck
from payments.mismatching import settle_mismatch
from payments.models import Bucket, CreditEntry, CreditLot
from scheduling.changing import Kind, change, locked
from scheduling.errors import IllegalTransition
from scheduling.models import Booking
from scheduling.models.bookings import BookingQuerySet
from scheduling.patience import patient

CODE = "M19"
OPEN_AFTER = timedelta(hours=12)  # when a paid one would have been done by itself (E19)


def paid(bookings: BookingQuerySet) -> BookingQuerySet:
    """Those with a credit set aside."""
    return bookings.annotate(credit_in=_last_bucket()).filter(credit_in=Bucket.RESERVED)


def unpaid(bookings: BookingQuerySet) -> BookingQuerySet:
    """Of booked sessions, those due to pay."""
    return bookings.exclude(pk__in=paid(bookings).values("pk"))


@patient
@transaction.atomic
def pay_with_credit(
    *, booking: Booking, by: User | None, at: datetime, lot: CreditLot | None = None
) -> Booking:
    """Set a credit aside for a session that is due to pay; one that holds a credit keeps it.

    The terms stay those agreed to when it was booked. ``lot`` names the credit to use, else the
    one that ends first.

    Raises:
        crediting.NoCredit, crediting.OnlyExpiredCredit: nothing she has covers it.
        IllegalTransition: it is not booked any more.
    """
    if booking.runner is None:
        raise IllegalTransition(_("Nobody has booked this session yet."))
    crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if not booking.is_booked or booking.runner is None:
        raise IllegalTransition(
            _("This session is %(state)s, so nothing is set aside for it.")
            % {"state": booking.get_state_display()}
        )
    if crediting.holds_credit(booking.public_id):
        return booking
    entry = crediting.reserve(
        owner=booking.runner,
        variant=booking.variant,
        booking_id=booking.public_id,
        session_on=booking.starts_local.date(),
        by=by,
        at=at,
        lot=lot,
    )
    settle_mismatch(CODE, about=about(booking), at=at, resolution="It is paid.")
    details = {"lot": str(entry.lot.public_id)}
    return change(booking, to=booking.state, kind=Kind.PAID, by=by, at=at, details=details)


def report_unpaid(*, at: datetime) -> int:
    """The job: a mismatch for each session that is over and due, once; how many there are.

    One that has been paid, missed or cancelled since is closed.
    """
    return recheck(CODE, at=at)


def _last_bucket() -> Subquery:
    """Where the booking's last movement left its credit, if it ever had one."""
    entries = CreditEntry.objects.filter(
        booking_id=OuterRef("public_id"), kind__in=crediting.SETTLING
    )
    return Subquery(entries.order_by("-pk").values("to_bucket")[:1])


def about(booking: Booking) -> str:
    return f"booking:{booking.public_id}"


def price(booking: Booking) -> int:
    return booking.variant.price_minor if booking.price_minor is None else booking.price_minor
