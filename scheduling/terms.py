"""The moments the terms of a booking name: its own policy's, whatever today's is (E16, E17)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from scheduling.models import Booking


def free_until_of(booking: Booking) -> datetime:
    """The last moment at which cancelling returns the credit: absolute time, inclusive (E17)."""
    if booking.policy is None:
        return booking.starts_at
    window = timedelta(minutes=booking.policy.cancel_window_minutes)
    return max(booking.starts_at - window, grace_ends(booking))


def free_to(booking: Booking) -> str:
    """What `free_until_of` is the end of: changing at all, or only cancelling."""
    policy = booking.policy
    same = policy is None or policy.cancel_window_minutes == policy.move_window_minutes
    return _("change") if same else _("cancel")


def grace_ends(booking: Booking) -> datetime:
    """The end of the minutes after booking in which anything can be undone."""
    if booking.policy is None or booking.booked_at is None:
        return booking.starts_at
    grace = timedelta(minutes=booking.policy.grace_minutes)
    return min(booking.booked_at + grace, booking.starts_at)


def last_before_start(booking: Booking) -> datetime:
    """The last moment at which the session has not begun."""
    return booking.starts_at - timedelta(microseconds=1)


def is_practice(booking: Booking, by: User | None) -> bool:
    """Whoever is not the runner acts for the practice; views have asked for the permission."""
    return by is None or by.pk != booking.runner_id


def last_to_move(booking: Booking) -> datetime:
    """The end of the window by the terms agreed to: absolute time, inclusive."""
    if booking.policy is None:
        return booking.starts_at
    return booking.starts_at - timedelta(minutes=booking.policy.move_window_minutes)
