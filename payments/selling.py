"""From a package to credits: order, hosted checkout, fulfilment.

The row is committed first, then Stripe hears of it; credits come only from a session that
Stripe itself says is paid, however often and through whichever door we learn of it.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from payments import stripe_gateway as gateway
from payments import trail
from payments.crediting import grant_lots
from payments.documents import issue_receipt
from payments.gifting import wrap
from payments.late_paying import report_late
from payments.limiting import note_introductory, require_may_buy, rivals_of
from payments.mirroring import keep_charge, link_charges
from payments.mismatching import open_mismatch
from payments.models import CreditLot, Order, OrderLine, Package, PaymentAttempt
from payments.ordering import place_order
from payments.posting import post_sale, post_top_up_paid
from payments.promoting import give_use_free, take_use
from payments.selling_errors import IntroductoryUsed, LimitReached, NotForSale, SellingError
from payments.signals import checkout_ended, order_paid
from payments.stripe_gateway import GatewayDown, GatewayError, GatewayRefused
from payments.stripe_objects import SessionRow
from payments.stripe_rules import is_live
from payments.topping_up import let_credit_go

__all__ = [
    "AlreadyPaid",
    "NotForSale",
    "OrderClosed",
    "PaymentsUnavailable",
    "SellingError",
    "TooLittle",
    "close_rivals",
    "end_checkout",
    "end_forgotten",
    "fulfil",
    "place_order",
    "settle",
    "start_checkout",
]

log = logging.getLogger(__name__)

# Stripe wants 30 minutes by its own clock; the extra one is for ours being behind.
SHORTEST_SESSION = timedelta(minutes=31)
LONGEST_SESSION = timedelta(hours=23, minutes=59)
KEY_LIVES = timedelta(hours=23)  # Stripe forgets idempotency keys after a day
FORGOTTEN = timedelta(hours=1)  # an order whose buyer never came to the card page
Status = PaymentAttempt.Status


class AlreadyPaid(SellingError):
    """The order is paid, or its payment is on its way."""


class OrderClosed(SellingError):
    """The order was given up; a new one is needed."""


class TooLittle(SellingError):
    """Stripe takes no payment as small as this."""


class PaymentsUnavailable(SellingError):
    """Stripe does not answer. The order stands, nothing was taken, a retry is safe."""

    def __init__(self) -> None:
        super().__init__(str(GatewayDown()))


# checkout ----------------------------------------------------------------------------------
def start_checkout(
    *, order: Order, success_url: str, cancel_url: str, expires_at: datetime, at: datetime
) -> PaymentAttempt:
    """Open the hosted checkout of an order, or return the one that is open already.

    `success_url` may contain ``{CHECKOUT_SESSION_ID}``. The session ends at `expires_at`, but
    no sooner than Stripe allows (half an hour). Other open orders of which only one may be paid
    are closed first. Where nothing is to be paid, the order is settled here and the attempt's
    address is that of the return page. Calls Stripe: never call it inside a transaction.

    Raises:
        PaymentsUnavailable: nothing is lost; the next call goes on with the same key.
        AlreadyPaid, OrderClosed: there is nothing to pay.
        LimitReached, IntroductoryUsed: another order was paid meanwhile; this one is closed.
        TooLittle: a card takes no payment as small as this.
    """
    try:
        close_rivals(order, at)
        if not order.total_minor:
            return _settle_free(order, success_url, at)
        for _try in range(2):
            attempt = _attempt_to_open(order, success_url, cancel_url, expires_at, at)
            if attempt.status == Status.OPEN:
                return attempt
            try:
                session = gateway.create_session(_request_for(attempt))
            except GatewayRefused as refusal:
                log.error("Stripe refused checkout %s: %s", attempt.idempotency_key, refusal)
                _give_up(attempt)
                if refusal.code == "amount_too_small":
                    raise TooLittle(_("This is too little to pay by card. Ring us.")) from refusal
                continue
            return _opened(attempt, session)
    except GatewayError as problem:
        raise PaymentsUnavailable from problem
    raise PaymentsUnavailable


def close_rivals(order: Order, at: datetime) -> None:
    """Give up open orders of which only this one may be paid. Calls Stripe: never in a
    transaction.

    Raises:
        AlreadyPaid: one for the same booking was paid after all.
        LimitReached, IntroductoryUsed: this one is one too many now, and is given up itself.
        GatewayDown: nothing is known; call again.
    """
    for rival in rivals_of(order):
        end_checkout(order=rival, at=at)
        rival.refresh_from_db()
        if rival.is_paid and rival.reserved_for and rival.reserved_for == order.reserved_for:
            raise AlreadyPaid(_("You have paid for this session already."))
    if order.status == Order.Status.OPEN:
        _require_within_limits(order, at)


def _require_within_limits(order: Order, at: datetime) -> None:
    """What was paid since the order was placed may have been the last that she may buy."""
    for package in Package.objects.filter(lines__order=order):
        try:
            # Whether the address is proved was asked when the order was placed.
            require_may_buy(buyer=order.buyer, package=package, but=order, at_desk=True)
        except (LimitReached, IntroductoryUsed):
            end_checkout(order=order, at=at)
            raise


@transaction.atomic
def _settle_free(order: Order, success_url: str, at: datetime) -> PaymentAttempt:
    """Nothing is to be paid, so nobody is asked: the order is settled, once."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if done := locked.attempts.filter(method=PaymentAttempt.Method.NONE).first():
        return done
    _require_payable(locked)
    number = locked.attempts.count() + 1
    attempt = PaymentAttempt.objects.create(
        order=locked,
        number=number,
        method=PaymentAttempt.Method.NONE,
        amount_minor=0,
        currency=locked.currency,
        idempotency_key=f"free:{locked.number}:{number}:{locked.public_id.hex[:8]}",
        url=success_url.partition("?")[0],  # there is no session to name
        created_at=at,
    )
    settle(order=locked, attempt=attempt, at=at)
    return attempt


