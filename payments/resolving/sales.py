"""What can be done about payments and what was bought with them: M01 to M06."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting import grant_lots
from payments.crediting.reviewing import hold_for_review
from payments.linking import likely_orders, link_charge, order_for_charge
from payments.models import Charge, CreditLot, Mismatch, Order, Package, PaymentAttempt
from payments.posting import post_sale
from payments.refunding.requesting import refund_surplus
from payments.resolving.suggestions import Act, Place, Suggester, Suggestion, each, seen
from payments.selling import fulfil

MOST_ORDERS = 3


# M01 -----------------------------------------------------------------------------------------
def payment_of_nobody(mismatches: Sequence[Mismatch]) -> dict[int, list[Suggestion]]:
    """An order it may have been for; else one made for the person it names; else its page."""
    charges = _charges_about([one.about for one in mismatches])
    orders = likely_orders(list({charge.pk: charge for charge in charges.values()}.values()))
    buyers = _buyers_named(mismatches)
    packages = list(Package.objects.filter(is_active=True)) if buyers else []
    found = {}
    for mismatch in mismatches:
        charge = charges.get(mismatch.about)
        options: list[Suggestion] = []
        if charge is not None:
            likely = _named_first(orders.get(charge.pk, []), mismatch)
            options = [_link(charge, order) for order in likely[:MOST_ORDERS]]
            if buyer := buyers.get(str(mismatch.details.get("buyer"))):
                options += [
                    _make(charge, buyer, package)
                    for package in packages
                    if (package.price_minor, package.currency)
                    == (charge.amount_minor, charge.currency)
                ]
        found[mismatch.pk] = options
    return found


def _charges_about(abouts: list[str]) -> dict[str, Charge]:
    """By the id a mismatch names: the payment intent's or the charge's own."""
    named = Q(payment_intent_id__in=abouts) | Q(pk__in=abouts)
    found: dict[str, Charge] = {}
    for charge in Charge.objects.filter(named, attempt=None, status="succeeded"):
        found[charge.pk] = charge
        if charge.payment_intent_id:
            found[charge.payment_intent_id] = charge
    return found


def _buyers_named(mismatches: Sequence[Mismatch]) -> dict[str, User]:
    named = []
    for mismatch in mismatches:
        try:
            named.append(UUID(str(mismatch.details.get("buyer", ""))))
        except ValueError:
            continue
    people = User.objects.filter(public_id__in=named) if named else []
    return {str(person.public_id): person for person in people}


def _named_first(orders: list[Order], mismatch: Mismatch) -> list[Order]:
    """The order that the payment itself names comes before those that only look alike."""
    names = {str(mismatch.details.get(key, "")) for key in ("order", "reference")}
    return sorted(orders, key=lambda one: not {one.number, str(one.public_id)} & names)


def _link(charge: Charge, order: Order) -> Suggestion:
    def act(by: User, at: datetime) -> str:
        link_charge(charge=charge, order=order, by=by, at=at)
        return _("Taken as the payment of order %(number)s.") % {"number": order.number}

    return Suggestion(
        f"link-{order.number}",
        _("Match with %(number)s") % {"number": order.number},
        _("%(buyer)s, %(number)s: the same amount at the same time, not paid.")
        % {"buyer": order.buyer, "number": order.number},
        act,
    )


def _make(charge: Charge, buyer: User, package: Package) -> Suggestion:
    def act(by: User, at: datetime) -> str:
        order = order_for_charge(charge=charge, buyer=buyer, package=package, by=by, at=at)
        return _("Order %(number)s was made for it.") % {"number": order.number}

    return Suggestion(
        f"make-{package.code}",
        _("Make an order: %(package)s") % {"package": package.name},
        _("The payment names %(buyer)s, and %(package)s costs as much.")
        % {"buyer": buyer, "package": package.name},
        act,
    )


# M02 to M06 ----------------------------------------------------------------------------------
def no_charge(mismatch: Mismatch) -> list[Suggestion]:
    """M02: the charge may only not have been heard of."""
    return [
        Suggestion(
            "look",
            _("Look at Stripe again"),
            _(
                "The charge exists and its news was lost. If Stripe has none, the unused credits "
                "are held."
            ),
            _looked_up(mismatch),
        ),
    ]


def _looked_up(mismatch: Mismatch) -> Act:
    def act(by: User, at: datetime) -> str:
        attempt = PaymentAttempt.objects.select_related("order").get(idempotency_key=mismatch.about)
        if attempt.stripe_session_id:
            fulfil(session_id=attempt.stripe_session_id, at=at)
        if attempt.charges.exists():
            return _("Stripe has the charge; it is linked now.")
        held = _hold_lots(attempt.order, by, at, _("No charge at Stripe"))
        return _("Stripe has no charge. %(count)d of its lots are held.") % {"count": held}

    return act


def _hold_lots(order: Order, by: User, at: datetime, reason: str) -> int:
    lots = CreditLot.objects.filter(order_line__order=order)
    held = [hold_for_review(lot=lot, by=by, at=at, reason=reason) for lot in lots]
    return sum(entry is not None for entry in held)


def differs(mismatch: Mismatch) -> list[Suggestion]:
    """M03: nothing was granted, or what was granted is held until a person knows."""
    order = mismatch.order
    if order is None:
        return []
    place = Place("order", str(order.public_id))
    if order.is_paid:

        def act(by: User, at: datetime) -> str:
            held = _hold_lots(order, by, at, _("The payment differs from the order"))
            return _("%(count)d lots are held. Refund the payment on the order's page.") % {
                "count": held
            }

        return [
            Suggestion("hold", _("Hold its credits"), _("Nobody books until it is clear."), act),
            Suggestion("order", _("Open the order"), _("Refund it there."), leads_to=place),
        ]
    return [
        Suggestion(
            "order",
            _("Open the order"),
            _("No credit was granted. Pay the money back, or ask the runner."),
            leads_to=place,
        )
    ]


def no_lot(mismatch: Mismatch) -> list[Suggestion]:
    """M04: granting happens once, so granting again is safe."""
    order = mismatch.order
    if order is None:
        return []

    def act(by: User, at: datetime) -> str:
        regrant(order=order, at=at)
        return _("The credits of %(number)s are granted.") % {"number": order.number}

    why = _("The payment is here and the credits are not; granting happens once.")
    return [Suggestion("grant", _("Grant them"), why, act)]


@transaction.atomic
def regrant(*, order: Order, at: datetime) -> list[CreditLot]:
    """Grant what a paid order has not granted, and post its sale if that is missing too."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    lots = grant_lots(order=order, at=at)
    attempt = order.attempts.filter(status=PaymentAttempt.Status.PAID).first()
    if attempt is not None:
        lines = order.lines.filter(lot__in=lots).select_related("lot")
        sold = [(line, line.lot) for line in lines.order_by("pk")]
        post_sale(order=order, sold=sold, method=attempt.method, at=at)
    return lots


