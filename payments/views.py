"""Going on to the card page, coming back from it, the receipt."""

import contextlib
import uuid
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from payments.buying import to_card_page
from payments.days import practice_day
from payments.documents import receipt_of
from payments.gifting import gift_of
from payments.late_paying import ask_for_money_back, came_too_late, late_state
from payments.models import Document, Order
from payments.receipts import Receipt, ReceiptRefund, on_paper
from payments.refunding.shown import refunds_of
from payments.selling import (
    AlreadyPaid,
    PaymentsUnavailable,
    SellingError,
    fulfil,
)
from payments.stripe_gateway import GatewayError
from payments.wallets import wallet

LOOKS, BETWEEN_LOOKS, LATER = 10, 3, 30  # the page looks again: often at first, then seldom


@never_cache
@login_required
@require_POST
def checkout(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """On to the card page of an order that is still open."""
    found = _mine(request, public_id)
    try:
        return to_card_page(found)
    except AlreadyPaid:
        return redirect(found)
    except PaymentsUnavailable as trouble:
        return _order_page(request, found, status=503, trouble=str(trouble))
    except SellingError as refusal:
        found.refresh_from_db()
        return _order_page(request, found, status=409, trouble=str(refusal))


@never_cache
@login_required
@require_GET
def order_return(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Where the card page sends the runner back to.

    The address proves nothing: only a session we opened for this very order is looked up, and
    only what Stripe answers counts. The webhook may have been here before, or come later.
    """
    found = _mine(request, public_id)
    session_id = request.GET.get("session_id", "")
    ours = bool(session_id) and found.attempts.filter(stripe_session_id=session_id).exists()
    if ours and not found.is_paid:
        # Without an answer the page says that we are still waiting, and looks again.
        with contextlib.suppress(GatewayError):
            fulfil(session_id=session_id, at=timezone.now())
        found.refresh_from_db()
    if found.is_paid:
        return redirect(_booked_url(found) or found.get_absolute_url())
    if not found.attempts.live().exists():
        return redirect(found)
    return _confirming(request, found, session_id)


@never_cache
@login_required
@require_GET
def order(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The receipt of a paid order; of an unpaid one, what to do about it."""
    return _order_page(request, _mine(request, public_id))


@never_cache
@login_required
@require_GET
def credit_note(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    """What came back of an order, as it was given out."""
    found = _mine(request, public_id)
    notes = Document.objects.of_order(found).credit_notes()
    context = {"order": found, "paper": on_paper(get_object_or_404(notes, number=number))}
    return render(request, "payments/credit_note.html", context)


@never_cache
@login_required
@require_POST
def money_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The money came too late for its session: the runner would rather have it back."""
    found = _mine(request, public_id)
    try:
        ask_for_money_back(order=found, by=found.buyer, at=timezone.now())
    except SellingError as refusal:
        return _order_page(request, found, status=409, trouble=str(refusal))
    return redirect(found)


def _confirming(request: HttpRequest, found: Order, session_id: str) -> HttpResponse:
    given = request.GET.get("look", "1")
    look = min(int(given), LOOKS) if given.isdecimal() and len(given) < 4 else LOOKS
    again = f"{request.path}?{urlencode({'session_id': session_id, 'look': look + 1})}"
    context = {"order": found, "long": look >= LOOKS, "again_url": again}
    response = render(request, "payments/confirming.html", context)
    # A header rather than a script: it works without any, and the policy stays strict.
    response["Refresh"] = f"{BETWEEN_LOOKS if look < LOOKS else LATER}; url={again}"
    return response


def _booked_url(found: Order) -> str:
    """The page of the session this money was for, if any: an address, not an import upwards."""
    if found.reserved_for is None or came_too_late(found):
        return ""
    try:
        return reverse("scheduling:booked", args=[found.reserved_for])
    except NoReverseMatch:  # sold without a diary
        return ""


def _order_page(
    request: HttpRequest, found: Order, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"order": found, "trouble": trouble, "gift": gift_of(found)}
    if found.is_paid:
        available = wallet(found.buyer, on=practice_day(timezone.now())).available
        context |= {
            "receipt": _receipt(found),
            "available": available,
            "ready": ngettext(
                "%(count)s credit is ready.", "%(count)s credits are ready.", available
            )
            % {"count": available},
            "booked_url": _booked_url(found),
            "late": late_state(found),
            "refunds": refunds_of(found),
        }
    return render(request, "payments/order.html", context, status=status)


def _receipt(found: Order) -> Receipt | None:
    """The receipt with what came back since; none while the job has not made it yet."""
    document = receipt_of(found)
    if document is None:
        return None
    notes = Document.objects.of_order(found).credit_notes().select_related("order")
    return on_paper(document, [_came_back(note) for note in notes.order_by("number")])


def _came_back(note: Document) -> ReceiptRefund:
    return ReceiptRefund(
        number=note.label,
        on=date.fromisoformat(note.content["paid_on"]),
        amount_minor=note.total_minor,
        url=note.get_absolute_url(),
    )


def _mine(request: HttpRequest, public_id: uuid.UUID) -> Order:
    """An order of the person signed in; anybody else's does not exist."""
    orders = Order.objects.filter(buyer_id=request.user.pk).select_related("buyer", "policy")
    return get_object_or_404(orders, public_id=public_id)
