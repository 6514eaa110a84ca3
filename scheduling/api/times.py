"""Free times."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from accounts.api import anybody, caller
from accounts.models import User
from payments.models import ServiceVariant
from scheduling import availability
from scheduling.api.lookups import location_called, therapist_called, variant_called
from scheduling.api.schemas import FreeTimeOut, free_time
from scheduling.covering import Cover, cover_of

MAX_DAYS = 62  # E27: what one question may span

router = Router(tags=["availability"])


@router.get("/", response=list[FreeTimeOut], auth=anybody, operation_id="list_free_times")
def list_free_times(
    request: HttpRequest,
    variant: str,
    location: str,
    start: date,
    end: date,
    therapist: str | None = None,
    covered: bool = False,
) -> Any:
    """Free times from ``start`` up to but not including ``end``, at most 62 days.

    A listing is a hint; the hold is the truth. For somebody signed in each time says whether a
    credit of theirs covers it (``covered``); ``covered=1`` leaves out the others.
    """
    session = variant_called(variant)
    cover = _cover(request, session, needed=covered)
    end = start + min(end - start, timedelta(days=MAX_DAYS))
    found = availability.free_times(
        variant=session,
        location=location_called(location),
        therapist=therapist_called(therapist),
        start=start,
        end=end,
        at=timezone.now(),
    )
    if cover is None:
        return [free_time(one) for one in found]
    return [free_time(one, cover) for one in found if not covered or cover.covers(one)]


def _cover(request: HttpRequest, variant: ServiceVariant, *, needed: bool) -> Cover | None:
    """What the caller's credits pay for (E25); of somebody unknown nobody knows."""
    if not needed and not isinstance(request.user, User):
        return None
    return cover_of(runner=caller(request), variant=variant)
