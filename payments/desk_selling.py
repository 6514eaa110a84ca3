"""Selling at the desk: cash, the card terminal or a bank transfer, taken by a member of staff.

The way of the money is the only thing that differs: order, lots, postings, receipt and news are
those of a sale online, by the same acts.
"""

import logging
import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import stripe_gateway as gateway
from payments.models import Order, Package, PaymentAttempt
from payments.selling import (
    AlreadyPaid,
    SellingError,
    checkout_to_retire,
    close_rivals,
    fulfil,
    place_order,
    settle,
)
from payments.stripe_gateway import GatewayError, GatewayRefused
from payments.stripe_rules import is_live

log = logging.getLogger(__name__)

Method = PaymentAttempt.Method
Status = PaymentAttempt.Status
AT_DESK = (Method.CASH, Method.TERMINAL, Method.TRANSFER)


class NotADeskMethod(SellingError):
    """Money is taken at the desk in cash, by terminal or by transfer."""


class TooLittleCash(SellingError):
    """Less cash was handed over than the order costs."""


class CheckoutStillOpen(SellingError):
    """Stripe does not say whether the runner is paying online at this moment."""

    def __str__(self) -> str:
        return _(
            "This order is open in the runner's browser, and Stripe does not answer whether it"
            " was paid. Take no money yet. Try again in a minute."
        )


def sell_at_desk(
    *,
    buyer: User,
    package: Package,
    method: str,
    by: User,
    at: datetime,
    key: uuid.UUID,
    reference: str = "",
    reserved_for: uuid.UUID | None = None,
    price_minor: int | None = None,
    tendered_minor: int | None = None,
) -> Order:
    """Sell a package for money that is here; hidden packages too. The order comes back paid.

    ``key`` is made with the form: sent twice, it sells once. ``tendered_minor`` is the cash
    handed over. Calls Stripe when the runner has the order open online: never in a transaction.

    Raises:
        NotForSale: the package is not on sale at `at`.
        TooLittleCash, NotADeskMethod: nothing is written.
        AlreadyPaid, CheckoutStillOpen: see `take_payment`.
    """
    _require_at_desk(method)
    if done := taken_under(key):
        return done
    price = package.price_minor if price_minor is None else price_minor
    _require_enough(price, method, tendered_minor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=buyer.pk)
        if done := taken_under(key):  # the other click was faster
            return done
        order = place_order(
            buyer=buyer,
            package=package,
            at=at,
            reserved_for=reserved_for,
            price_minor=price_minor,
            at_desk=True,
        )
    return take_payment(
        order=order,
        method=method,
        by=by,
        at=at,
        key=key,
        reference=reference,
        tendered_minor=tendered_minor,
    )


def take_payment(
    *,
    order: Order,
    method: str,
    by: User,
    at: datetime,
    key: uuid.UUID,
    reference: str = "",
    tendered_minor: int | None = None,
) -> Order:
    """Take the money of an order that is not paid yet. The order comes back paid.

    Its checkout online is ended first. If the runner has paid there after all, that payment
    counts and no money is taken here. An order that was given up is taken up again. Calls
    Stripe: never in a transaction.

    Raises:
        AlreadyPaid: it is paid, or its payment is on its way; take no money.
        CheckoutStillOpen: nobody knows yet; nothing is changed.
        TooLittleCash, NotADeskMethod: nothing is written.
    """
    _require_at_desk(method)
    if done := taken_under(key):
        return done
    _require_enough(order.total_minor, method, tendered_minor)
    try:
        close_rivals(order, at)
        _retire_checkout(order, at)
    except GatewayError as unknown:
        raise CheckoutStillOpen from unknown
    return _settled_here(order, method, by, at, key, reference)


def change_due(*, total_minor: int, tendered_minor: int | None) -> int:
    """What goes back to the runner of the cash handed over."""
    return 0 if tendered_minor is None else tendered_minor - total_minor


def _require_at_desk(method: str) -> None:
    if method not in AT_DESK:
        raise NotADeskMethod(_("Choose cash, card terminal or bank transfer."))


def _require_enough(total_minor: int, method: str, tendered_minor: int | None) -> None:
    if method == Method.CASH and tendered_minor is not None and tendered_minor < total_minor:
        raise TooLittleCash(_("That is less cash than it costs."))


def taken_under(key: uuid.UUID) -> Order | None:
    """The order that was paid under this key already."""
    attempts = PaymentAttempt.objects.filter(idempotency_key=_key(key), status=Status.PAID)
    found = attempts.select_related("order__buyer").first()
    return found.order if found else None


def _key(key: uuid.UUID) -> str:
    return f"desk:{key}"


def _retire_checkout(order: Order, at: datetime) -> None:
    """End the order's checkout online without giving the order up."""
    live = checkout_to_retire(order, at)
    if live is None or live.stripe_session_id is None:
        return
    try:
        session = gateway.expire_session(live.stripe_session_id)
    except GatewayRefused as refusal:
        log.info("Session %s could not be expired: %s", live.stripe_session_id, refusal)
        session = gateway.retrieve_session(live.stripe_session_id)
    if session.status == "expired":
        with transaction.atomic():
            Order.objects.select_for_update().get(pk=order.pk)
            order.attempts.live().filter(pk=live.pk).update(status=Status.EXPIRED)
        return
    fulfil(session_id=live.stripe_session_id, at=at)


@transaction.atomic
def _settled_here(
    order: Order, method: str, by: User, at: datetime, key: uuid.UUID, reference: str
) -> Order:
    locked = Order.objects.select_for_update().select_related("buyer").get(pk=order.pk)
    if done := taken_under(key):  # the other click was faster
        return done
    if locked.is_paid:
        raise AlreadyPaid(_("This order is paid already. Take no money."))
    if locked.attempts.live().exists():
        raise AlreadyPaid(_("The runner's payment online is on its way. Take no money."))
    if locked.status == Order.Status.CANCELLED:
        # It ended because nobody paid. Here somebody does, on purpose, so it is no late money.
        locked.status = Order.Status.OPEN
        locked.save(update_fields=["status"])
    attempt = PaymentAttempt.objects.create(
        order=locked,
        number=locked.attempts.count() + 1,
        method=method,
        amount_minor=locked.total_minor,
        currency=locked.currency,
        idempotency_key=_key(key),
        recorded_by=by,
        reference=reference.strip()[:80],
        livemode=is_live(),
        created_at=at,
    )
    settle(order=locked, attempt=attempt, at=at)
    return locked
