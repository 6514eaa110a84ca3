"""Paying back: the sums first, then the yes; refunds made at Stripe; proposals to agree to."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import RECONCILE, REFUND
from payments.days import practice_zone
from payments.models import Mismatch, Order, PaymentAttempt, Refund, RefundRequest
from payments.refunding.approving import approve_refund, propose_refund, quote_proposed
from payments.refunding.errors import NeedsApproval, RefundingError, StaleRefundQuote
from payments.refunding.external import Guess, assign_refund, guesses
from payments.refunding.limits import limit_of
from payments.refunding.quoting import RefundQuote, quote_refund
from payments.refunding.requesting import request_refund
from payments.refunding.shown import all_requests, unassigned
from payments.refunding.units import Holding, holdings_of
from portal.staff import refunds as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.downloads import csv_file
from portal.staff.refund_forms import AssignForm, RefundForm, SumsForm
from portal.templatetags.portal_ui import money

PAGE = 50
SAID = {
    RefundRequest.Status.REQUESTED: (
        messages.WARNING,
        "Stripe does not answer. The refund is kept and sent by itself, once.",
    ),
    RefundRequest.Status.PENDING: (messages.SUCCESS, "The refund is on its way."),
    RefundRequest.Status.SUCCEEDED: (messages.SUCCESS, "Paid back."),
    RefundRequest.Status.FAILED: (
        messages.ERROR,
        "Stripe refused it, so nothing was paid back. The credits are there again.",
    ),
    RefundRequest.Status.CANCELED: (messages.WARNING, "The refund was cancelled."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(REFUND)
def refund(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Both alternatives with their sums, the result, what becomes of the credits; then the yes."""
    order = get_object_or_404(Order.objects.select_related("buyer", "policy"), public_id=public_id)
    asked = SumsForm(request.GET, currency=order.currency)
    quote = _quoted(order, asked)
    by_card = order.attempts.filter(
        status=PaymentAttempt.Status.PAID, method=PaymentAttempt.Method.CARD
    ).exists()
    form = RefundForm(request.POST or None, by_card=by_card)
    if request.method == "POST" and form.is_valid():
        try:
            return _carried_out(request, order, form)
        except StaleRefundQuote as stale:
            quote = _quoted(order, asked)
            form.add_error(None, str(stale))
        except RefundingError as refusal:
            form.add_error(None, str(refusal))
    context = {
        "page": reading.quote_page(quote),
        "order": order,
        "asked": asked,
        "form": form,
        "limit": limit_of(signed_in(request)),
        "paid_by_card": by_card,
    }
    return show(request, "refund.html", context, status=422 if form.errors else 200)


def _quoted(order: Order, asked: SumsForm) -> RefundQuote:
    at = timezone.now()
    if not asked.is_valid():
        return quote_refund(order=order, at=at)
    units = asked.cleaned_data["units"]
    return quote_refund(order=order, units=units, amount_minor=asked.amount_minor, at=at)


def _carried_out(request: HttpRequest, order: Order, form: RefundForm) -> HttpResponse:
    """Pay back; what one person may not decide alone is put before another."""
    wanted = {
        "order": order,
        "token": request.POST.get("token", ""),
        "by": signed_in(request),
        "reason": form.cleaned_data["reason"],
        "at": timezone.now(),
        "method": form.cleaned_data["method"],
        "reference": form.cleaned_data["reference"],
    }
    try:
        done = request_refund(**wanted)
    except NeedsApproval as refusal:
        propose_refund(**wanted)
        messages.warning(request, f"{refusal} It is put before them.")
        return redirect("staff:order", order.public_id)
    return _told(request, done)


def _told(request: HttpRequest, done: RefundRequest) -> HttpResponse:
    level, said = SAID[RefundRequest.Status(done.status)]
    messages.add_message(request, level, f"{money(done.amount_minor, done.currency)}: {said}")
    return redirect("staff:order", done.order.public_id)


@require_safe
@staff_page(REFUND, RECONCILE)
def refunds(request: HttpRequest) -> HttpResponse:
    """What was paid back, what is on its way, and what was done at Stripe and waits for us."""
    page = Paginator(all_requests(), PAGE).get_page(request.GET.get("page"))
    waiting = Mismatch.objects.open().filter(code="M09", details__has_key="proposed_by_id")
    context = {
        "table": reading.refunds_table(page.object_list, caption="Refunds"),
        "waiting": reading.unassigned_table(unassigned()),
        "proposals": list(waiting),
        "page": page,
    }
    return show(request, "refunds.html", context)


@require_safe
@staff_page(REFUND, RECONCILE)
def refunds_file(request: HttpRequest) -> HttpResponse:
    return csv_file(reading.refunds_table(all_requests(), caption="Refunds"), "refunds")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(REFUND)
def assign(request: HttpRequest, refund_id: str) -> HttpResponse:
    """Which credits a refund made at Stripe covers: the likeliest first, chosen by a person."""
    found = get_object_or_404(
        Refund.objects.select_related("charge__attempt__order__buyer").filter(
            charge__attempt__isnull=False
        ),
        pk=refund_id,
    )
    order = found.charge.attempt.order  # type: ignore[union-attr]
    holdings = holdings_of(order)
    likely = guesses(found)
    form = AssignForm(request.POST or None, holdings=holdings, initial=_likeliest(holdings, likely))
    if request.method == "POST" and form.is_valid():
        try:
            done = assign_refund(
                refund=found,
                units=form.units,
                by=signed_in(request),
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except RefundingError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Its credits are taken.")
            return redirect("staff:order", done.order.public_id)
    context = {
        "refund": found,
        "order": order,
        "guesses": likely,
        "form": form,
        "zone": practice_zone(),
        "is_done": RefundRequest.objects.filter(stripe_refund=found).exists(),
    }
    return show(request, "assign_refund.html", context, status=422 if form.errors else 200)


def _likeliest(holdings: list[Holding], likely: list[Guess]) -> dict[str, int]:
    """The first guess, spread over the lots as a refund would be."""
    left = likely[0].units if likely else 0
    initial = {}
    for holding in holdings:
        taken = min(left, holding.free)
        initial[f"units_{holding.lot.public_id.hex}"] = taken
        left -= taken
    return initial


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(REFUND)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """A refund of more credits than are unused: somebody else looks at it and agrees (M09)."""
    proposals = Mismatch.objects.filter(code="M09", details__has_key="proposed_by_id")
    proposal = get_object_or_404(proposals.select_related("order__buyer"), pk=pk)
    quote = quote_proposed(proposal, at=timezone.now())
    trouble = ""
    if request.method == "POST":
        try:
            done = approve_refund(
                proposal=proposal,
                token=request.POST.get("token", ""),
                by=signed_in(request),
                at=timezone.now(),
            )
        except RefundingError as refusal:
            trouble = str(refusal)
        else:
            return _told(request, done)
    context = {
        "proposal": proposal,
        "page": reading.quote_page(quote),
        "order": proposal.order,
        "trouble": trouble,
        "is_open": proposal.status == Mismatch.Status.OPEN,
        "is_own": proposal.details.get("proposed_by_id") == signed_in(request).pk,
    }
    return show(request, "approve_refund.html", context, status=422 if trouble else 200)
