"""Where, who, when, and what is booked. See docs/scheduling.md."""

from scheduling.models.bookings import (
    CORRECTIONS,
    OCCUPYING,
    TRANSITIONS,
    Booking,
    BookingChange,
)
from scheduling.models.calendars import BusyCalendar, BusyTime, CalendarFeed
from scheduling.models.people import (
    HoursException,
    Therapist,
    TherapistVariant,
    TimeOff,
    WorkingHours,
)
from scheduling.models.places import Closure, Location, Room
from scheduling.models.series import Series
from scheduling.models.waitlist import WaitlistEntry, WaitlistOffer

__all__ = [
    "CORRECTIONS",
    "OCCUPYING",
    "TRANSITIONS",
    "Booking",
    "BookingChange",
    "BusyCalendar",
    "BusyTime",
    "CalendarFeed",
    "Closure",
    "HoursException",
    "Location",
    "Room",
    "Series",
    "Therapist",
    "TherapistVariant",
    "TimeOff",
    "WaitlistEntry",
    "WaitlistOffer",
    "WorkingHours",
]
