"""The page on which a package is bought: its price with a code, for oneself or as a gift."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from payments.agreeing import in_effect, plain_terms, texts_agreed
from payments.attributing import VIA, source_of, token_in
from payments.days import practice_day
from payments.forms import GiftForm, PromotionForm
from payments.models import Order, Package
from payments.offers import PackageOffer, packages_on_sale
from payments.promoting import Reduced, reduced
from payments.selling import PaymentsUnavailable, SellingError, place_order, start_checkout
from payments.selling_errors import PromotionRefused

SESSION_LASTS = timedelta(minutes=31)


@dataclass(slots=True)
class Asked:
    """What the page is asked for, and what is wrong with it."""

    code: str
    gift: GiftForm | None
    trouble: str = ""
    code_trouble: str = ""
    after: Reduced | None = field(default=None)


@never_cache
@require_http_methods(["GET", "POST"])
def buy(request: HttpRequest, code: str) -> HttpResponse:
    """The package and its terms; a POST goes on to the card page."""
    offer = next(iter(packages_on_sale(at=timezone.now(), codes=[code])), None)
    if offer is None:
        raise Http404("This package is not on sale.")
    package = Package.objects.select_related("policy").get(code=code)
    user = request.user if isinstance(request.user, User) else None
    if request.method == "GET":
        return _page(request, offer, package, user, _asked_by(request.GET, user))
    if user is None:
        code = str(request.POST.get("code", "")).strip()
        return redirect_to_login(_address(request, code=code, gift="gift" in request.POST))
    return _bought(request, offer, package, user)


def _asked_by(data: Any, user: User | None, *, posted: bool = False) -> Asked:
    gift = None
    if "gift" in data:
        initial = {"from_name": user.name if user else ""}
        gift = GiftForm(data) if posted else GiftForm(initial=initial)
    return Asked(code=str(data.get("code", "")).strip(), gift=gift)


def _bought(
    request: HttpRequest, offer: PackageOffer, package: Package, user: User
) -> HttpResponse:
    asked = _asked_by(request.POST, user, posted=True)
    if asked.gift is not None and not asked.gift.is_valid():
        return _page(request, offer, package, user, asked, status=422)
    try:
        order = place_order(
            buyer=user,
            package=package,
            at=timezone.now(),
            source=source_of(_came_from(request)),
            code=asked.code,
            gift=asked.gift.wish() if asked.gift else None,
        )
        return to_card_page(order)
    except PromotionRefused:
        # The page says why beside the code, and shows the price without it.
        return _page(request, offer, package, user, asked, status=409)
    except PaymentsUnavailable as trouble:
        asked.trouble = str(trouble)
        return _page(request, offer, package, user, asked, status=503)
    except SellingError as refusal:
        asked.trouble = str(refusal)
        return _page(request, offer, package, user, asked, status=409)


def to_card_page(order: Order) -> HttpResponse:
    """On to Stripe's page, or to the receipt where nothing is to be paid."""
    at = timezone.now()
    done = reverse("payments:order_return", args=[order.public_id])
    attempt = start_checkout(
        order=order,
        success_url=f"{settings.SITE_URL}{done}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}{order.get_absolute_url()}",
        expires_at=at + SESSION_LASTS,
        at=at,
    )
    return HttpResponse(status=303, headers={"Location": attempt.url})


def _page(
    request: HttpRequest,
    offer: PackageOffer,
    package: Package,
    user: User | None,
    asked: Asked,
    *,
    status: int = 200,
) -> HttpResponse:
    _look_up(asked, package, user)
    form = PromotionForm({"code": asked.code})
    if asked.code_trouble:
        form.add_error("code", asked.code_trouble)
    here = _address(request, code=asked.code, gift=asked.gift is not None)
    today = practice_day(timezone.now())
    policy = in_effect(package.policy, today)
    context = {
        "offer": offer,
        "package": package,
        "terms": plain_terms(policy),
        "texts": texts_agreed(policy, today),
        "asked": asked,
        "code_form": form,
        "to_pay": asked.after.price_minor if asked.after else offer.price_minor,
        "for_me_url": _address(request),
        "gift_url": _address(request, code=asked.code, gift=True),
        "without_code_url": _address(request, gift=asked.gift is not None),
        "sign_in_url": f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': here})}",
        "came_from": _came_from(request),
    }
    return render(request, "payments/buy.html", context, status=status)


def _look_up(asked: Asked, package: Package, user: User | None) -> None:
    """What the code takes off, or why it does not."""
    if not asked.code:
        return
    try:
        asked.after = reduced(
            code=asked.code,
            package=package,
            price_minor=package.price_minor,
            person=user,
            at=timezone.now(),
        )
    except PromotionRefused as refusal:
        asked.code_trouble = str(refusal)


def _address(request: HttpRequest, *, code: str = "", gift: bool = False) -> str:
    """This page with what is asked for and where it came from, also while somebody signs in."""
    kept = {"code": code, "gift": "1" if gift else "", VIA: _came_from(request)}
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"{request.path}?{query}" if query else request.path


def _came_from(request: HttpRequest) -> str:
    """The token of the article that led here (U3)."""
    return token_in(request.POST) or token_in(request.GET)
