"""Offering freed times to those who wait, one at a time, each for one entry alone (E14)."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from payments import crediting
from payments.crediting import CreditError
from scheduling import runners
from scheduling.booking import hold_for_offer
from scheduling.errors import BookingError
from scheduling.models import Booking, Therapist, WaitlistEntry, WaitlistOffer
from scheduling.patience import patiently
from scheduling.reasons import Reason
from scheduling.waitlisting import letters
from scheduling.waitlisting.answering import settle_due
from scheduling.waitlisting.ending import GRACE, close, locked_entry
from scheduling.waitlisting.matching import Line, Match, line_up, offer_lasts

State = WaitlistEntry.State
TRIES = 3  # times tried for one entry in a round before the next entry's turn


def serve_waitlist(*, at: datetime) -> int:
    """The job: pass on what was not answered, end what is over, offer what is free.

    Returns how many offers were made. Safe beside itself: each entry and each time is taken
    under its lock.
    """
    settle_due(at=at)
    end_past_entries(at=at)
    return offer_freed(at=at)


def offer_freed(*, at: datetime) -> int:
    """Offer free times to those who wait for them, in their order; returns how many."""
    line = line_up(at=at)
    asked: set[int] = set()
    for entry in line.entries:
        if entry.runner_id in asked or _has_booked_it_herself(entry, line, at):
            continue
        if _offer_first_that_works(entry, line, at):
            asked.add(entry.runner_id)
    return len(asked)


def end_past_entries(*, at: datetime) -> int:
    """End the entries whose last day is over on their location's clock; returns how many."""
    ended = 0
    waiting = WaitlistEntry.objects.waiting().filter(last_on__lte=at.date())
    for entry in waiting.select_related("location").order_by("pk"):
        if entry.last_on < at.astimezone(entry.location.zone).date():
            ended += _end(entry, State.EXPIRED, _("No time opened up."), at)
    return ended


def _end(entry: WaitlistEntry, state: str, because: str, at: datetime) -> bool:
    return patiently(lambda: _end_if_waiting(entry.pk, state, because, at))


@transaction.atomic
def _end_if_waiting(pk: int, state: str, because: str, at: datetime) -> bool:
    entry = locked_entry(pk)
    if entry.state != State.WAITING:
        return False
    close(entry, state, at=at, because=because)
    return True


def _has_booked_it_herself(entry: WaitlistEntry, line: Line, at: datetime) -> bool:
    """A session she booked since, within her wish's days, ends the entry: she has one."""
    wanted = {variant.pk for variant in entry.variants.all()}
    for booking in line.busy.get(entry.runner_id, ()):
        day = booking.starts_at.astimezone(entry.location.zone).date()
        if (
            booking.is_booked
            and booking.booked_at is not None
            and booking.booked_at >= entry.created_at
            and booking.variant_id in wanted
            and entry.first_on <= day <= entry.last_on
        ):
            return _end(entry, State.WITHDRAWN, _("You booked a session yourself."), at)
    return False


def _offer_first_that_works(entry: WaitlistEntry, line: Line, at: datetime) -> bool:
    """Try the entry's times, soonest first. What cannot be claimed is left to the next."""
    for number, match in enumerate(line.matches_of(entry, at)):
        if number == TRIES:
            break
        with suppress(BookingError):
            offer = _offer_patiently(match, at)
            if offer is None:
                return False  # answered, changed or withdrawn since we looked
            line.give_away(offer.booking)
            return True
    return False


def _offer_patiently(match: Match, at: datetime) -> WaitlistOffer | None:
    return patiently(lambda: _offer(match, at))


@transaction.atomic
def _offer(match: Match, at: datetime) -> WaitlistOffer | None:
    """Hold the time and a credit for the entry; None when it no longer waits.

    Raises:
        TimeTaken, NotOffered: it cannot be held for her; nothing is written.
    """
    entry = _locked_with_her_others(match.entry)
    if entry is None:
        return None
    runners.lock(entry.runner)
    crediting.lock_wallet(entry.runner)
    booking, until = _held(match, entry, at)
    _set_credit_aside(entry, booking, at)
    offer = WaitlistOffer.objects.create(
        entry=entry, booking=booking, offered_at=at, expires_at=until
    )
    entry.state = State.OFFERED
    entry.save(update_fields=["state"])
    letters.owe(offer, at=at)
    return offer


def _locked_with_her_others(entry: WaitlistEntry) -> WaitlistEntry | None:
    """The entry under its lock, if it waits and no other of hers is being offered a time.

    All her open entries are locked, by id: two workers never ask her two things at once.
    """
    hers = WaitlistEntry.objects.of(entry.runner).still_open().order_by("pk")
    states = {one.pk: one.state for one in hers.select_for_update()}
    if states.get(entry.pk) != State.WAITING or State.OFFERED in states.values():
        return None
    return locked_entry(entry.pk)


def _held(match: Match, entry: WaitlistEntry, at: datetime) -> tuple[Booking, datetime]:
    """The hold, and until when the offer is open."""
    time = match.time
    named = bool(entry.therapists.all())
    forgive = {Reason.NOTICE} if entry.notice_minutes is not None else set()
    until = min(at + offer_lasts(time.starts_at, at), time.starts_at)
    booking = hold_for_offer(
        variant=match.variant,
        location=entry.location,
        starts_at=time.starts_at,
        therapist=Therapist.objects.get(pk=time.therapist_id) if named else None,
        runner=entry.runner,
        entry=entry.public_id,
        until=until + GRACE,
        at=at,
        forgive=frozenset(forgive),
    )
    return booking, until


def _set_credit_aside(entry: WaitlistEntry, booking: Booking, at: datetime) -> None:
    """One of her credits waits with the time; without one she pays when she says yes."""
    with suppress(CreditError):
        crediting.reserve(
            owner=entry.runner,
            variant=booking.variant,
            booking_id=booking.public_id,
            session_on=booking.starts_local.date(),
            by=None,
            at=at,
            reason=_("Held with an offered time"),
        )
