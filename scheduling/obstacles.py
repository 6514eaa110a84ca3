"""What stands in the way of a start: the rows behind the reason codes (E28, U11)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from payments.models import ServiceVariant
from scheduling.intervals import local_day, seconds
from scheduling.models import Booking, Closure, HoursException, Location, TherapistVariant, TimeOff
from scheduling.world import LONGEST


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Everything at a place or of its therapists that touches a start."""

    bookings: tuple[Booking, ...]
    time_off: tuple[TimeOff, ...]
    exceptions: tuple[HoursException, ...]
    closures: tuple[Closure, ...]

    def of(self, therapist_id: int | None) -> "Obstacles":
        """What concerns one therapist; closures concern everyone."""
        return Obstacles(
            bookings=tuple(x for x in self.bookings if x.therapist_id == therapist_id),
            time_off=tuple(x for x in self.time_off if x.therapist_id == therapist_id),
            exceptions=tuple(x for x in self.exceptions if x.therapist_id == therapist_id),
            closures=self.closures,
        )


def in_the_way(
    *, variant: ServiceVariant, location: Location, starts_at: datetime, at: datetime
) -> Obstacles:
    """All that overlaps the session and its turnaround; five queries.

    Where therapists give it at lengths of their own (S2) the longest decides.
    Bookings at other locations are among them: a therapist is in one place at a time.
    """
    own = TherapistVariant.objects.filter(variant=variant).aggregate(most=Max("duration_minutes"))
    minutes = max(variant.duration_minutes, own["most"] or 0)
    ends_at = starts_at + timedelta(minutes=minutes)
    frees_at = ends_at + timedelta(minutes=variant.turnaround_minutes)
    day = local_day(location.timezone, seconds(starts_at))
    live = Booking.objects.live_at(at).with_everything()
    today = Q(starts_on__lte=day, ends_on__gte=day)
    return Obstacles(
        bookings=tuple(
            live.filter(
                starts_at__gte=starts_at - LONGEST, starts_at__lt=frees_at, frees_at__gt=starts_at
            ).order_by("starts_at", "pk")
        ),
        time_off=tuple(TimeOff.objects.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)),
        exceptions=tuple(HoursException.objects.filter(today, location=location)),
        closures=tuple(Closure.objects.filter(today, location=location)),
    )
