"""Putting a wish on the waitlist, changing it, taking it off (E14)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.models import ServiceVariant
from scheduling.errors import WaitlistRefused
from scheduling.models import Location, Therapist, WaitlistEntry, WaitlistOffer
from scheduling.models.people import MIDNIGHT
from scheduling.models.waitlist import EVERY_WEEKDAY
from scheduling.waitlisting.ending import close, end_offer, locked_entry

State = WaitlistEntry.State
MOST_OPEN = 5  # wishes of one runner
FURTHEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Want:
    """What a runner waits for. Days, weekdays and hours are the location's wall time.

    ``therapists`` empty is anyone. A session starts at or after ``starts_from`` and before
    ``starts_before``, where 00:00 is midnight at the end of the day. ``notice_minutes`` is how
    long before its start she must hear of a time; None is the notice of booking online, less
    than that lets a time be offered inside it.
    """

    variants: tuple[ServiceVariant, ...]
    location: Location
    first_on: date
    last_on: date
    therapists: tuple[Therapist, ...] = ()
    weekdays: str = EVERY_WEEKDAY
    starts_from: time = MIDNIGHT
    starts_before: time = MIDNIGHT
    notice_minutes: int | None = None

    @property
    def key(self) -> str:
        """The same for the same wish, in whatever order it was put."""
        parts = (
            self.location.pk,
            sorted(one.pk for one in self.variants),
            sorted(one.pk for one in self.therapists),
            self.first_on.isoformat(),
            self.last_on.isoformat(),
            "".join(sorted(set(self.weekdays))),
            self.starts_from.isoformat(),
            self.starts_before.isoformat(),
            self.notice_minutes,
        )
        return sha256(repr(parts).encode()).hexdigest()


def join(*, runner: User, want: Want, at: datetime, priority: int = 0) -> WaitlistEntry:
    """Put the wish on the list; one she waits for already is returned.

    Raises:
        WaitlistRefused: no time could ever fulfil it, or she has ``MOST_OPEN`` wishes open.
    """
    require_sensible(want, at)
    if same := _same_open(runner, want):
        return same
    if WaitlistEntry.objects.of(runner).still_open().count() >= MOST_OPEN:
        raise WaitlistRefused(
            _("You are waiting for %(count)s times already. Take one off the list first.")
            % {"count": MOST_OPEN}
        )
    try:
        with transaction.atomic():
            entry = WaitlistEntry(runner=runner, created_at=at, priority=priority)
            return _written(entry, want)
    except IntegrityError:  # a double click came first
        if same := _same_open(runner, want):
            return same
        raise


def change_wish(*, entry: WaitlistEntry, want: Want, at: datetime) -> WaitlistEntry:
    """Wish for something else; the place in line stays.

    Raises:
        WaitlistRefused: the entry does not wait (any more), the wish makes no sense, or it is
            on the list already.
    """
    require_sensible(want, at)
    try:
        with transaction.atomic():
            entry = locked_entry(entry.pk)
            if entry.state == State.OFFERED:
                raise WaitlistRefused(_("A time is held for you. Answer that first."))
            if entry.state != State.WAITING:
                raise WaitlistRefused(_("You no longer wait for this. Join the list again."))
            return _written(entry, want)
    except IntegrityError as error:
        if _same_open(entry.runner, want):
            raise WaitlistRefused(_("You wait for that already.")) from error
        raise


@transaction.atomic
def withdraw(*, entry: WaitlistEntry, by: User | None, at: datetime) -> WaitlistEntry:
    """Take the wish off the list and let go what is held for it. What is over stays as it is."""
    entry = locked_entry(entry.pk)
    if not entry.is_open:
        return entry
    for offer in entry.offers.still_open():
        end_offer(entry, offer, WaitlistOffer.Outcome.WITHDRAWN, by=by, at=at)
    if entry.is_open:  # else she has booked what was offered
        close(entry, State.WITHDRAWN, at=at)
    return entry


def require_sensible(want: Want, at: datetime) -> None:
    """Refuse what no time could fulfil.

    Raises:
        WaitlistRefused: with the sentence to show.
    """
    today = at.astimezone(want.location.zone).date()
    if not want.variants:
        raise WaitlistRefused(_("Choose a session."))
    if want.last_on < want.first_on:
        raise WaitlistRefused(_("The last day is before the first."))
    if want.last_on < today:
        raise WaitlistRefused(_("Those days are over. Choose days to come."))
    if want.last_on > today + FURTHEST:
        raise WaitlistRefused(_("Choose days within a year."))
    if want.starts_before != MIDNIGHT and want.starts_before <= want.starts_from:
        raise WaitlistRefused(_("The hours end before they begin."))
    if not _has_a_day(want):
        raise WaitlistRefused(_("None of those days is on a weekday you chose."))


def _has_a_day(want: Want) -> bool:
    count = min((want.last_on - want.first_on).days + 1, 7)
    days = (want.first_on + timedelta(days=number) for number in range(count))
    return any(str(day.isoweekday()) in want.weekdays for day in days)


def _same_open(runner: User, want: Want) -> WaitlistEntry | None:
    own = WaitlistEntry.objects.of(runner).still_open().with_everything()
    return own.filter(wish_key=want.key).first()


def _written(entry: WaitlistEntry, want: Want) -> WaitlistEntry:
    entry.location = want.location
    entry.first_on, entry.last_on = want.first_on, want.last_on
    entry.weekdays = "".join(sorted(set(want.weekdays)))
    entry.starts_from, entry.starts_before = want.starts_from, want.starts_before
    entry.notice_minutes = want.notice_minutes
    entry.wish_key = want.key
    entry.save()
    entry.variants.set(want.variants)
    entry.therapists.set(want.therapists)
    return entry