def _attempt_to_open(
    order: Order, success_url: str, cancel_url: str, expires_at: datetime, at: datetime
) -> PaymentAttempt:
    """The open attempt, the one whose fate nobody knows, or a new one; committed."""
    with transaction.atomic(durable=True):
        locked = Order.objects.select_for_update().get(pk=order.pk)
        _require_payable(locked)
        live = locked.attempts.live().first()
    if live is not None and live.is_over(at):
        # Its end has passed: only Stripe knows whether it was paid before.
        fulfil(session_id=live.stripe_session_id or "", at=at)
        locked.refresh_from_db()
        _require_payable(locked)
        live = None
    if live is not None and live.status == Status.PROCESSING:
        raise AlreadyPaid(_("Your payment is on its way. We write to you when it is here."))
    if live is not None and (live.status == Status.OPEN or live.created_at > at - KEY_LIVES):
        return live
    with transaction.atomic(durable=True):
        locked = Order.objects.select_for_update().get(pk=order.pk)
        # A key older than a day could open a second session: never use it again.
        locked.attempts.filter(status=Status.CREATED, created_at__lte=at - KEY_LIVES).update(
            status=Status.FAILED
        )
        if live := locked.attempts.live().first():
            return live  # somebody else was here between our two looks
        return _new_attempt(locked, success_url, cancel_url, expires_at, at)


def _require_payable(order: Order) -> None:
    if order.is_paid:
        raise AlreadyPaid(_("This order is paid."))
    if order.status == Order.Status.CANCELLED:
        raise OrderClosed(_("This order has ended. Please start again."))


def _new_attempt(
    order: Order, success_url: str, cancel_url: str, expires_at: datetime, at: datetime
) -> PaymentAttempt:
    number = order.attempts.count() + 1
    return PaymentAttempt.objects.create(
        order=order,
        number=number,
        amount_minor=order.total_minor,
        currency=order.currency,
        # The order's public id too: a restored database must not reuse an old number's key.
        idempotency_key=f"checkout:{order.number}:{number}:{order.public_id.hex[:8]}",
        success_url=success_url,
        cancel_url=cancel_url,
        expires_at=min(max(expires_at, at + SHORTEST_SESSION), at + LONGEST_SESSION),
        livemode=is_live(),
        created_at=at,
    )


def _request_for(attempt: PaymentAttempt) -> gateway.CheckoutRequest:
    order = attempt.order
    if attempt.expires_at is None:
        raise ValueError("A checkout needs an end.")
    return gateway.CheckoutRequest(
        reference=str(order.public_id),
        lines=tuple((line.name, line.price_minor) for line in order.lines.order_by("pk")),
        currency=order.currency,
        success_url=attempt.success_url,
        cancel_url=attempt.cancel_url,
        expires_at=attempt.expires_at,
        metadata={"order": order.number, "attempt": str(attempt.public_id)},
        customer_email=order.buyer.email,
        idempotency_key=attempt.idempotency_key,
    )


