"""Buying a package, coming back from the card page, the receipt."""

import contextlib
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from payments.days import practice_day
from payments.models import Order, Package
from payments.offers import PackageOffer, packages_on_sale
from payments.receipts import receipt_of
from payments.refunding.shown import refunds_of
from payments.selling import (
    AlreadyPaid,
    PaymentsUnavailable,
    SellingError,
    fulfil,
    place_order,
    start_checkout,
)
from payments.stripe_gateway import GatewayError
from payments.wallets import wallet

SESSION_LASTS = timedelta(minutes=31)
LOOKS, BETWEEN_LOOKS, LATER = 10, 3, 30  # the page looks again: often at first, then seldom


@never_cache
@require_http_methods(["GET", "POST"])
def buy(request: HttpRequest, code: str) -> HttpResponse:
    """The package and its terms; a POST goes on to the card page."""
    at = timezone.now()
    offer = next(iter(packages_on_sale(at=at, codes=[code])), None)
    if offer is None:
        raise Http404("This package is not on sale.")
    user = request.user
    if not isinstance(user, User):
        if request.method == "POST":
            return redirect_to_login(request.path)
        return _buy_page(request, offer)
    if request.method == "GET":
        return _buy_page(request, offer)
    package = get_object_or_404(Package, code=code)
    try:
        order = place_order(buyer=user, package=package, at=at, source_page=_came_from(request))
        return _to_card_page(order)
    except PaymentsUnavailable as trouble:
        return _buy_page(request, offer, status=503, trouble=str(trouble))
    except SellingError as refusal:
        return _buy_page(request, offer, status=409, trouble=str(refusal))


@never_cache
@login_required
@require_POST
def checkout(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """On to the card page of an order that is still open."""
    found = _mine(request, public_id)
    try:
        return _to_card_page(found)
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
    if found.reserved_for is None:
        return ""
    try:
        return reverse("scheduling:booked", args=[found.reserved_for])
    except NoReverseMatch:  # sold without a diary
        return ""


def _to_card_page(found: Order) -> HttpResponse:
    at = timezone.now()
    done = reverse("payments:order_return", args=[found.public_id])
    attempt = start_checkout(
        order=found,
        success_url=f"{settings.SITE_URL}{done}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}{found.get_absolute_url()}",
        expires_at=at + SESSION_LASTS,
        at=at,
    )
    return HttpResponse(status=303, headers={"Location": attempt.url})


def _buy_page(
    request: HttpRequest, offer: PackageOffer, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    package = Package.objects.select_related("policy").get(code=offer.code)
    context = {
        "offer": offer,
        "terms": package.policy.summary,
        "trouble": trouble,
        "sign_in_url": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': request.path})}",
        "source_page": _came_from(request),
    }
    return render(request, "payments/buy.html", context, status=status)


def _order_page(
    request: HttpRequest, found: Order, *, status: int = 200, trouble: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"order": found, "trouble": trouble}
    if found.is_paid:
        available = wallet(found.buyer, on=practice_day(timezone.now())).available
        context |= {
            "receipt": receipt_of(found),
            "available": available,
            "ready": ngettext(
                "%(count)s credit is ready.", "%(count)s credits are ready.", available
            )
            % {"count": available},
            "booked_url": _booked_url(found),
            "refunds": refunds_of(found),
        }
    return render(request, "payments/order.html", context, status=status)


def _mine(request: HttpRequest, public_id: uuid.UUID) -> Order:
    """An order of the person signed in; anybody else's does not exist."""
    orders = Order.objects.filter(buyer_id=request.user.pk).select_related("buyer", "policy")
    return get_object_or_404(orders, public_id=public_id)


def _came_from(request: HttpRequest) -> str:
    """The page on our own site that led here, for the question which article sold what."""
    page = request.POST.get("source_page") or request.GET.get("from", "")
    return page if page.startswith("/") and not page.startswith("//") else ""
