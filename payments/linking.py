"""A payment that came without an order of ours finds the one it was for (M01)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import trail
from payments.mismatching import settle_mismatch
from payments.models import BalanceTransaction, Charge, Order, Package, PaymentAttempt
from payments.posting import post_assigned
from payments.selling import place_order, settle
from payments.stripe_rules import is_live

Status = PaymentAttempt.Status
NEAR = timedelta(days=2)


class LinkError(Exception):
    """A payment that cannot be put to that order; says why."""


@transaction.atomic
def link_charge(*, charge: Charge, order: Order, by: User, at: datetime) -> PaymentAttempt:
    """Take a charge as the payment of an order: its credits are granted and its sale posted.

    Linking again changes nothing.

    Raises:
        LinkError: the amounts differ, or one of the two has its counterpart already.
    """
    order = Order.objects.select_for_update().get(pk=order.pk)
    waiting = Charge.objects.select_for_update(of=("self",)).select_related("attempt")
    charge = waiting.get(pk=charge.pk)
    if charge.attempt is not None:
        if charge.attempt.order_id != order.pk:
            raise LinkError(_("This payment belongs to another order already."))
        return charge.attempt
    _require_fit(charge, order)
    attempt = PaymentAttempt.objects.create(
        order=order,
        number=order.attempts.count() + 1,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
        status=Status.FAILED,  # until it is settled below
        idempotency_key=f"linked:{charge.pk}",
        stripe_payment_intent_id=charge.payment_intent_id or None,
        livemode=charge.livemode,
        recorded_by=by,
        created_at=at,
    )
    charge.attempt = attempt
    charge.save(update_fields=["attempt"])
    trail.of_order("money.payment_linked", order, by=by, at=at, after={"charge": charge.pk})
    settle(order=order, attempt=attempt, at=at)
    row = BalanceTransaction.objects.filter(pk=charge.balance_transaction_id).first()
    if row is not None:
        post_assigned(row=row, order=order, by=by, at=at)
    done = _("Taken as the payment of order %(number)s.") % {"number": order.number}
    about = charge.payment_intent_id or charge.pk
    settle_mismatch("M01", about=about, at=at, resolution=done, by=by)
    return attempt


def _require_fit(charge: Charge, order: Order) -> None:
    if order.is_paid:
        raise LinkError(_("That order is paid already."))
    if order.attempts.live().exists():
        raise LinkError(_("That order is being paid right now. End its checkout first."))
    if (charge.amount_minor, charge.currency) != (order.total_minor, order.currency):
        raise LinkError(_("The payment and the order are not the same amount."))
    if charge.status != "succeeded" or charge.livemode != is_live():
        raise LinkError(_("That is no payment we can use."))


def order_for_charge(
    *, charge: Charge, buyer: User, package: Package, by: User, at: datetime
) -> Order:
    """Make the order a payment must have been for, and take the payment for it.

    Raises:
        LinkError: the package costs something else.
        NotForSale: it is not sold.
    """
    if (package.price_minor, package.currency) != (charge.amount_minor, charge.currency):
        raise LinkError(_("The payment and the package are not the same amount."))
    with transaction.atomic():
        order = place_order(buyer=buyer, package=package, at=at)
        link_charge(charge=charge, order=order, by=by, at=at)
    return order


def likely_orders(charges: list[Charge]) -> dict[str, list[Order]]:
    """Orders each charge may have been for: unpaid, the same sum, placed within two days of it.

    The nearest in time comes first. One query, whatever the number.
    """
    if not charges:
        return {}
    first = min(charge.created_at for charge in charges) - NEAR
    last = max(charge.created_at for charge in charges) + NEAR
    unpaid = Order.objects.exclude(status=Order.Status.PAID).select_related("buyer")
    near = list(unpaid.filter(placed_at__gte=first, placed_at__lte=last, total_minor__gt=0))
    return {charge.pk: _nearest(charge, near) for charge in charges}


def _nearest(charge: Charge, orders: list[Order]) -> list[Order]:
    same = [
        order
        for order in orders
        if (order.total_minor, order.currency) == (charge.amount_minor, charge.currency)
        and abs(order.placed_at - charge.created_at) <= NEAR
    ]
    return sorted(same, key=lambda order: abs(order.placed_at - charge.created_at))
