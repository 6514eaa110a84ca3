"""How a held session can be paid for, and the order that waits for its money."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from accounts.models import User
from payments.crediting import CreditError, choose_lot, reserved_lot
from payments.days import practice_day
from payments.models import Order, Package, ServiceVariant
from payments.offers import PackageOffer, packages_on_sale
from payments.selling import NotForSale, SellingError, place_order
from payments.topping_up import TopUp, place_top_up, top_up_for
from payments.wallets import WalletLot, wallet
from scheduling.booking import require_may_book
from scheduling.models import Booking

# The provider's page stays open for at least half an hour; the time is held a little longer, so
# that a card accepted in the last second still finds its session.
PAYMENT_MINUTES = 31
HELD_WHILE_PAYING_MINUTES = 40


class PackageNotOffered(SellingError):
    """The package is not on sale, or does not cover the session."""

    def __str__(self) -> str:
        return "That package cannot pay for this session. Choose one of these."


@dataclass(frozen=True, slots=True)
class CreditWay:
    """Paying with a credit: how many there are now and which packages may give it."""

    available: int
    lot: WalletLot
    lots: tuple[WalletLot, ...]  # the one that would pay in front; she may choose another (P3)

    @property
    def left_after(self) -> int:
        return self.available - 1


@dataclass(frozen=True, slots=True)
class WaysToPay:
    """A credit if there is one, else what can be bought: the single session first."""

    credit: CreditWay | None
    packages: tuple[PackageOffer, ...]
    why_no_credit: str
    top_up: TopUp | None = None  # a credit of a shorter session, and the difference


def session_day(booking: Booking) -> date:
    """The local day of the session: credits count by it."""
    return booking.starts_local.date()


def ways_to_pay(*, booking: Booking, runner: User, at: datetime) -> WaysToPay:
    """What the runner can pay this session with at the moment ``at``. Reads only."""
    variant: ServiceVariant = booking.variant
    credits = wallet(runner, on=session_day(booking), booked_on=practice_day(at))
    left, lots = credits.variant_available(variant.code), credits.lots_for(variant.code)
    waiting = reserved_lot(booking.public_id)
    if waiting and waiting.variants.filter(pk=variant.pk).exists():  # with an offered time (E14)
        own = next(one for one in credits.lots if one.public_id == waiting.public_id)
        way = CreditWay(1 + left, own, (own,))
        return WaysToPay(credit=way, packages=(), why_no_credit="")
    if lots:
        return WaysToPay(credit=CreditWay(left, lots[0], lots), packages=(), why_no_credit="")
    why = ""
    if any(variant.code in row.variants for row in credits.lots):
        why = _why_no_credit(runner, booking, at)
    return WaysToPay(
        credit=None,
        packages=packages_for(booking, at=at),
        why_no_credit=why,
        top_up=top_up_of(booking, runner, at),
    )


def top_up_of(booking: Booking, runner: User, at: datetime) -> TopUp | None:
    """A credit of hers that pays for a part of this session, and the rest."""
    return top_up_for(
        owner=runner,
        variant=booking.variant,
        price_minor=booking.single_price_minor,
        session_on=session_day(booking),
        booking_id=booking.public_id,
        at=at,
    )


def packages_for(booking: Booking, *, at: datetime) -> tuple[PackageOffer, ...]:
    """The single session, then the packages that cover its variant, smallest first.

    The single one costs what this session costs with its therapist, as it was when it was picked
    (S2); a package costs the same with everybody.
    """
    variant: ServiceVariant = booking.variant
    single = [
        replace(
            offer,
            price_minor=booking.single_price_minor,
            price_each_minor=booking.single_price_minor,
            saving_minor=0,
        )
        for offer in packages_on_sale(at=at, codes=[single_code(variant)])
    ]
    several = [offer for offer in packages_on_sale(at=at) if variant.code in offer.variant_codes]
    return (*single, *sorted(several, key=lambda offer: (offer.units, offer.price_minor)))


def single_code(variant: ServiceVariant) -> str:
    """The code of the package that is this one session."""
    return f"single-{variant.code}"


def _why_no_credit(runner: User, booking: Booking, at: datetime) -> str:
    try:
        choose_lot(owner=runner, variant=booking.variant, session_on=session_day(booking), at=at)
    except CreditError as reason:
        return str(reason)
    return ""


def order_for_hold(
    *, booking: Booking, package_code: str, buyer: User, at: datetime, code: str = ""
) -> Order:
    """The open order of this package for this session, placed now if there is none.

    A second call, from a double click or the back button, returns the first one's order. ``code``
    is a promotion code as it was typed.

    Raises:
        PackageNotOffered: not on sale now, or not for this session.
        NotOffered: she may not book this time, so nobody asks for her money.
        SellingError: not to this person, or not with this code.
    """
    require_may_book(booking=booking, runner=buyer, at=at)
    if package_code not in {offer.code for offer in packages_for(booking, at=at)}:
        raise PackageNotOffered
    try:
        return place_order(
            buyer=buyer,
            package=Package.objects.get(code=package_code),
            at=at,
            reserved_for=booking.public_id,
            source=booking.source,
            code=code,
            price_minor=booking.single_price_minor
            if package_code == single_code(booking.variant)
            else None,
        )
    except NotForSale as refused:  # taken off sale between our two looks
        raise PackageNotOffered from refused


def top_up_for_hold(*, booking: Booking, buyer: User, at: datetime) -> Order:
    """The open order of the difference for this session; her credit is set aside for it (B5).

    Raises:
        NoTopUp: there is no credit it could be paid beside.
        NotOffered: she may not book this time, so nobody asks for her money.
    """
    require_may_book(booking=booking, runner=buyer, at=at)
    return place_top_up(
        buyer=buyer,
        variant=booking.variant,
        price_minor=booking.single_price_minor,
        session_on=session_day(booking),
        booking_id=booking.public_id,
        at=at,
        source=booking.source,
    )
