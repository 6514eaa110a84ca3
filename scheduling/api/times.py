"""Free times."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from scheduling import availability
from scheduling.api.lookups import location_called, therapist_called, variant_called
from scheduling.api.schemas import FreeTimeOut, free_time

MAX_DAYS = 62  # E27: what one question may span

router = Router(tags=["availability"])


@router.get("/", response=list[FreeTimeOut], auth=None, operation_id="list_free_times")
def list_free_times(
    request: HttpRequest,
    variant: str,
    location: str,
    start: date,
    end: date,
    therapist: str | None = None,
) -> Any:
    """Free times from ``start`` up to but not including ``end``, at most 62 days.

    A listing is a hint; the hold is the truth.
    """
    end = start + min(end - start, timedelta(days=MAX_DAYS))
    found = availability.free_times(
        variant=variant_called(variant),
        location=location_called(location),
        therapist=therapist_called(therapist),
        start=start,
        end=end,
        at=timezone.now(),
    )
    return [free_time(one) for one in found]
