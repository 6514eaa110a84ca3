"""The session she had last, at its next free times: two taps to book it again."""

from datetime import datetime

from accounts.models import User
from scheduling.covering import cover_of
from scheduling.models import Booking
from scheduling.web.again import SameAgain, same_again


def same_as_last(*, runner: User, at: datetime) -> SameAgain | None:
    """Nothing for somebody new, or when the treatment or its therapist is no longer offered."""
    last = _last_session(runner)
    if last is None:
        return None
    return same_again(last, at=at, cover=cover_of(runner=runner, variant=last.variant, at=at))


def _last_session(runner: User) -> Booking | None:
    """Her latest session that was not given up, of a treatment still offered by the same hands."""
    last: Booking | None = (
        Booking.objects.of(runner)
        .filter(
            state__in=[Booking.State.COMPLETED, Booking.State.CONFIRMED, Booking.State.CHECKED_IN],
            variant__is_active=True,
            variant__is_bookable_online=True,
            therapist__is_active=True,
            therapist__is_bookable_online=True,
            location__is_active=True,
        )
        .with_everything()
        .order_by("-starts_at")
        .first()
    )
    return last
