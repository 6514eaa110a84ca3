"""Private calendar feeds: a secret address a calendar program asks for again and again (N4).

A runner sees who and where, a therapist sees a first name and a room. Neither sees what is
treated, and nobody's health is in it. The UIDs are those of the mails, so nothing doubles.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from icalendar import Event, Timezone

from accounts.models import User
from scheduling.calendars import A_YEAR, bare_event, finished, new_calendar, session_event
from scheduling.models import Booking, CalendarFeed, Therapist
from scheduling.models.bookings import NOT_YET_ANYBODYS
from scheduling.zone_rules import vtimezone

PAST_DAYS = 90
READ_AGAIN_AFTER = timedelta(hours=1)  # how exactly "last asked for" is known
State = Booking.State
Owner = User | Therapist
SHOWN = (State.CONFIRMED, State.CHECKED_IN, State.COMPLETED)


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A feed as it is now; ``etag`` and ``changed_at`` tell one version from the next."""

    content: bytes
    etag: str
    changed_at: datetime


def owner_called(user: User, whose: str) -> Owner | None:
    """Whose calendar somebody means: their own, or that of their work if they are a therapist."""
    if whose == "runner":
        return user
    return Therapist.objects.filter(user=user, is_active=True).first()


@transaction.atomic
def new_address(*, owner: Owner, at: datetime) -> CalendarFeed:
    """A fresh secret address; the one before stops working at once."""
    stop(owner=owner, at=at)
    return CalendarFeed.objects.create(
        **_fields(owner), token=secrets.token_urlsafe(32), created_at=at
    )


@transaction.atomic
def stop(*, owner: Owner, at: datetime) -> None:
    """Revoke the address, if there is one: from now on it is as unknown as any."""
    # Two clicks at once make two addresses one after the other, never two open ones.
    people = User.objects if isinstance(owner, User) else Therapist.objects
    people.select_for_update().get(pk=owner.pk)
    CalendarFeed.objects.open().filter(**_fields(owner)).update(revoked_at=at)


def open_feed(owner: Owner) -> CalendarFeed | None:
    return CalendarFeed.objects.open().filter(**_fields(owner)).first()


def feed_url(feed: CalendarFeed) -> str:
    return f"{settings.SITE_URL}{reverse('scheduling:feed', args=[feed.token])}"


def subscribe_url(feed: CalendarFeed) -> str:
    """The address that opens a calendar program instead of downloading a file."""
    return f"webcal://{feed_url(feed).partition('://')[2]}"


def touch(feed: CalendarFeed, *, at: datetime) -> None:
    """Remember that somebody asked, at most once an hour."""
    if feed.read_at is None or feed.read_at <= at - READ_AGAIN_AFTER:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)


def feed_file(feed: CalendarFeed, *, at: datetime) -> FeedFile:
    """The sessions of the last 90 days and all to come; one query."""
    known = list(_sessions(feed, at))
    sessions = [one for one in known if one.state in SHOWN]
    calendar = new_calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", settings.WAGTAIL_SITE_NAME)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in sessions:
        calendar.add_component(_event(feed, one))
    if not sessions:  # a calendar must hold something; some programs refuse an empty one
        calendar.add_component(_home_zone(feed.created_at.date()))
    content = finished(calendar, sessions)
    return FeedFile(
        content=content,
        etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        # Also what was given up counts: the feed changed when it went.
        changed_at=max([_changed_at(one) for one in known], default=feed.created_at),
    )


def _sessions(feed: CalendarFeed, at: datetime) -> list[Booking]:
    mine = Q(runner=feed.runner) if feed.runner is not None else Q(therapist=feed.therapist)
    found = (
        Booking.objects.filter(mine, starts_at__gte=at - timedelta(days=PAST_DAYS))
        .exclude(state__in=NOT_YET_ANYBODYS)
        .with_everything()
        .annotate(changed_at=Max("changes__at"))
        .order_by("starts_at", "pk")
    )
    return list(found)


def _home_zone(day: date) -> Timezone:
    return vtimezone(ZoneInfo(settings.TIME_ZONE), first=day, last=day + A_YEAR)


def _changed_at(booking: Booking) -> datetime:
    changed_at: datetime | None = getattr(booking, "changed_at", None)
    return changed_at or booking.created_at


def _event(feed: CalendarFeed, booking: Booking) -> Event:
    """Stamped with the last change, so that the same sessions make the same file."""
    stamp = _changed_at(booking)
    if feed.therapist is None:
        return session_event(booking, dtstamp=stamp)
    event = bare_event(booking, dtstamp=stamp)
    who = booking.runner.first_name if booking.runner else ""
    event.add("summary", f"{who or 'Session'}, {booking.room.name}")
    event.add("location", booking.location.name)
    return event


def _fields(owner: Owner) -> dict[str, Any]:
    return {"runner": owner} if isinstance(owner, User) else {"therapist": owner}