@transaction.atomic
def _opened(attempt: PaymentAttempt, session: SessionRow) -> PaymentAttempt:
    attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.stripe_session_id is None:
        attempt.stripe_session_id = session.id
        attempt.url = session.url
        attempt.expires_at = session.expires_at
        if attempt.status == Status.CREATED:
            attempt.status = Status.OPEN
        attempt.save()
    return attempt


def _give_up(attempt: PaymentAttempt) -> None:
    PaymentAttempt.objects.filter(pk=attempt.pk, status=Status.CREATED).update(status=Status.FAILED)


def end_checkout(*, order: Order, at: datetime) -> Order:
    """Give an unpaid order up and close its checkout; if it was paid after all, fulfil it.

    May be repeated. Calls Stripe: never inside a transaction.

    Raises:
        GatewayDown: nothing is known, nothing is changed; call again.
    """
    live = checkout_to_retire(order, at)
    if live is None:
        return _ended(order, at)
    session_id = live.stripe_session_id or ""
    try:
        gateway.expire_session(session_id)
    except GatewayRefused as refusal:
        log.info("Session %s could not be expired: %s", session_id, refusal)
    fulfil(session_id=session_id, at=at)
    order.refresh_from_db()
    return order


def checkout_to_retire(order: Order, at: datetime) -> PaymentAttempt | None:
    """The order's live attempt with its session at Stripe, asked for again if the answer was lost.

    None when there is nothing to end. Calls Stripe: never in a transaction.
    """
    live = order.attempts.live().first()
    if live is None or live.stripe_session_id is not None:
        return live
    if live.created_at <= at - KEY_LIVES:
        _give_up(live)  # any session it opened has ended by now
        return None
    try:
        return _opened(live, gateway.create_session(_request_for(live)))
    except GatewayRefused:
        _give_up(live)
        return None


