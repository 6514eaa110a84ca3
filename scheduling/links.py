"""Addresses that go out in mails and calendars: whole, because they are read elsewhere."""

from django.conf import settings

from scheduling.models import Booking


def booking_url(booking: Booking) -> str:
    return f"{settings.SITE_URL}/bookings/{booking.public_id}/"


def move_url(booking: Booking) -> str:
    return f"{booking_url(booking)}move/"


def cancel_url(booking: Booking) -> str:
    return f"{booking_url(booking)}cancel/"


def book_again_url(booking: Booking) -> str:
    """The same session with the same therapist at the same place: a day and a tap away."""
    return (
        f"{settings.SITE_URL}/book/{booking.variant.code}/"
        f"?therapist={booking.therapist.code}&location={booking.location.code}"
    )
