"""The waitlist as the desk sees it: of a place, for a day or for all days."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RUN_DAY
from portal.staff.access import show, staff_page
from portal.staff.asking import day_url
from portal.staff.periods import day_asked
from portal.staff.waiting import waiting_table, who_waits
from scheduling.models import Location


@require_safe
@staff_page(RUN_DAY)
def waitlist(request: HttpRequest) -> HttpResponse:
    """Who waits, in the order they are asked."""
    locations = list(Location.objects.filter(is_active=True))
    code = request.GET.get("location", "")
    location = next((one for one in locations if one.code == code), None)
    if location is None:
        if not locations:
            return show(request, "day_without_place.html", {})
        location = locations[0]
    now = timezone.now()
    today = now.astimezone(location.zone).date()
    asked = request.GET.get("day", "")
    day = day_asked(asked, otherwise=today) if asked else None
    context = {
        "location": location,
        "day": day,
        "table": waiting_table(who_waits(location, day), location, at=now),
        "places": [
            {"location": one, "url": _url(one), "is_shown": one == location} for one in locations
        ],
        "all_days_url": _url(location),
        "board_url": day_url(location.code, day or today),
    }
    return show(request, "waitlist.html", context)


def _url(location: Location) -> str:
    return f"{reverse('staff:waitlist')}?{urlencode({'location': location.code})}"
