"""Stripe's events as they arrived, and another go at those that failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import RECONCILE
from payments import inbox
from payments.days import practice_zone
from payments.models import StripeEvent
from portal.staff.access import show, staff_page

PAGE = 50
STATUS_KIND = {
    StripeEvent.Status.DONE: "good",
    StripeEvent.Status.FAILED: "bad",
    StripeEvent.Status.PENDING: "info",
}


REPLAYABLE = (StripeEvent.Status.FAILED, StripeEvent.Status.PENDING)


def last_line(error: str) -> str:
    """The end of a traceback says what went wrong; the rest is for programmers."""
    return error.strip().splitlines()[-1][:300] if error.strip() else ""


@require_safe
@staff_page(RECONCILE)
def events(request: HttpRequest) -> HttpResponse:
    """The failed ones; all of them with ?all=1."""
    everything = request.GET.get("all") == "1"
    wanted = StripeEvent.objects.defer("payload")
    if not everything:
        wanted = wanted.needing_a_person()
    page = Paginator(wanted, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "event": event,
            "kind": STATUS_KIND.get(StripeEvent.Status(event.status), "plain"),
            "reason": last_line(event.error),
            "may_replay": event.status in REPLAYABLE,
        }
        for event in page
    ]
    context = {
        "rows": rows,
        "page": page,
        "everything": everything,
        "query": "all=1" if everything else "",
        "zone": practice_zone(),
    }
    return show(request, "events.html", context)


@require_POST
@staff_page(RECONCILE)
def replay(request: HttpRequest, event_id: str) -> HttpResponse:
    """Handle an event once more; what has been done already is not done twice."""
    event = get_object_or_404(StripeEvent.objects.defer("payload"), pk=event_id)
    event = inbox.replay(event.pk, at=timezone.now())
    if event.status == StripeEvent.Status.DONE:
        messages.success(request, f"{event.type} is handled.")
    elif event.error:
        messages.error(request, f"{event.type} failed again: {last_line(event.error)}")
    else:
        messages.info(request, f"There is nothing to do for {event.type}.")
    return redirect("staff:events")
