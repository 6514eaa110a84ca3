"""Runners: a search, and a page for each."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.calling import ask_to_call
from accounts.models import User
from accounts.roles import (
    ADJUST_CREDITS,
    MANAGE_CLIENTS,
    RECONCILE,
    REFUND,
    TAKE_PAYMENTS,
    VIEW_CLIENTS,
    WORK_OWN_DAY,
)
from payments.days import practice_day
from portal.staff import runners as reading
from portal.staff.access import may, show, staff_page
from portal.staff.adjusting import Action, goodwill_action, with_actions
from portal.staff.asking import address
from scheduling.seeing import clients_seen_by


@require_safe
@staff_page(VIEW_CLIENTS, WORK_OWN_DAY)
def runners(request: HttpRequest) -> HttpResponse:
    """Search by name, address or order number; without a search, the latest to join."""
    query = request.GET.get("q", "").strip()[:120]
    people = reading.find_runners(query, among=clients_seen_by(request.user))
    context = {
        "query": query,
        "table": reading.runners_table(people, at=timezone.now()),
        "is_cut": len(people) == reading.SHOWN,
        "shown": reading.SHOWN,
    }
    return show(request, "runners.html", context)


@require_safe
@staff_page(VIEW_CLIENTS, WORK_OWN_DAY)
def runner(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One runner: what is left, what is booked, what was bought, and what may be done about it."""
    seen = clients_seen_by(request.user).select_related("runner_profile")
    found = get_object_or_404(seen, public_id=public_id)
    return runner_shown(request, found)


def runner_shown(
    request: HttpRequest, runner: User, *, status: int = 200, returned: Action | None = None
) -> HttpResponse:
    """Her page; `returned` is a form of it that came with a fault, and stands open."""
    at = timezone.now()
    page = reading.runner_page(
        runner,
        at=at,
        opens_orders=may(request, RECONCILE) or may(request, REFUND),
        takes_payments=may(request, TAKE_PAYMENTS),
    )
    context = {
        "page": page,
        "lots": page.lots,
        "book_url": address("walk_in", runner=runner.public_id),
        "returned": returned,
    }
    if may(request, ADJUST_CREDITS):
        today = practice_day(at)
        gives = returned is not None and returned.name == "goodwill"
        context["lots"] = with_actions(page.lots, today=today, returned=returned)
        context["goodwill"] = returned if gives else goodwill_action(runner, today=today)
    return show(request, "runner.html", context, status=status)


@require_POST
@staff_page(MANAGE_CLIENTS)
def calling(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whether she calls before she books (E9); the page never asks and never says why."""
    found = get_object_or_404(User, public_id=public_id)
    must_call = request.POST.get("must_call") == "yes"
    ask_to_call(runner=found, must_call=must_call, at=timezone.now())
    words = f"{found} calls us before booking." if must_call else f"{found} books online again."
    messages.success(request, words)
    return redirect("staff:runner", found.public_id)
