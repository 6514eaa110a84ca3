"""Private calendar addresses of whoever is signed in (N4)."""

from typing import Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from scheduling import feeds
from scheduling.models import CalendarFeed

router = Router(tags=["calendar"], auth=signed_in)
Whose = Literal["runner", "therapist"]


class FeedOut(Schema):
    """The address is a secret: whoever has it reads the calendar."""

    url: str
    subscribe_url: str
    created_at: AwareDatetime
    read_at: AwareDatetime | None


@router.get("/calendar-feed/", response=FeedOut, operation_id="read_calendar_feed")
def read_feed(request: HttpRequest, whose: Whose = "runner") -> Any:
    """The address in use; 404 when there is none."""
    feed = feeds.open_feed(_owner(request, whose))
    if feed is None:
        raise Http404
    return _shown(feed)


@router.post("/calendar-feed/", response={201: FeedOut}, operation_id="renew_calendar_feed")
def renew_feed(request: HttpRequest, whose: Whose = "runner") -> Any:
    """A fresh address. The one before stops working."""
    return Status(201, _shown(feeds.new_address(owner=_owner(request, whose), at=timezone.now())))


@router.delete("/calendar-feed/", response={204: None}, operation_id="stop_calendar_feed")
def stop_feed(request: HttpRequest, whose: Whose = "runner") -> Any:
    feeds.stop(owner=_owner(request, whose), at=timezone.now())
    return Status(204, None)


def _owner(request: HttpRequest, whose: Whose) -> feeds.Owner:
    """Somebody who is no therapist has no such calendar: 404."""
    owner = feeds.owner_called(caller(request), whose)
    if owner is None:
        raise Http404
    return owner


def _shown(feed: CalendarFeed) -> dict[str, Any]:
    return {
        "url": feeds.feed_url(feed),
        "subscribe_url": feeds.subscribe_url(feed),
        "created_at": feed.created_at,
        "read_at": feed.read_at,
    }
