"""The first staff page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import READ_AUDIT, RECONCILE, RUN_DAY, WORK_OWN_DAY
from payments.days import practice_zone
from portal.sign_in_alarm import last_alarm
from portal.staff import starting, upkeep
from portal.staff.access import may, show, staff_page
from portal.staff.promises import last_verdict
from scheduling.seeing import sessions_marked_by


@require_safe
@staff_page(RUN_DAY, WORK_OWN_DAY, RECONCILE)
def home(request: HttpRequest) -> HttpResponse:
    """Today for the desk, the books' health for the bookkeeper; each sees her own."""
    now = timezone.now()
    context: dict[str, Any] = {"now": now, "zone": practice_zone()}
    if may(request, RUN_DAY) or may(request, WORK_OWN_DAY):
        context["days"] = starting.today(sessions_marked_by(request.user), at=now)
    if may(request, RUN_DAY):
        context |= {
            "outside": upkeep.sessions_outside(at=now),
            "calendars_in_trouble": upkeep.calendars_in_trouble(at=now),
        }
    if may(request, RECONCILE):
        number = starting.open_mismatches()
        context |= {
            "open_mismatches": number,
            "mismatch_words": "1 thing does not match."
            if number == 1
            else f"{number} things do not match.",
            "mismatches_url": reverse("staff:mismatches"),
            "machine": starting.machine(at=now),
        }
    if may(request, RECONCILE) or may(request, READ_AUDIT):
        context["promises"] = last_verdict(at=now)
    if may(request, READ_AUDIT):
        context["alarm"] = last_alarm(at=now)
    return show(request, "home.html", context)
