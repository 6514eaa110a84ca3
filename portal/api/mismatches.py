"""What needs a person, by API: mismatches, and events of Stripe that could not be handled."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from payments import inbox
from payments.models import Mismatch, StripeEvent
from payments.resolving import (
    Suggestion,
    accept_suggestion,
    comment_on_mismatch,
    own_mismatch,
    resolve_mismatch,
    suggestions,
)
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)


class SuggestionOut(Schema):
    """``key`` is sent to accept it. Without ``can_accept`` it is decided at ``place``: what kind
    of thing, a colon, and which."""

    key: str
    label: str
    explanation: str
    can_accept: bool
    place: str


class MismatchOut(Schema):
    """``code`` is M01 and so on (docs/books.md); the amount is in minor units. The first of the
    ``suggestions`` is our best guess."""

    id: int
    code: str
    severity: str
    about: str
    amount_minor: int
    currency: str
    status: str
    first_seen_at: AwareDatetime
    age_days: int
    owner: str | None
    resolution: str
    resolved_at: AwareDatetime | None
    suggestions: list[SuggestionOut]


class AcceptanceIn(Schema):
    """``key`` of a suggestion; the best guess without one."""

    key: str = ""


class AcceptanceOut(Schema):
    """``is_settled`` says whether that closed it; else it stays open."""

    done: str
    is_settled: bool
    mismatch: MismatchOut


class OwnerIn(Schema):
    """``mine``: I look after it; else nobody does."""

    mine: bool


class CommentIn(Schema):
    text: str


class CommentOut(Schema):
    author: str
    text: str
    written_at: AwareDatetime


class ResolutionIn(Schema):
    resolution: str


class EventOut(Schema):
    """``status`` says what became of it: done, failed, pending, ignored, foreign."""

    id: str
    type: str
    status: str


def _shown(mismatches: Iterable[Mismatch]) -> list[dict[str, Any]]:
    rows = list(mismatches)
    offered = suggestions(row for row in rows if row.status == Mismatch.Status.OPEN)
    now = timezone.now()
    return [
        {
            "id": row.pk,
            "code": row.code,
            "severity": row.severity,
            "about": row.about,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "status": row.status,
            "first_seen_at": row.first_seen_at,
            "age_days": max((now - row.first_seen_at).days, 0),
            "owner": str(row.owner) if row.owner else None,
            "resolution": row.resolution,
            "resolved_at": row.resolved_at,
            "suggestions": [_suggestion(one) for one in offered.get(row.pk, [])],
        }
        for row in rows
    ]


def _suggestion(one: Suggestion) -> dict[str, Any]:
    place = one.leads_to
    return {
        "key": one.key,
        "label": one.label,
        "explanation": one.explanation,
        "can_accept": one.act is not None,
        "place": f"{place.kind}:{place.ident}" if place else "",
    }


def _found(mismatch_id: int) -> Mismatch:
    return get_object_or_404(Mismatch.objects.select_related("order", "owner"), pk=mismatch_id)


@router.get("/mismatches/", response=list[MismatchOut], operation_id="list_mismatches")
def list_mismatches(request: HttpRequest, limit: int = 50) -> Any:
    """The open ones, the oldest first. ``limit`` is at most 100."""
    require_bookkeeper(request)
    rows = Mismatch.objects.open().select_related("order", "owner")
    return _shown(rows[: min(max(limit, 1), 100)])


@router.get("/mismatches/{mismatch_id}/", response=MismatchOut, operation_id="read_mismatch")
def read_mismatch(request: HttpRequest, mismatch_id: int) -> Any:
    """One, with every way to settle it."""
    require_bookkeeper(request)
    return _shown([_found(mismatch_id)])[0]


@router.post(
    "/mismatches/{mismatch_id}/acceptance/",
    response=AcceptanceOut,
    operation_id="accept_suggestion",
)
def accept(request: HttpRequest, mismatch_id: int, wanted: AcceptanceIn) -> Any:
    """Do what is suggested, and close what that settles. A closed one stays as it is."""
    require_bookkeeper(request)
    accepted = accept_suggestion(
        mismatch=_found(mismatch_id), by=caller(request), at=timezone.now(), key=wanted.key
    )
    return {
        "done": accepted.done,
        "is_settled": accepted.is_settled,
        "mismatch": _shown([accepted.mismatch])[0],
    }


@router.put("/mismatches/{mismatch_id}/owner/", response=MismatchOut, operation_id="own_mismatch")
def own(request: HttpRequest, mismatch_id: int, wanted: OwnerIn) -> Any:
    """Say that I look after it, or that nobody does."""
    require_bookkeeper(request)
    owner = caller(request) if wanted.mine else None
    return _shown([own_mismatch(mismatch=_found(mismatch_id), owner=owner)])[0]


@router.get(
    "/mismatches/{mismatch_id}/comments/",
    response=list[CommentOut],
    operation_id="list_mismatch_comments",
)
def list_comments(request: HttpRequest, mismatch_id: int) -> Any:
    """What was found out on the way, oldest first."""
    require_bookkeeper(request)
    found = _found(mismatch_id).comments.select_related("author")
    return [
        {"author": str(one.author), "text": one.text, "written_at": one.written_at} for one in found
    ]


@router.post(
    "/mismatches/{mismatch_id}/comments/",
    response=CommentOut,
    operation_id="comment_on_mismatch",
)
def comment(request: HttpRequest, mismatch_id: int, wanted: CommentIn) -> Any:
    """Write down what was found out on the way."""
    require_bookkeeper(request)
    made = comment_on_mismatch(
        mismatch=_found(mismatch_id), text=wanted.text, by=caller(request), at=timezone.now()
    )
    return {"author": str(made.author), "text": made.text, "written_at": made.written_at}


@router.post(
    "/mismatches/{mismatch_id}/resolution/",
    response=MismatchOut,
    operation_id="resolve_mismatch",
)
def resolve(request: HttpRequest, mismatch_id: int, wanted: ResolutionIn) -> Any:
    """Close one with a note. It opens again by itself if its rule fails again."""
    require_bookkeeper(request)
    closed = resolve_mismatch(
        mismatch=_found(mismatch_id),
        resolution=wanted.resolution,
        by=caller(request),
        at=timezone.now(),
    )
    return _shown([closed])[0]


@router.post("/events/{event_id}/replay/", response=EventOut, operation_id="replay_event")
def replay(request: HttpRequest, event_id: str) -> Any:
    """Handle an event once more; what has been done already is not done twice."""
    require_bookkeeper(request)
    if not StripeEvent.objects.filter(pk=event_id).exists():
        raise Http404
    return inbox.replay(event_id, at=timezone.now())
