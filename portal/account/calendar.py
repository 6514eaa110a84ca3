"""The address of her private calendar: made, made anew, stopped (N4). A therapist has one too."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import User
from scheduling import feeds
from scheduling.models import CalendarFeed
from scheduling.web.posting import posted_from

RUNNER, THERAPIST = "runner", "therapist"


@dataclass(frozen=True, slots=True)
class FeedSection:
    """What the account page shows of one calendar; no address: there is none yet."""

    whose: str
    title: str
    shows: str
    url: str = ""
    subscribe_url: str = ""


def sections(user: User) -> list[FeedSection]:
    """Her own calendar, and for a therapist that of their work."""
    shows = "It shows when, where and with whom, and nothing of what is treated."
    found = [_section(feeds.open_feed(user), RUNNER, "Your calendar", shows)]
    if therapist := feeds.owner_called(user, THERAPIST):
        shows = "It shows a first name and a room for each session, and nothing else."
        found.append(_section(feeds.open_feed(therapist), THERAPIST, "Your work calendar", shows))
    return found


def _section(feed: CalendarFeed | None, whose: str, title: str, shows: str) -> FeedSection:
    if feed is None:
        return FeedSection(whose, title, shows)
    return FeedSection(whose, title, shows, feeds.feed_url(feed), feeds.subscribe_url(feed))


@posted_from("portal_account:home")
@never_cache
@login_required
def new_address(request: HttpRequest) -> HttpResponse:
    """A fresh address; the old one stops working."""
    feeds.new_address(owner=_owner(request), at=timezone.now())
    messages.success(request, "Your calendar has a new address. An older one no longer works.")
    return redirect("portal_account:home")


@posted_from("portal_account:home")
@never_cache
@login_required
def stop(request: HttpRequest) -> HttpResponse:
    feeds.stop(owner=_owner(request), at=timezone.now())
    messages.success(request, "Stopped. The address of your calendar no longer works.")
    return redirect("portal_account:home")


def _owner(request: HttpRequest) -> feeds.Owner:
    """Whose calendar the form is about; somebody who is no therapist has no second one."""
    if not isinstance(request.user, User):
        raise Http404
    owner = feeds.owner_called(request.user, request.POST.get("whose", RUNNER))
    if owner is None:
        raise Http404
    return owner
