"""Taking the money for a session at the desk: one that is due to pay, or one held for a runner.

The package is sold for the session, so what is bought is set aside for it by the same news that
a payment online sends.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.desk_selling import sell_at_desk, taken_under
from payments.models import Order, Package
from payments.offers import PackageOffer, sold_at_desk
from payments.selling import AlreadyPaid
from scheduling.errors import IllegalTransition
from scheduling.models import Booking
from scheduling.paying import PackageNotOffered, single_code


def sold_for(booking: Booking, *, at: datetime) -> tuple[PackageOffer, ...]:
    """What can be sold for this session: itself alone first, then what covers it, hidden or not."""
    code = booking.variant.code
    offers = [offer for offer in sold_at_desk(at=at) if code in offer.variant_codes]
    alone = single_code(booking.variant)
    single = [
        replace(
            offer,
            price_minor=booking.single_price_minor,
            price_each_minor=booking.single_price_minor,
            saving_minor=0,
        )
        for offer in offers
        if offer.code == alone
    ]
    several = [offer for offer in offers if offer.code != alone]
    return (*single, *sorted(several, key=lambda offer: (offer.units, offer.price_minor)))


def is_payable(booking: Booking) -> bool:
    """Whether somebody owes money for it: held or booked for a runner, and no credit set aside."""
    open_to_pay = booking.is_booked or booking.state == Booking.State.HELD
    has_runner = booking.runner_id is not None
    return open_to_pay and has_runner and not crediting.holds_credit(booking.public_id)


def sell_for_session(
    *,
    booking: Booking,
    package_code: str,
    method: str,
    by: User,
    at: datetime,
    key: uuid.UUID,
    reference: str = "",
    tendered_minor: int | None = None,
) -> Order:
    """Take the money for a session; what was bought is set aside for it. The order comes back paid.

    A hold becomes a booking. ``key`` as in `sell_at_desk`, so a double click pays once. Calls
    Stripe when the runner is paying online: never in a transaction.

    Raises:
        IllegalTransition: nobody is in it, or it is over.
        PackageNotOffered: that package is not on sale, or does not cover it.
        SellingError: no money is to be taken; see `sell_at_desk`.
    """
    if done := taken_under(key):
        return done
    if booking.runner is None or not (booking.is_booked or booking.state == Booking.State.HELD):
        raise IllegalTransition(_("There is nothing to pay for this session."))
    offers = {offer.code: offer for offer in sold_for(booking, at=at)}
    if package_code not in offers:
        raise PackageNotOffered
    if not is_payable(booking):
        raise AlreadyPaid(_("A credit is set aside for this session. Take no money."))
    return sell_at_desk(
        buyer=booking.runner,
        package=Package.objects.get(code=package_code),
        method=method,
        by=by,
        at=at,
        key=key,
        reference=reference,
        reserved_for=booking.public_id,
        price_minor=offers[package_code].price_minor,
        tendered_minor=tendered_minor,
    )
