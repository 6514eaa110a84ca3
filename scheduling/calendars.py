"""Calendar entries: one UID for the life of a booking, a number that grows, nothing of health."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from scheduling import links
from scheduling.models import Booking

A_YEAR = timedelta(days=366)


def booking_uid(booking: Booking) -> str:
    """The same whatever happens to the booking, so that calendars move it and never double it."""
    return f"{booking.public_id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}"


def booking_ics(booking: Booking, *, at: datetime, invites: bool = True) -> bytes:
    """The session as a calendar file: REQUEST while it is on, CANCEL when it is off (N4).

    Without ``invites`` nobody is named as invited, for people who are not signed in.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Massage for Runners//Sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", _method(booking, invites=invites))
    calendar.add_component(_event(booking, at, invites=invites))
    day = booking.starts_local.date()
    # The rules of the zone around the session; its whole history would be most of the file.
    calendar.add_missing_timezones(first_date=day - A_YEAR, last_date=day + A_YEAR)
    return bytes(calendar.to_ical())


def _method(booking: Booking, *, invites: bool) -> str:
    if booking.is_cancelled:
        return "CANCEL"
    return "REQUEST" if invites else "PUBLISH"


def _event(booking: Booking, at: datetime, *, invites: bool) -> Event:
    event = Event()
    zone = booking.zone_info
    event.add("uid", booking_uid(booking))
    event.add("sequence", booking.sequence)
    event.add("dtstamp", at)
    event.add("dtstart", booking.starts_at.astimezone(zone))
    event.add("dtend", booking.ends_at.astimezone(zone))
    event.add("status", "CANCELLED" if booking.is_cancelled else "CONFIRMED")
    # A calendar may be shared with colleagues: who and where, not what for.
    event.add("summary", f"{settings.WAGTAIL_SITE_NAME}: {booking.therapist.first_name}")
    event.add("location", ", ".join([booking.location.name, *booking.location.address_lines]))
    event.add("url", links.booking_url(booking))
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    organizer.params["cn"] = vText(name or settings.WAGTAIL_SITE_NAME)
    event.add("organizer", organizer)
    if invites and booking.runner is not None:
        event.add("attendee", vCalAddress(f"mailto:{booking.runner.email}"))
    return event
