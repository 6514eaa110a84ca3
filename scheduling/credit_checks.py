"""Sessions and the credits they stand on: M17 to M19, looked for where sessions are known."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts.models import User
from payments import checking, crediting, resolving
from payments.checking import Finding
from payments.models import Bucket, CreditEntry, Mismatch
from payments.resolving import Place, Suggestion, each
from scheduling.models import OCCUPYING, Booking
from scheduling.unpaid import OPEN_AFTER, about, price, unpaid

UNDECIDED_AFTER = timedelta(hours=24)
State = Booking.State
USES_ONE = (State.COMPLETED,)


def credit_without_session(at: datetime) -> Iterable[Finding]:
    """M17: a unit set aside for a session that is off, or a session done without its unit."""
    last = CreditEntry.objects.filter(
        booking_id=OuterRef("booking_id"), kind__in=crediting.SETTLING
    )
    newest = Subquery(last.order_by("-pk").values("pk")[:1])
    held = CreditEntry.objects.filter(pk=newest, to_bucket=Bucket.RESERVED)
    live = Booking.objects.filter(state__in=OCCUPYING).values("public_id")
    for entry in held.exclude(booking_id__in=live).select_related("lot__order_line__order"):
        line = entry.lot.order_line
        yield Finding(
            f"booking:{entry.booking_id}",
            currency=entry.lot.currency,
            order=line.order if line else None,
            details={"what": "A credit is set aside, and the session is off."},
        )
    bucket = CreditEntry.objects.filter(
        booking_id=OuterRef("public_id"), kind__in=crediting.SETTLING
    )
    done = Booking.objects.filter(state__in=USES_ONE).annotate(
        credit_in=Subquery(bucket.order_by("-pk").values("to_bucket")[:1])
    )
    for booking in done.exclude(credit_in=Bucket.USED).select_related("variant"):
        yield Finding(
            about(booking),
            price(booking),
            booking.variant.currency,
            details={"what": "The session is done, and no credit was used for it."},
        )


def session_undecided(at: datetime) -> Iterable[Finding]:
    """M18: over for a day, paid, and still neither done nor missed."""
    over = Booking.objects.booked().filter(ends_at__lte=at - UNDECIDED_AFTER)
    undecided = over.exclude(pk__in=unpaid(over).values("pk"))
    for booking in undecided.select_related("variant"):
        yield Finding(about(booking), currency=booking.variant.currency)


def session_unpaid(at: datetime) -> Iterable[Finding]:
    """M19."""
    over = Booking.objects.booked().filter(ends_at__lte=at - OPEN_AFTER)
    for booking in unpaid(over).select_related("variant"):
        yield Finding(
            about(booking),
            price(booking),
            booking.variant.currency,
            details={"booking": str(booking.public_id)},
        )


# What can be done ----------------------------------------------------------------------------
def _page(mismatch: Mismatch) -> Place:
    return Place("booking", mismatch.about.partition(":")[2])


def release_or_attach(mismatch: Mismatch) -> list[Suggestion]:
    """M17."""
    booking_id = UUID(mismatch.about.partition(":")[2])
    open_page = Suggestion(
        "booking",
        _("Open the session"),
        _("See what it was, and give or take the credit there."),
        leads_to=_page(mismatch),
    )
    if not crediting.holds_credit(booking_id):
        return [open_page]

    def act(by: User, at: datetime) -> str:
        crediting.release(
            booking_id=booking_id, by=by, at=at, reason=_("The session does not take place")
        )
        return _("The credit is back with its runner.")

    why = _("The session is off, so its credit belongs to the runner again.")
    return [Suggestion("release", _("Release the credit"), why, act), open_page]


def decide(mismatch: Mismatch) -> list[Suggestion]:
    """M18."""
    why = _("It took place, as far as we know. Mark it done, or missed.")
    return [Suggestion("booking", _("Open the session"), why, leads_to=_page(mismatch))]


def bill(mismatch: Mismatch) -> list[Suggestion]:
    """M19."""
    why = _("It was booked by hand without a credit. Take payment, use a credit, or cancel.")
    pay = Place("session_sale", mismatch.about.partition(":")[2])
    return [
        Suggestion("payment", _("Take payment"), why, leads_to=pay),
        Suggestion("booking", _("Open the session"), why, leads_to=_page(mismatch)),
    ]


def register() -> None:
    """Bring what only this app can see to the books' list of what needs a person."""
    checking.register("M17", credit_without_session)
    checking.register("M18", session_undecided)
    checking.register("M19", session_unpaid)
    resolving.register("M17", each(release_or_attach))
    resolving.register("M18", each(decide))
    resolving.register("M19", each(bill))
