"""Calendar entries: one UID for the life of a booking, a number that grows, nothing of health."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from scheduling import links
from scheduling.models import Booking
from scheduling.zone_rules import vtimezone

A_YEAR = timedelta(days=366)


def booking_uid(booking: Booking) -> str:
    """The same whatever happens to the booking, so that calendars move it and never double it."""
    return f"{booking.public_id}@{own_host()}"


def own_host() -> str:
    """The host in the UIDs of our own sessions."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def booking_ics(booking: Booking, *, at: datetime, invites: bool = True) -> bytes:
    """The session as a calendar file: REQUEST while it is on, CANCEL when it is off (N4).

    Without ``invites`` nobody is named as invited, for people who are not signed in.
    """
    calendar = new_calendar()
    calendar.add("method", _method(booking, invites=invites))
    event = session_event(booking, dtstamp=at)
    if invites:
        _invite(event, booking)
    calendar.add_component(event)
    return finished(calendar, [booking])


def new_calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Massage for Runners//Sessions//EN")
    calendar.add("version", "2.0")
    return calendar


def finished(calendar: Calendar, bookings: Iterable[Booking]) -> bytes:
    """The file, with the rules of each zone for the years around the sessions in it."""
    days: dict[ZoneInfo, list[datetime]] = {}
    for booking in bookings:
        days.setdefault(booking.zone_info, []).append(booking.starts_local)
    for zone, starts in days.items():
        rules = vtimezone(
            zone, first=(min(starts) - A_YEAR).date(), last=(max(starts) + A_YEAR).date()
        )
        calendar.subcomponents.insert(0, rules)
    return bytes(calendar.to_ical())


def _method(booking: Booking, *, invites: bool) -> str:
    if booking.is_cancelled:
        return "CANCEL"
    return "REQUEST" if invites else "PUBLISH"


def bare_event(booking: Booking, *, dtstamp: datetime) -> Event:
    """When it is and which version of it this is; who looks at it decides what it is called."""
    event = Event()
    zone = booking.zone_info
    event.add("uid", booking_uid(booking))
    event.add("sequence", booking.sequence)
    event.add("dtstamp", dtstamp)
    event.add("dtstart", booking.starts_at.astimezone(zone))
    event.add("dtend", booking.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if booking.is_cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def session_event(booking: Booking, *, dtstamp: datetime) -> Event:
    """A runner's session. A calendar may be shared with colleagues: who and where, not what for."""
    event = bare_event(booking, dtstamp=dtstamp)
    event.add("summary", f"{settings.WAGTAIL_SITE_NAME}: {booking.therapist.first_name}")
    event.add("location", ", ".join([booking.location.name, *booking.location.address_lines]))
    event.add("url", links.booking_url(booking))
    return event


def _invite(event: Event, booking: Booking) -> None:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or settings.WAGTAIL_SITE_NAME)
    event.add("organizer", organizer)
    if booking.runner is not None:
        event.add("attendee", vCalAddress(f"mailto:{booking.runner.email}"))
