"""The session she had last, at its next free times: two taps to book it again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from scheduling.availability import free_times
from scheduling.models import Booking
from scheduling.web.slots import SlotButton, buttons

_LOOK_AHEAD_DAYS = 21
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SameAgain:
    """The last treatment and therapist, and three next times of theirs."""

    words: str
    zone: str
    slots: tuple[SlotButton, ...]
    hidden: dict[str, str]
    more_url: str


def same_again(*, runner: User, at: datetime) -> SameAgain | None:
    """Nothing for somebody new, or when the treatment or its therapist is no longer offered."""
    last = _last_session(runner)
    if last is None:
        return None
    today = at.astimezone(last.location.zone).date()
    times = free_times(
        variant=last.variant,
        location=last.location,
        therapist=last.therapist,
        start=today,
        end=today + timedelta(days=_LOOK_AHEAD_DAYS),
        at=at,
    )
    by_day = {
        time.starts_at.astimezone(last.location.zone).date(): time for time in reversed(times)
    }
    one_a_day = sorted(by_day.values(), key=lambda time: time.starts_at)[:_SHOWN]
    hidden = {
        "variant": last.variant.code,
        "location": last.location.code,
        "therapist": last.therapist.code,
    }
    page = reverse("scheduling:choose_time", args=[last.variant.code])
    return SameAgain(
        words=f"{last.variant.name}, with {last.therapist.first_name}",
        zone=last.location.timezone,
        slots=tuple(buttons(one_a_day)),
        hidden=hidden,
        more_url=f"{page}?location={last.location.code}&therapist={last.therapist.code}",
    )


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
