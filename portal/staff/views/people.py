"""Runners: a search, and a page for each."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.roles import RECONCILE, RUN_DAY
from portal.staff import runners as reading
from portal.staff.access import may, show, staff_page


@require_safe
@staff_page(RUN_DAY, RECONCILE)
def runners(request: HttpRequest) -> HttpResponse:
    """Search by name, address or order number; without a search, the latest to join."""
    query = request.GET.get("q", "").strip()[:120]
    people = reading.find_runners(query)
    context = {
        "query": query,
        "table": reading.runners_table(people, at=timezone.now()),
        "is_cut": len(people) == reading.SHOWN,
        "shown": reading.SHOWN,
    }
    return show(request, "runners.html", context)


@require_safe
@staff_page(RUN_DAY, RECONCILE)
def runner(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One runner: what is left, what is booked, what was bought."""
    found = get_object_or_404(User.objects.select_related("runner_profile"), public_id=public_id)
    page = reading.runner_page(found, at=timezone.now(), opens_orders=may(request, RECONCILE))
    return show(request, "runner.html", {"page": page})
