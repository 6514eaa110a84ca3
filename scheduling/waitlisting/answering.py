"""What a runner answers to an offer, and what happens when she does not (E14)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting import CreditError
from scheduling.booking import HOLD_MINUTES, confirm_with_credit, extend_hold
from scheduling.errors import OfferOver
from scheduling.models import Booking, WaitlistEntry, WaitlistOffer
from scheduling.patience import patiently
from scheduling.waitlisting.ending import (
    GRACE,
    close,
    end_offer,
    follow_booking,
    is_answerable,
    locked_entry,
    locked_hold,
    wait_on,
)
from scheduling.wording import moment_words

State = WaitlistEntry.State
Outcome = WaitlistOffer.Outcome
MOST_UNANSWERED = 2  # offers that may run out; then the entry ends and others need not wait for it
MOST_AT_ONCE = 500


def accept(*, offer: WaitlistOffer, by: User | None, at: datetime) -> Booking:
    """Take the offered time: booked, with the credit that was set aside for it.

    Without a credit the answer is the booking still held, for ten minutes at least; the caller
    leads to the page where it is paid. Accepting again returns the booking.

    Raises:
        OfferOver: it was declined or ran out.
        NotOffered: a rule about her stands against it, such as a session of hers at that time
            (B16); the offer stays open.
    """
    return patiently(lambda: _accept(offer, by, at))


@transaction.atomic
def _accept(offer: WaitlistOffer, by: User | None, at: datetime) -> Booking:
    entry, booking = _locked(offer)
    if follow_booking(entry, offer, booking, at=at):
        return booking
    # To the last second of the hold: who taps while the offer ends still gets the time.
    if not offer.is_open or booking.holds_until(at) is None:
        words = {"moment": moment_words(offer.expires_at, booking.zone)}
        raise OfferOver(_("This time was held for you until %(moment)s.") % words)
    try:
        booking = confirm_with_credit(booking=booking, runner=entry.runner, by=by, at=at)
    except CreditError:
        return _agreed(offer, booking, at)
    follow_booking(entry, offer, booking, at=at)
    return booking


def decline(
    *, offer: WaitlistOffer, by: User | None, at: datetime, keep: bool = True
) -> WaitlistEntry:
    """Let the offered time go to the next in line.

    With ``keep`` the wish stays on the list, and no time that overlaps this one is offered for it
    again; without it the entry ends as declined. Declining again changes nothing.

    Raises:
        OfferOver: it is booked; cancelling is another act.
    """
    return patiently(lambda: _decline(offer, by, at, keep=keep))


@transaction.atomic
def _decline(offer: WaitlistOffer, by: User | None, at: datetime, *, keep: bool) -> WaitlistEntry:
    entry = locked_entry(offer.entry_id)
    was_open = entry.offers.still_open().filter(pk=offer.pk).exists()
    end_offer(entry, offer, Outcome.DECLINED, by=by, at=at)
    if offer.outcome == Outcome.ACCEPTED:
        raise OfferOver(_("This time is booked, so it can only be cancelled."))
    if was_open and keep:
        wait_on(entry)
    elif was_open:
        close(entry, State.DECLINED, at=at)
    return entry


def settle_due(*, at: datetime) -> int:
    """End the offers that ran out and follow those booked by another door; how many ended."""
    due = WaitlistOffer.objects.still_open().filter(
        ~Q(booking__state=Booking.State.HELD) | Q(expires_at__lte=at)
    )
    waiting = due.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    return sum(_settle_patiently(pk, at) for pk in list(waiting))


def _settle_patiently(pk: int, at: datetime) -> bool:
    return patiently(lambda: _settle(pk, at))


@transaction.atomic
def _settle(pk: int, at: datetime) -> bool:
    offer = WaitlistOffer.objects.get(pk=pk)
    entry, booking = _locked(offer)
    if not offer.is_open or is_answerable(offer, booking, at):
        return False
    end_offer(entry, offer, Outcome.EXPIRED, by=None, at=at)
    if not entry.is_open:
        return True
    if entry.offers.filter(outcome=Outcome.EXPIRED).count() >= MOST_UNANSWERED:
        close(entry, State.EXPIRED, at=at, because=_("Two times went unanswered."))
    else:
        wait_on(entry)
    return True


def _locked(offer: WaitlistOffer) -> tuple[WaitlistEntry, Booking]:
    entry = locked_entry(offer.entry_id)
    return entry, locked_hold(entry, offer)


def _agreed(offer: WaitlistOffer, booking: Booking, at: datetime) -> Booking:
    """She said yes and has to pay: the first time, the offer lasts long enough to get there."""
    if offer.agreed_at is not None:
        return booking
    offer.agreed_at = at
    offer.expires_at = max(offer.expires_at, at + timedelta(minutes=HOLD_MINUTES))
    offer.save(update_fields=["agreed_at", "expires_at"])
    return extend_hold(booking=booking, until=offer.expires_at + GRACE, at=at)
