"""Taking money at the desk: for a package, for an open order, for a session that is due."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.isolating import isolated
from accounts.models import User
from accounts.roles import RECONCILE, TAKE_PAYMENTS
from payments.desk_selling import AT_DESK, change_due, sell_at_desk, take_payment
from payments.documents import receipt_of
from payments.models import Order, Package, PaymentAttempt
from payments.money import DEFAULT_CURRENCY
from payments.offers import PackageOffer, sold_at_desk
from payments.selling import SellingError
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import address
from portal.staff.desk_forms import SaleForm, TakingsForm
from portal.staff.runners import runner_url
from portal.staff.views.sessions import asked, day_of
from scheduling.desk_paying import is_payable, sell_for_session, sold_for
from scheduling.errors import BookingError

MOST_FIGURES = 12  # of an amount in an address


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(TAKE_PAYMENTS)
def sale(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sell a package to a runner, hidden ones too."""
    runner = get_object_or_404(User, public_id=public_id, is_active=True)
    offers = sold_at_desk(at=timezone.now())
    form = _sale_form(request, offers)
    context = {"title": f"Sell to {isolated(runner)}", "back_url": runner_url(runner), "about": ""}

    def act(**terms: Any) -> Order:
        package = Package.objects.get(code=form.cleaned_data["package"])
        return sell_at_desk(buyer=runner, package=package, **terms)

    return _sell(request, form, context, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(TAKE_PAYMENTS)
def session_sale(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the money for a session that is due to pay; what is sold is set aside for it."""
    booking = asked(request, public_id)
    form = _sale_form(request, sold_for(booking, at=timezone.now()))
    context = {
        "title": "Take payment",
        "back_url": address("booking", booking.public_id),
        "about": f"{isolated(booking.runner)}, {booking.variant.name}",
        "nothing_due": request.method != "POST" and not is_payable(booking),
    }

    def act(**terms: Any) -> Order:
        code = form.cleaned_data["package"]
        return sell_for_session(booking=booking, package_code=code, **terms)

    return _sell(request, form, context, act)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(TAKE_PAYMENTS)
def order_payment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the money of an order that is not paid yet."""
    order = _order(public_id)
    form = TakingsForm(request.POST or None, currency=order.currency)
    names = ", ".join(line.name for line in order.lines.all())
    context = {
        "title": f"Take payment for {order.number}",
        "back_url": runner_url(order.buyer),
        "about": f"{isolated(order.buyer)}, {names}",
        "order": order,
        "nothing_due": request.method != "POST" and order.is_paid,
    }
    return _sell(request, form, context, lambda **terms: take_payment(order=order, **terms))


@require_safe
@staff_page(TAKE_PAYMENTS, RECONCILE)
def sold(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was just taken, the change to give, and the receipt."""
    order = _order(public_id)
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID, method__in=AT_DESK).first()
    tendered = _tendered(request.GET.get("tendered", ""))
    context = {
        "order": order,
        "paid": paid,
        "tendered": tendered,
        "change": change_due(total_minor=order.total_minor, tendered_minor=tendered),
        "receipt": receipt_of(order),
        "runner_url": runner_url(order.buyer),
        "day_url": _day_url(request, order),
    }
    return show(request, "sold.html", context)


def _sale_form(request: HttpRequest, offers: Sequence[PackageOffer]) -> SaleForm:
    currency = offers[0].currency if offers else DEFAULT_CURRENCY
    return SaleForm(request.POST or None, offers=offers, currency=currency)


def _sell(
    request: HttpRequest,
    form: TakingsForm,
    context: dict[str, Any],
    act: Callable[..., Order],
) -> HttpResponse:
    """The form, or the act and on to what was taken; a refusal keeps everything typed."""
    status, trouble = 200, ""
    if request.method == "POST" and form.is_valid():
        takings = form.takings
        try:
            order = act(**takings, by=signed_in(request), at=timezone.now())
        except (SellingError, BookingError) as refusal:
            status, trouble = 409, str(refusal)
        else:
            tendered = takings["tendered_minor"]
            return redirect(address("sold", order.public_id, tendered=tendered or ""))
    status = 422 if form.errors else status
    return show(request, "sale.html", context | {"form": form, "trouble": trouble}, status=status)


def _order(public_id: UUID) -> Order:
    orders = Order.objects.select_related("buyer").prefetch_related("lines")
    return get_object_or_404(orders, public_id=public_id)


def _tendered(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_FIGURES
    return int(text) if is_number else None


def _day_url(request: HttpRequest, order: Order) -> str:
    """The day of the session that the money was for."""
    return day_of(asked(request, order.reserved_for)) if order.reserved_for else ""
