"""Why is 10:00 not free? A question by form or by link, and an answer for each therapist."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RUN_DAY
from payments.models import ServiceVariant
from portal.staff.access import may, show, staff_page
from portal.staff.asking import (
    day_url,
    moment_asked,
    place_asked,
    rounded,
    walk_in_url,
)
from portal.staff.forms import TimeForm
from portal.staff.periods import day_asked
from portal.staff.whynot import answers, shared
from scheduling.models import Location


@require_safe
@staff_page(RUN_DAY)
def why(request: HttpRequest) -> HttpResponse:
    """With a day and a time: the answer. With less: the form, filled in with what is known."""
    place = place_asked(request.GET)
    if place is None:
        return show(request, "day_without_place.html", {})
    now = timezone.now()
    asked = moment_asked(request.GET.get("at", ""), place.zone)
    is_asked = asked is not None or "clock" in request.GET
    local = (asked or rounded(now)).astimezone(place.zone)
    data: dict[str, Any] = {
        "session": request.GET.get("session") or _usual_session(),
        "day": day_asked(request.GET.get("day", ""), otherwise=local.date()).isoformat(),
        "clock": f"{local:%H:%M}",
        "therapist": request.GET.get("therapist", ""),
    }
    if "clock" in request.GET:
        data = {**data, "day": request.GET.get("day", ""), "clock": request.GET["clock"]}
    zone = place.location.timezone
    form = TimeForm(data, zone=zone) if is_asked else TimeForm(zone=zone, initial=data)
    context = {
        "form": form,
        "location": place.location,
        "locations": place.locations,
        "answers": None,
        "day_url": day_url(place.location.code, local.date()),
    }
    if is_asked and form.is_valid():
        edits = may(request, "scheduling.change_timeoff")
        context |= _answered(form, place.location, now, edits=edits)
    return show(request, "why.html", context, status=422 if form.errors else 200)


def _answered(form: TimeForm, location: Location, now: datetime, *, edits: bool) -> dict[str, Any]:
    starts_at, variant = form.starts_at, form.cleaned_data["session"]
    therapist = form.cleaned_data["therapist"]
    found = answers(
        variant=variant,
        location=location,
        therapist=therapist,
        starts_at=starts_at,
        at=now,
        edits=edits,
    )
    common, rest = shared(found)
    return {
        "starts_at": starts_at,
        "variant": variant,
        "common": common,
        "answers": rest,
        "day_url": day_url(location.code, starts_at.astimezone(location.zone).date()),
        "walk_in_url": walk_in_url(location.code, starts_at, therapist.code if therapist else ""),
        "can_book": any(one.is_free_for_staff or one.can_be_overridden for one in found),
    }


def _usual_session() -> str:
    """The first session on offer: the form never opens empty."""
    codes = ServiceVariant.objects.on_offer().values_list("code", flat=True)
    return codes.first() or ""
