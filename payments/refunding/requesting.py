"""A refund is asked for: committed with the units it takes, before Stripe hears of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from payments import trail
from payments.crediting import take_back_units
from payments.models import CreditEntry, Order, OrderLine, PaymentAttempt, RefundPart, RefundRequest
from payments.posting.refunds import post_refund_paid, post_refund_requested
from payments.refunding.errors import (
    NeedsApproval,
    NothingToRefund,
    OpenBookings,
    OrderDisputed,
    RefundingError,
    StaleRefundQuote,
    TooMuch,
)
from payments.refunding.following import settled
from payments.refunding.limits import require_may_refund
from payments.refunding.quoting import AgreedRefund, RefundQuote, quote_of, read_token
from payments.refunding.sending import send
from payments.refunding.units import Share, holdings_of
from payments.refunding.words import money
from payments.signals import purchase_reversed

FIRST_LOOK = timedelta(minutes=1)  # when the job looks, should the call that follows be lost
BY_HAND = (
    PaymentAttempt.Method.CASH,
    PaymentAttempt.Method.TERMINAL,
    PaymentAttempt.Method.TRANSFER,
)


def request_refund(
    *,
    order: Order,
    token: str,
    by: User,
    reason: str,
    at: datetime,
    method: str = PaymentAttempt.Method.CARD,
    reference: str = "",
) -> RefundRequest:
    """Pay back what the quote says. The same token again returns the same request.

    By card Stripe is asked after the request is committed; without an answer the job goes on
    with the same key. By hand the money has left with this call. Calls Stripe: never inside a
    transaction.

    Raises:
        StaleRefundQuote: something changed since; ``quote`` on it has the sums of now.
        UnreadableRefundQuote, NothingToRefund, TooMuch, OrderDisputed, OpenBookings,
        NeedsApproval, MayNotRefund: nothing is written.
    """
    agreed = read_token(token, order)
    with transaction.atomic(durable=True):
        request = commit_request(
            order=order,
            agreed=agreed,
            by=by,
            reason=reason,
            at=at,
            method=method,
            reference=reference,
        )
    return send(request, at=at)


@transaction.atomic
def commit_request(
    *,
    order: Order,
    agreed: AgreedRefund,
    by: User,
    reason: str,
    at: datetime,
    method: str,
    reference: str = "",
    approved_by: User | None = None,
) -> RefundRequest:
    """Lock, look again, write: the request, its parts, the units gone, the money owed."""
    order = Order.objects.select_for_update(of=("self",)).select_related("policy").get(pk=order.pk)
    if earlier := order.refund_requests.filter(sums__nonce=agreed.nonce).first():
        return earlier
    if not reason.strip():
        raise RefundingError(_("Say why the money goes back."))
    holdings = holdings_of(order, lock=True)
    quote = quote_of(order, holdings, units=agreed.units, amount_minor=agreed.amount_minor, at=at)
    if quote.version != agreed.version or at > agreed.until:
        raise StaleRefundQuote(quote)
    _require_possible(quote, method, reference)
    if approved_by is None:
        require_may_refund(by, quote.amount_minor, order.currency)
        if quote.over_units:
            raise NeedsApproval(
                _("Only %(unused)s credits are unused. A second person has to agree.")
                % {"unused": quote.unused}
            )
    more: dict[str, object] = {"nonce": agreed.nonce, "reference": reference.strip()}
    if approved_by is not None:
        more |= {"approved_by": str(approved_by), "over_units": quote.over_units}
    request = RefundRequest(
        order=order,
        attempt=_attempt_for(order, method),
        method=method,
        amount_minor=quote.amount_minor,
        currency=order.currency,
        formula=quote.rule,
        sums=quote.sums | more,
        reason=reason.strip()[:200],
        requested_by=by,
        requested_at=at,
        next_try_at=at + FIRST_LOOK,
    )
    number_and_save(request)
    take_shares(request, quote.shares, by=by, at=at)
    if method in BY_HAND:
        post_refund_paid(request=request, at=at)
        settled(request, at=at)
    return request


def number_and_save(request: RefundRequest) -> None:
    """The next number of the order, which the caller has locked, and the key made of it."""
    last = request.order.refund_requests.aggregate(last=Max("number"))["last"] or 0
    request.number = last + 1
    if not request.idempotency_key:
        order = request.order
        request.idempotency_key = f"refund:{order.number}:{request.number}:{request.public_id}"
    request.save()
    trail.refund(request, by=request.requested_by, at=request.requested_at)


def take_shares(request: RefundRequest, shares: Sequence[Share], *, by: User, at: datetime) -> None:
    """The units leave their lots, the books owe money instead, the apps above hear of it."""
    taken: list[tuple[CreditEntry, OrderLine]] = []
    for share in shares:
        entry = take_back_units(
            lot=share.holding.lot,
            units=share.units,
            source=f"refund:{request.pk}:{share.holding.lot.pk}",
            reason=_("Refund %(number)s of order %(order)s")
            % {"number": request.number, "order": request.order.number},
            by=by,
            at=at,
        )
        RefundPart.objects.create(
            request=request,
            lot=entry.lot,
            units=entry.units,
            value_minor=entry.value_minor,
            tax_minor=entry.tax_minor,
        )
        taken.append((entry, share.holding.line))
    post_refund_requested(request=request, taken=taken, at=at)
    lots = [entry.lot for entry, _line in taken]
    purchase_reversed.send(sender=Order, order=request.order, lots=lots, at=at)


def _require_possible(quote: RefundQuote, method: str, reference: str) -> None:
    order = quote.order
    if not order.is_paid or not quote.left_minor:
        raise NothingToRefund(_("Nothing of this order is left to pay back."))
    if quote.disputed:
        raise OrderDisputed(
            _("The buyer disputes this payment. Answer the dispute instead of paying back.")
        )
    if quote.amount_minor <= 0:
        raise NothingToRefund(_("There is nothing to pay back for these credits."))
    if quote.amount_minor > quote.left_minor:
        raise TooMuch(
            _("%(left)s is left of what was paid, so %(amount)s cannot go back.")
            % {
                "left": money(quote.left_minor, order.currency),
                "amount": money(quote.amount_minor, order.currency),
            }
        )
    if quote.needs_bookings_handled or (quote.over_units and quote.booking_ids):
        raise OpenBookings(quote.booking_ids)
    if method in BY_HAND and not reference.strip():
        raise RefundingError(_("Write down the slip, the transfer or who took the cash."))


def _attempt_for(order: Order, method: str) -> PaymentAttempt:
    """The payment it comes out of; by card only what came by card, through Stripe."""
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID).first()
    if paid is None:
        raise NothingToRefund(_("Nothing of this order is left to pay back."))
    if method in BY_HAND:
        return paid
    if method != PaymentAttempt.Method.CARD or paid.method != PaymentAttempt.Method.CARD:
        raise RefundingError(
            _("It was paid by %(method)s: pay it back by cash, terminal or transfer.")
            % {"method": paid.get_method_display().lower()}
        )
    if not paid.charges.filter(status="succeeded").exists():
        raise RefundingError(_("Stripe has not told us of the charge yet. Try again soon."))
    return paid


def refund_surplus(
    *, attempt: PaymentAttempt, by: User, reason: str, at: datetime
) -> RefundRequest:
    """Pay back a second payment of a paid order (M05): it bought nothing, so no units go.

    May be repeated. Calls Stripe: never inside a transaction.

    Raises:
        RefundingError: it is no such payment, or cannot be paid back now.
        MayNotRefund: as it says.
    """
    return send(_commit_surplus(attempt, by, reason, at), at=at)


@transaction.atomic(durable=True)
def _commit_surplus(attempt: PaymentAttempt, by: User, reason: str, at: datetime) -> RefundRequest:
    order = Order.objects.select_for_update().get(pk=attempt.order_id)
    if standing := attempt.refund_requests.standing().first():
        return standing
    if attempt.status != PaymentAttempt.Status.SURPLUS:
        raise RefundingError(_("This payment bought the order. Refund the order instead."))
    if not attempt.charges.filter(status="succeeded").exists():
        raise RefundingError(_("Stripe has not told us of the charge yet. Try again soon."))
    require_may_refund(by, attempt.amount_minor, attempt.currency)
    request = RefundRequest(
        order=order,
        attempt=attempt,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        formula="surplus",
        reason=reason.strip()[:200],
        requested_by=by,
        requested_at=at,
        next_try_at=at + FIRST_LOOK,
    )
    number_and_save(request)
    take_shares(request, [], by=by, at=at)
    return request
