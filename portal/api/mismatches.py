"""What needs a person, by API: mismatches, and events of Stripe that could not be handled."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from payments import inbox
from payments.models import Mismatch, StripeEvent
from payments.resolving import resolve_mismatch
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)


class MismatchOut(Schema):
    """``code`` is M01 and so on (docs/books.md); the amount is in minor units."""

    id: int
    code: str
    severity: str
    about: str
    amount_minor: int
    currency: str
    status: str
    first_seen_at: AwareDatetime
    resolution: str
    resolved_at: AwareDatetime | None


class ResolutionIn(Schema):
    resolution: str


class EventOut(Schema):
    """``status`` says what became of it: done, failed, pending, ignored, foreign."""

    id: str
    type: str
    status: str


@router.get("/mismatches/", response=list[MismatchOut], operation_id="list_mismatches")
def list_mismatches(request: HttpRequest, limit: int = 50) -> Any:
    """The open ones, the oldest first. ``limit`` is at most 100."""
    require_bookkeeper(request)
    return Mismatch.objects.open()[: min(max(limit, 1), 100)]


@router.post(
    "/mismatches/{mismatch_id}/resolution/",
    response=MismatchOut,
    operation_id="resolve_mismatch",
)
def resolve(request: HttpRequest, mismatch_id: int, wanted: ResolutionIn) -> Any:
    """Close one with a note. It opens again by itself if its rule fails again."""
    require_bookkeeper(request)
    found = get_object_or_404(Mismatch, pk=mismatch_id)
    return resolve_mismatch(
        mismatch=found, resolution=wanted.resolution, by=caller(request), at=timezone.now()
    )


@router.post("/events/{event_id}/replay/", response=EventOut, operation_id="replay_event")
def replay(request: HttpRequest, event_id: str) -> Any:
    """Handle an event once more; what has been done already is not done twice."""
    require_bookkeeper(request)
    if not StripeEvent.objects.filter(pk=event_id).exists():
        raise Http404
    return inbox.replay(event_id, at=timezone.now())
