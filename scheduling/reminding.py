"""Who is reminded, and when (N2)."""

from datetime import datetime, timedelta

from django.db.models import F, Max, Q

from accounts.models import Message
from scheduling import letters
from scheduling.models import Booking, BookingChange

AHEAD = timedelta(hours=24)
KIND = "reminder"


def queue_reminders(*, at: datetime) -> int:
    """The job: owe a reminder for each session within 24 hours; returns how many are new.

    None for one booked or moved to within that time: the mail about that was the reminder.
    Cancelled or moved since: the writer finds nothing to say when it is to be sent.
    """
    agreed = Q(changes__kind__in=[BookingChange.Kind.CONFIRMED, BookingChange.Kind.MOVED])
    last_agreed = Max("changes__at", filter=agreed)
    due = (
        Booking.objects.filter(
            state=Booking.State.CONFIRMED, starts_at__gt=at, starts_at__lte=at + AHEAD
        )
        .annotate(agreed_at=last_agreed)
        .filter(agreed_at__lte=F("starts_at") - AHEAD)
        .select_related("runner")
        .order_by("starts_at")
    )
    wanted = {f"{KIND}:{one.public_id}:{one.sequence}": one for one in due}
    owed = set(
        Message.objects.filter(dedupe_key__in=list(wanted)).values_list("dedupe_key", flat=True)
    )
    new = [booking for key, booking in wanted.items() if key not in owed]
    for booking in new:
        letters.owe(booking, KIND, at=at)
    return len(new)
