"""Pages of a list that grows: a cursor says where the last one ended, so nothing shifts.

The cursor is the start and the id of the last session shown, readable and of no other use.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q

from scheduling.models import Booking
from scheduling.models.bookings import BookingQuerySet

MOST = 100  # rows a page


def page_of(found: BookingQuerySet, cursor: str, limit: int) -> tuple[list[Booking], str | None]:
    """Up to ``limit`` sessions after the cursor, the latest start first, and the next cursor.

    Raises:
        ValidationError: it is no cursor of ours.
    """
    if cursor:
        starts_at, pk = _read(cursor)
        found = found.filter(Q(starts_at__lt=starts_at) | Q(starts_at=starts_at, pk__lt=pk))
    rows = list(found.order_by("-starts_at", "-pk")[: limit + 1])
    page = rows[:limit]
    return page, _written(page[-1]) if len(rows) > limit else None


def _written(last: Booking) -> str:
    return urlsafe_b64encode(f"{last.starts_at.isoformat()} {last.pk}".encode()).decode()


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        moment, pk = urlsafe_b64decode(cursor.encode()).decode().split(" ")
        starts_at, number = datetime.fromisoformat(moment), int(pk)
        if starts_at.tzinfo is None or not 0 < number < 2**63:
            raise ValueError("Not one we wrote.")
    except ValueError as error:
        raise ValidationError("This page does not exist. Start with the first one.") from error
    return starts_at, number