@transaction.atomic
def _ended(order: Order, at: datetime) -> Order:
    """Close an order without live attempts and tell those who waited for its money."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.status == Order.Status.OPEN and not locked.attempts.live().exists():
        locked.status = Order.Status.CANCELLED
        locked.save(update_fields=["status"])
        give_use_free(order=locked)
        let_credit_go(order=locked, at=at)
        checkout_ended.send(sender=Order, order=locked, at=at)
    return locked


def end_forgotten(*, at: datetime) -> int:
    """The job: give up orders with a code that nobody went on to pay; how many there were.

    They would keep a use of it from others. Asks nobody: none has a checkout that is open.
    """
    held = Order.objects.open().filter(promotion_use__isnull=False, placed_at__lt=at - FORGOTTEN)
    live = PaymentAttempt.objects.live().values("order")
    forgotten = list(held.exclude(pk__in=live))
    return sum(_ended(order, at).status == Order.Status.CANCELLED for order in forgotten)


# fulfilment --------------------------------------------------------------------------------
def fulfil(*, session_id: str, at: datetime) -> Order | None:
    """Ask Stripe about a session and do what it says: once, whoever asks and how often.

    Called by webhook, return page and poller, all at once if need be. Returns the order, paid
    or not, or None for a session that is none of ours. Calls Stripe: never in a transaction.

    Raises:
        GatewayDown: Stripe gave no answer; ask again later.
    """
    try:
        session = gateway.retrieve_session(session_id)
    except GatewayRefused as refusal:
        if refusal.is_missing:
            return None
        raise
    attempt = _attempt_of(session)
    if attempt is None:
        _report_unknown(session, at)
        return None
    order = _apply(session, attempt, at)
    if session.charge is not None:
        keep_charge(session.charge, at=at)
    link_charges(attempt)
    return order


def _attempt_of(session: SessionRow) -> PaymentAttempt | None:
    attempts = PaymentAttempt.objects.all()
    if found := attempts.filter(stripe_session_id=session.id).first():
        return found
    # The answer to our request was lost, so we never learnt the session's id: we know our own.
    try:
        wanted = uuid.UUID(str(session.metadata.get("attempt", "")))
    except ValueError:
        return None
    found = attempts.filter(public_id=wanted, stripe_session_id=None).first()
    return _opened(found, session) if found else None


def _report_unknown(session: SessionRow, at: datetime) -> None:
    if session.is_paid:
        open_mismatch(
            "M01",
            about=session.payment_intent_id or session.id,
            at=at,
            amount_minor=session.amount_minor,
            currency=session.currency,
            details={
                "session": session.id,
                "reference": session.client_reference_id,
            },
        )


@transaction.atomic
def _apply(session: SessionRow, attempt: PaymentAttempt, at: datetime) -> Order:
    order = Order.objects.select_for_update().get(pk=attempt.order_id)
    attempt = PaymentAttempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.status in {Status.PAID, Status.SURPLUS}:
        return order
    if session.is_paid:
        if fault := _fault(session, attempt, order):
            code, what = fault
            _hold_back(code, what, session, order, at)
        else:
            attempt.stripe_payment_intent_id = session.payment_intent_id or None
            settle(order=order, attempt=attempt, at=at)
        return order
    if session.status == "complete" and not session.has_failed:
        _set_status(attempt, Status.PROCESSING)
    elif session.has_failed:
        _set_status(attempt, Status.FAILED)
        return _ended(order, at)
    elif session.status == "expired":
        _set_status(attempt, Status.EXPIRED)
        return _ended(order, at)
    return order


def _set_status(attempt: PaymentAttempt, status: str) -> None:
    if attempt.status != status:
        attempt.status = status
        attempt.save(update_fields=["status"])


def _fault(session: SessionRow, attempt: PaymentAttempt, order: Order) -> tuple[str, str] | None:
    """What makes a paid session unfit for the order it names: a mismatch code and a word."""
    if session.livemode != attempt.livemode:
        return "M21", "livemode"
    if session.currency != attempt.currency:
        return "M03", "currency"
    if session.amount_minor != attempt.amount_minor or session.amount_minor != order.total_minor:
        return "M03", "amount"
    if session.mode != "payment":
        return "M03", "mode"
    if session.client_reference_id != str(order.public_id):
        return "M03", "reference"
    if session.metadata.get("attempt") != str(attempt.public_id):
        return "M03", "metadata"
    return None


def _hold_back(code: str, what: str, session: SessionRow, order: Order, at: datetime) -> None:
    open_mismatch(
        code,
        about=session.id,
        at=at,
        amount_minor=session.amount_minor,
        currency=session.currency,
        order=order,
        details={"differs": what, "payment_intent": session.payment_intent_id},
    )


@transaction.atomic
def settle(*, order: Order, attempt: PaymentAttempt, at: datetime) -> list[CreditLot]:
    """Money for the order is here: grant its lots, post the sale, tell the apps above. Once.

    The caller has locked the order and proved the payment. An order that was given up is
    fulfilled all the same: the money came. A second payment of a paid order is kept apart
    for staff and grants nothing.
    """
    if order.is_paid:
        if attempt.status != Status.PAID:
            attempt.status = Status.SURPLUS
            attempt.save(update_fields=["status", "stripe_payment_intent_id"])
            open_mismatch(
                "M05",
                about=attempt.idempotency_key,
                at=at,
                amount_minor=attempt.amount_minor,
                currency=attempt.currency,
                order=order,
                details={"payment_intent": attempt.stripe_payment_intent_id},
            )
        return []
    if order.status == Order.Status.CANCELLED:
        report_late(order=order, at=at)
    was = order.status
    order.status, order.paid_at = Order.Status.PAID, at
    order.save(update_fields=["status", "paid_at"])
    attempt.status, attempt.paid_at = Status.PAID, at
    attempt.save(update_fields=["status", "paid_at", "stripe_payment_intent_id"])
    trail.sale(order, attempt, was=was, at=at)
    lots = grant_lots(order=order, at=at)
    if order.total_minor:
        sold = [(lot.order_line, lot) for lot in lots if lot.order_line is not None]
        post_sale(order=order, sold=sold, method=attempt.method, at=at)
        for line in order.lines.filter(kind=OrderLine.Kind.TOP_UP).select_related("order"):
            post_top_up_paid(line=line, method=attempt.method, at=at)
    if order.promotion is not None:
        take_use(promotion=order.promotion, order=order, at=at)  # again, if it was given free
    note_introductory(order=order, at=at)
    wrap(order=order, lots=lots, at=at)
    order_paid.send(sender=Order, order=order, lots=lots, at=at)
    # Last: it locks the numbers of the documents, and no lock is taken after that one.
    issue_receipt(order=order, at=at)
    return lots
