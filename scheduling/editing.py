"""Which rows of the diary's rules are set up by hand: their edits go into the audit trail.

A therapist's name and the reasons of an absence are words about a person and stay out of it.
"""

from accounts.edits import Edits, note_edits, note_links
from scheduling.models import (
    Closure,
    HoursException,
    Location,
    Room,
    Therapist,
    TherapistVariant,
    TimeOff,
    WorkingHours,
)

OF_SCHEDULE = Edits("schedule")
BY_CODE = Edits("schedule", key="code", withheld=("name", "short_bio"))


def watch() -> None:
    """Called when the app is ready."""
    note_edits(Therapist, BY_CODE)
    note_edits(Location, Edits("schedule", key="code"))
    note_edits(TimeOff, Edits("schedule", withheld=("reason",), beside=("therapist_id",)))
    note_edits(Closure, Edits("schedule", beside=("location_id",)))
    for hours in (WorkingHours, HoursException):
        note_edits(hours, Edits("schedule", beside=("therapist_id", "location_id")))
    for model in (Room, TherapistVariant):
        note_edits(model, OF_SCHEDULE)
    note_links(Room, "variants", OF_SCHEDULE, called="code")
