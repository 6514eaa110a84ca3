"""What the diary does when a person is erased (G6)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.erasing import Obstacle, stands_in_the_way, takes_part
from accounts.models import User
from scheduling.models import Booking, BookingChange
from scheduling.wording import moment_words


@stands_in_the_way
def open_sessions(person: User, at: datetime) -> Iterator[Obstacle]:
    """Sessions to come, and those that were and are not done: a credit or a payment hangs on them.

    What is done or missed is final a while after it ended, by itself.
    """
    for booking in Booking.objects.of(person).live_at(at).order_by("starts_at"):
        when = moment_words(booking.starts_at, booking.zone)
        sentence = (
            _("Your session on %(when)s is booked. Come, or cancel it.")
            if booking.ends_at > at
            else _("Your session on %(when)s is not settled yet.")
        )
        until = booking.ends_at.astimezone(booking.zone_info).date()
        yield Obstacle(sentence % {"when": when}, until if booking.ends_at > at else None)


@takes_part
def take_words_away(person: User, at: datetime) -> None:
    """Why sessions were changed can say how she was. The database allows taking it away."""
    spoken = BookingChange.objects.filter(booking__runner=person).exclude(reason="")
    spoken.update(reason="")