def paid_twice(mismatch: Mismatch) -> list[Suggestion]:
    """M05."""

    def act(by: User, at: datetime) -> str:
        attempt = PaymentAttempt.objects.get(idempotency_key=mismatch.about)
        request = refund_surplus(attempt=attempt, by=by, reason=_("Paid twice"), at=at)
        status = request.get_status_display().lower()
        return _("Refund %(number)s of the later payment: %(status)s.") % {
            "number": request.number,
            "status": status,
        }

    why = _("The first payment bought the credits; the later one bought nothing.")
    return [Suggestion("refund", _("Refund the later one"), why, act)]


def paid_late(mismatch: Mismatch) -> list[Suggestion]:
    """M06."""
    keep = seen(
        _("Keep it as a credit"),
        _("The time was gone, but the credit can be used for another."),
        _("Kept as a credit."),
        key="keep",
    )
    if mismatch.order is None:
        return [keep]
    place = Place("order", str(mismatch.order.public_id))
    refund = Suggestion("order", _("Refund it"), _("On the order's page."), leads_to=place)
    return [keep, refund]


SUGGESTERS: dict[str, Suggester] = {
    "M01": payment_of_nobody,
    "M02": each(no_charge),
    "M03": each(differs),
    "M04": each(no_lot),
    "M05": each(paid_twice),
    "M06": each(paid_late),
}
