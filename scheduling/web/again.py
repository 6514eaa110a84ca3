"""The same session once more: its next free times, a tap each, on several days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts.isolating import isolated
from scheduling.availability import FreeTime, free_times
from scheduling.covering import NO_COVER, Cover
from scheduling.models import Booking
from scheduling.web.slots import SlotButton, buttons

_LOOK_AHEAD_DAYS = 21
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SameAgain:
    """A treatment and therapist of before, and three next times of theirs."""

    words: str
    zone: str
    slots: tuple[SlotButton, ...]
    hidden: dict[str, str]
    more_url: str


def same_again(before: Booking, *, at: datetime, cover: Cover = NO_COVER) -> SameAgain | None:
    """One time a day on the next days with room, each as near her hour of before as there is.

    None when the treatment, its therapist or the place is no longer offered.
    """
    if not _is_offered(before):
        return None
    today = at.astimezone(before.location.zone).date()
    times = free_times(
        variant=before.variant,
        location=before.location,
        therapist=before.therapist,
        start=today,
        end=today + timedelta(days=_LOOK_AHEAD_DAYS),
        at=at,
        runner=before.runner,
    )
    page = reverse("scheduling:choose_time", args=[before.variant.code])
    return SameAgain(
        words=f"{before.variant.name}, with {isolated(before.therapist.first_name)}",
        zone=before.location.timezone,
        slots=tuple(buttons(_one_a_day(times, before)[:_SHOWN], cover=cover)),
        hidden={
            "variant": before.variant.code,
            "location": before.location.code,
            "therapist": before.therapist.code,
        },
        more_url=f"{page}?location={before.location.code}&therapist={before.therapist.code}",
    )


def _is_offered(before: Booking) -> bool:
    return bool(
        before.variant.is_active
        and before.variant.is_bookable_online
        and before.therapist.is_active
        and before.therapist.is_bookable_online
        and before.location.is_active
    )


def _one_a_day(times: list[FreeTime], before: Booking) -> list[FreeTime]:
    nearest: dict[date, FreeTime] = {}
    for time in times:
        day = time.starts_at.astimezone(before.location.zone).date()
        best = nearest.setdefault(day, time)
        if _minutes_from_her_hour(time, before) < _minutes_from_her_hour(best, before):
            nearest[day] = time
    return [nearest[day] for day in sorted(nearest)]


def _minutes_from_her_hour(time: FreeTime, before: Booking) -> int:
    start = time.starts_at.astimezone(before.location.zone)
    hers = before.starts_local
    return abs((start.hour - hers.hour) * 60 + start.minute - hers.minute)
