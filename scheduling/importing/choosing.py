"""Adding, changing and removing an imported calendar, and showing it without its secret."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.reaching.addresses import require_usable
from scheduling.importing.errors import CalendarTrouble
from scheduling.importing.fetching import here_only
from scheduling.importing.refreshing import is_failing
from scheduling.models import BusyCalendar, Therapist
from scheduling.wording import moment_words

MOST_A_THERAPIST = 5


def usable_address(url: str) -> str:
    """The address as it will be asked, judged at once by form and by where its host is.

    Raises:
        ElsewhereTrouble: a sentence says what to do about it.
    """
    url = tidied(url)
    require_usable(url, local=here_only())
    return url


def tidied(url: str) -> str:
    """As calendars hand their addresses out: ``webcal://`` is ``https://``."""
    url = url.strip()
    if url[:9].lower() == "webcal://":
        return f"https://{url[9:]}"
    return url


def add_calendar(*, therapist: Therapist, label: str, url: str) -> BusyCalendar:
    """Have a therapist's calendar read. The same address again is the calendar there is.

    Raises:
        ElsewhereTrouble: the address cannot be used, or there are too many already.
    """
    url = usable_address(url)
    there = BusyCalendar.objects.filter(therapist=therapist)
    if again := there.filter(url=url).first():
        return again
    if there.count() >= MOST_A_THERAPIST:
        raise CalendarTrouble(_("There are five calendars already. Remove one first."))
    try:
        with transaction.atomic():
            return BusyCalendar.objects.create(
                therapist=therapist, label=label.strip()[:60] or _("Private"), url=url
            )
    except IntegrityError:  # the same form, sent twice at once
        return there.get(url=url)


def forget_times(calendar: BusyCalendar) -> None:
    """What was read says nothing any more: another address, or no longer in use."""
    with transaction.atomic():
        calendar.times.all().delete()
        calendar.read_at = calendar.tried_at = None
        calendar.trouble = calendar.etag = calendar.last_modified = ""
        calendar.save(
            update_fields=["read_at", "tried_at", "trouble", "etag", "last_modified"],
        )


def masked(url: str) -> str:
    """Enough of an address to know it by, too little to read the calendar."""
    return f"{urlsplit(url).hostname or ''}/…{url[-3:]}"


def state_words(calendar: BusyCalendar, *, at: datetime, zone: str = "") -> str:
    """How reading it goes, in a sentence: "Last read 5 min ago."."""
    if not calendar.is_active:
        return _("Not in use.")
    if is_failing(calendar):
        if calendar.read_at is None:
            return _("Could not be read. %(trouble)s") % {"trouble": calendar.trouble}
        since = moment_words(calendar.read_at, zone or settings.TIME_ZONE)
        return _("Could not be read since %(moment)s. %(trouble)s") % {
            "moment": since,
            "trouble": calendar.trouble,
        }
    if calendar.read_at is None:
        return _("Not read yet.")
    said = _("Last read %(ago)s.") % {"ago": _ago(at - calendar.read_at)}
    return f"{said} {calendar.trouble}".strip()


def _ago(passed: timedelta) -> str:
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 1:
        return _("just now")
    if minutes < 120:
        return _("%(count)s min ago") % {"count": minutes}
    if passed < timedelta(days=2):
        return _("%(count)s hours ago") % {"count": minutes // 60}
    return _("%(count)s days ago") % {"count": passed.days}
