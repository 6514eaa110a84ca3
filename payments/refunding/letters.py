"""The mails about a refund: it is on its way, or it did not arrive."""

from datetime import datetime

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Letter, Silence
from payments.models import PaymentAttempt, RefundRequest
from payments.refunding.words import credits, money

HOW = {
    PaymentAttempt.Method.CARD: "It goes to the card you paid with. Banks take up to ten days.",
    PaymentAttempt.Method.CASH: "You got it in cash at the desk.",
    PaymentAttempt.Method.TERMINAL: "It goes to the card you showed at the desk.",
    PaymentAttempt.Method.TRANSFER: "It goes to your bank account by transfer.",
}


def owe_refunded(request: RefundRequest, *, at: datetime) -> Message:
    return _owe("refunded", request, at)


def owe_failed(request: RefundRequest, *, at: datetime) -> Message:
    return _owe("refund_failed", request, at)


def _owe(kind: str, request: RefundRequest, at: datetime) -> Message:
    buyer = request.order.buyer
    return outbox.enqueue(
        kind=kind,
        about=str(request.public_id),
        to=buyer.email,
        user=buyer,
        dedupe_key=f"{kind}:{request.public_id}",
        at=at,
    )


def register() -> None:
    """Tell the outbox who writes what; called when the app is ready."""
    outbox.writer("refunded")(_refunded)
    outbox.writer("refund_failed")(_failed)


def _refunded(message: Message, *, at: datetime) -> Letter | Silence:
    request = _request(message)
    if request.status != RefundRequest.Status.SUCCEEDED:
        return Silence("The refund has failed since.")
    amount = money(request.amount_minor, request.currency)
    return Letter(
        subject=f"{amount} paid back",
        template="refunded",
        context=_facts(request) | {"how": HOW[PaymentAttempt.Method(request.method)]},
    )


def _failed(message: Message, *, at: datetime) -> Letter | Silence:
    request = _request(message)
    amount = money(request.amount_minor, request.currency)
    return Letter(
        subject=f"{amount} could not be paid back",
        template="refund_failed",
        context=_facts(request),
    )


def _request(message: Message) -> RefundRequest:
    found = RefundRequest.objects.select_related("order__buyer").prefetch_related("parts")
    return found.get(public_id=message.about)


def _facts(request: RefundRequest) -> dict[str, object]:
    units = sum(part.units for part in request.parts.all())
    return {
        "amount": money(request.amount_minor, request.currency),
        "number": request.order.number,
        "units": units,
        "credits": credits(units),
        "order_path": request.order.get_absolute_url(),
        "name": request.order.buyer.name,
    }
