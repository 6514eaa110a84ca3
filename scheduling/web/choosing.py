"""Choosing what and when. Nothing here writes: a time is held by a POST to /book/hold/."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from payments.attributing import token_in
from payments.models import ServiceVariant
from payments.offers import services_on_offer
from scheduling.covering import NO_COVER, Cover, cover_of
from scheduling.web.diary import open_diary


@require_safe
def choose_treatment(request: HttpRequest) -> HttpResponse:
    """Treatments and lengths with their prices; each leads to its times."""
    context = {"services": services_on_offer(), "via": token_in(request.GET)}
    return render(request, "scheduling/choose_treatment.html", context)


@require_safe
@never_cache
def choose_time(request: HttpRequest, variant_code: str) -> HttpResponse:
    """The days and times of one treatment; every choice lives in the address."""
    variant = get_object_or_404(
        ServiceVariant.objects.bookable_online().select_related("service"), code=variant_code
    )
    at = timezone.now()
    diary = open_diary(
        query=request.GET,
        variant=variant,
        page_url=reverse("scheduling:choose_time", args=[variant.code]),
        at=at,
        cover=_cover(request, variant, at),
        runner=request.user if isinstance(request.user, User) else None,
    )
    return render(request, "scheduling/choose_time.html", {"variant": variant, "diary": diary})


def _cover(request: HttpRequest, variant: ServiceVariant, at: datetime) -> Cover:
    """What the credits of whoever looks pay for; signed out, nobody knows."""
    if not isinstance(request.user, User):
        return NO_COVER
    return cover_of(runner=request.user, variant=variant, at=at)
