"""Reading imported calendars again and again, and saying how that goes (E22).

What was read last stands until something newer is read whole: a server that is down frees
nobody. Who fails, or has not been read for half an hour, is flagged to staff.
"""

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.reaching.errors import ElsewhereTrouble
from payments.models import ServiceVariant
from scheduling.calendars import own_host
from scheduling.importing.errors import CalendarTrouble
from scheduling.importing.fetching import TOTAL_SECONDS, Fetched, fetch
from scheduling.importing.reading import Reading, Window, read
from scheduling.intervals import instant, seconds
from scheduling.models import BusyCalendar, BusyTime, Location, WorkingHours

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
ROUND_SECONDS: Final = 40.0  # no new calendar is begun after this; the rest goes first next time
STALE_AFTER: Final = timedelta(minutes=30)
LEAST_DAYS: Final = 62

Answer = Fetched | ElsewhereTrouble


def read_due(*, at: datetime) -> int:
    """The job: read every calendar in use, the longest unread first; returns how many were.

    Several are fetched side by side and each has a deadline, so one that drips delays the others
    by seconds; the round as a whole ends in time for the other jobs.
    """
    ends = time.monotonic() + ROUND_SECONDS
    waiting = list(_in_use().order_by(F("tried_at").asc(nulls_first=True), "pk"))
    count = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for start in range(0, len(waiting), AT_ONCE):
            some = waiting[start : start + AT_ONCE]
            asked = [pool.submit(_fetched, calendar, at) for calendar in some]
            for calendar, answer in zip(some, asked, strict=True):
                _keep(calendar, answer.result(), at)
                count += 1
            if time.monotonic() > ends:
                break
    return count


def read_now(*, calendar: BusyCalendar, at: datetime, seconds: float = TOTAL_SECONDS) -> bool:
    """Read one calendar because somebody asked; whether it could be. Never in a transaction."""
    calendar.etag = calendar.last_modified = ""  # whoever asks wants it read, not compared
    _keep(calendar, _fetched(calendar, at, seconds), at)
    return not is_failing(calendar)


def is_failing(calendar: BusyCalendar) -> bool:
    """Whether the last try did not succeed."""
    return calendar.tried_at is not None and calendar.tried_at != calendar.read_at


def is_flagged(calendar: BusyCalendar, at: datetime) -> bool:
    """Whether staff should know: it fails, or was not read for half an hour (S11)."""
    stale = calendar.read_at is None or calendar.read_at < at - STALE_AFTER
    return calendar.is_active and (stale or is_failing(calendar))


def flagged(at: datetime) -> "QuerySet[BusyCalendar]":
    """The calendars ``is_flagged`` is true of."""
    return _in_use().filter(
        Q(read_at=None) | Q(read_at__lt=at - STALE_AFTER) | ~Q(tried_at=F("read_at"))
    )


def _in_use() -> "QuerySet[BusyCalendar]":
    return BusyCalendar.objects.filter(is_active=True, therapist__is_active=True)


def _fetched(calendar: BusyCalendar, at: datetime, seconds: float = TOTAL_SECONDS) -> Answer:
    """The network's part, which touches no database.

    The first time of a day it is read whole, changed or not: what repeats has grown by a day.
    """
    unchanged = calendar.tried_at is not None and calendar.tried_at.date() == at.date()
    try:
        return fetch(
            calendar.url,
            etag=calendar.etag if unchanged else "",
            last_modified=calendar.last_modified if unchanged else "",
            seconds=seconds,
        )
    except ElsewhereTrouble as trouble:
        return trouble
    except Exception:
        # The address is a secret, and an exception from below may name it.
        log.error("Imported calendar %s could not be fetched for a reason unknown", calendar.pk)
        return CalendarTrouble(_("It could not be read."))


def _keep(calendar: BusyCalendar, answer: Answer, at: datetime) -> None:
    """Write what came, or that nothing did."""
    reading: Reading | None = None
    if isinstance(answer, Fetched) and answer.body is not None:
        try:
            reading = read(answer.body, _window(calendar, at))
        except CalendarTrouble as trouble:
            answer = trouble
    with transaction.atomic():
        now = BusyCalendar.objects.select_for_update().filter(pk=calendar.pk).first()
        if now is None or now.url != calendar.url:
            return  # taken away, or given another address, while we were reading
        calendar.tried_at = at
        if isinstance(answer, ElsewhereTrouble):
            # The next one is read whole, whatever its server thinks we know.
            calendar.trouble, calendar.etag, calendar.last_modified = str(answer)[:200], "", ""
        else:
            calendar.read_at = at
        if reading is not None and isinstance(answer, Fetched):
            calendar.trouble = _skipped_words(reading.skipped)
            calendar.etag, calendar.last_modified = answer.etag, answer.last_modified
            _replace_times(calendar, reading)
        calendar.save(update_fields=["tried_at", "read_at", "trouble", "etag", "last_modified"])


def _replace_times(calendar: BusyCalendar, reading: Reading) -> None:
    """The new times for the old ones; equal ones stay, because most readings change nothing."""
    before = {(seconds(a), seconds(b)): pk for pk, a, b in _times_of(calendar)}
    wanted = set(reading.times)
    gone = [pk for time, pk in before.items() if time not in wanted]
    if gone:
        calendar.times.filter(pk__in=gone).delete()
    BusyTime.objects.bulk_create(
        (
            BusyTime(calendar=calendar, starts_at=instant(start), ends_at=instant(end))
            for start, end in reading.times
            if (start, end) not in before
        ),
        batch_size=500,
    )


def _times_of(calendar: BusyCalendar) -> Iterable[tuple[int, datetime, datetime]]:
    return calendar.times.values_list("pk", "starts_at", "ends_at")


def _skipped_words(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        return _("One event could not be understood and does not block.")
    return _("%(count)s events could not be understood and do not block.") % {"count": count}


def _window(calendar: BusyCalendar, at: datetime) -> Window:
    """From yesterday to as far as anything can be booked, and a day more."""
    furthest = ServiceVariant.objects.on_offer().aggregate(days=Max("horizon_days"))["days"] or 0
    return Window(
        low=seconds(at - timedelta(days=1)),
        high=seconds(at + timedelta(days=max(LEAST_DAYS, furthest) + 2)),
        zone=_zone_of(calendar),
        own_host=own_host(),
    )


def _zone_of(calendar: BusyCalendar) -> str:
    """The zone of times that name none: where the therapist works."""
    shifts = WorkingHours.objects.filter(therapist=calendar.therapist_id).order_by("pk")
    zone = shifts.values_list("location__timezone", flat=True).first()
    zone = zone or Location.objects.values_list("timezone", flat=True).first()
    return zone or settings.TIME_ZONE
