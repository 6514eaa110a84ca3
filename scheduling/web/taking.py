"""One time, one button: where the links of a mail lead that offer a time.

Opening it holds nothing, so a scanner that follows every link takes nobody's time.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.attributing import token_in
from payments.models import ServiceVariant
from scheduling.availability import is_free, nearest
from scheduling.claiming import require_in_reach
from scheduling.errors import NotOffered
from scheduling.models import Location
from scheduling.web.answers import problem, time_gone
from scheduling.web.holding import Choice, UnknownChoice, read_code, read_therapist
from scheduling.web.slots import UnreadableSlot, read_slot, slot_value


@require_safe
@never_cache
def take_time(request: HttpRequest, variant_code: str) -> HttpResponse:
    """Ask whether she would like this time; the button holds it, as any time is held."""
    variants = ServiceVariant.objects.bookable_online().select_related("service")
    variant = get_object_or_404(variants, code=variant_code)
    places = Location.objects.filter(is_active=True)
    location = get_object_or_404(places, code=read_code(request.GET.get("location", "")))
    try:
        starts_at = read_slot(request.GET.get("slot", ""))
        therapist = read_therapist(request.GET.get("therapist", ""))
    except (UnreadableSlot, UnknownChoice):
        return problem(
            request,
            status=404,
            title="Choose a time",
            text="We could not find the time this link is about.",
        )
    at = timezone.now()
    choice = Choice(variant, location, therapist, starts_at)
    if not _is_free(choice, at):
        near = nearest(variant=variant, location=location, around=max(starts_at, at), at=at)
        return time_gone(request, variant=variant, location=location, nearest=near)
    context = {"choice": choice, "slot": slot_value(starts_at), "via": token_in(request.GET)}
    return render(request, "scheduling/take_time.html", context)


def _is_free(choice: Choice, at: datetime) -> bool:
    try:
        require_in_reach(choice.starts_at)
    except NotOffered:
        return False
    return is_free(
        variant=choice.variant,
        location=choice.location,
        therapist=choice.therapist,
        starts_at=choice.starts_at,
        at=at,
    )
