"""How an offer and an entry end, so that nothing stays held or set aside (E14)."""

from contextlib import suppress
from datetime import datetime, timedelta

from accounts.models import User
from payments import crediting
from scheduling import runners
from scheduling.changing import locked
from scheduling.claiming import expire
from scheduling.models import Booking, WaitlistEntry, WaitlistOffer

State = WaitlistEntry.State
Outcome = WaitlistOffer.Outcome
# The hold outlives the offer, so the time passes to the next in line without being free between.
GRACE = timedelta(minutes=2)
WHY = {
    Outcome.DECLINED: "The offer was declined.",
    Outcome.EXPIRED: "The offer ran out.",
    Outcome.WITHDRAWN: "No longer waiting.",
}


def locked_entry(pk: int) -> WaitlistEntry:
    """The entry as it is now, nobody else changing it until our transaction ends."""
    return (
        WaitlistEntry.objects.select_for_update(of=("self",))
        .select_related("runner", "location")
        .get(pk=pk)
    )


def locked_hold(entry: WaitlistEntry, offer: WaitlistOffer) -> Booking:
    """What is offered, locked after its runner and her wallet. The caller has locked the entry."""
    runners.lock(entry.runner)
    crediting.lock_wallet(entry.runner)
    booking = locked(Booking(pk=offer.booking_id))
    offer.refresh_from_db()
    offer.booking = booking
    return booking


def is_answerable(offer: WaitlistOffer, booking: Booking, at: datetime) -> bool:
    """Whether the time is still hers to take: to its last minute, and longer while she pays."""
    held_until = booking.holds_until(at)
    if not offer.is_open or held_until is None:
        return False
    return at < offer.expires_at or held_until > offer.expires_at + GRACE


def end_offer(
    entry: WaitlistEntry, offer: WaitlistOffer, outcome: str, *, by: User | None, at: datetime
) -> None:
    """Let the hold go and give the credit back, in one transaction with the outcome.

    An offer that has been booked meanwhile ends as accepted instead, and its entry with it. The
    caller has locked the entry.
    """
    booking = locked_hold(entry, offer)
    if follow_booking(entry, offer, booking, at=at) or not offer.is_open:
        return
    reason = WHY[Outcome(outcome)]
    if booking.state == Booking.State.HELD:
        expire(booking, by=by, at=at, reason=reason)
    with suppress(crediting.NotReserved):  # she had no credit to set aside
        crediting.release(booking_id=booking.public_id, by=by, at=at, reason=reason)
    _write(offer, outcome, at)


def follow_booking(
    entry: WaitlistEntry, offer: WaitlistOffer, booking: Booking, *, at: datetime
) -> bool:
    """Note that the offered time was booked, by whatever door; False when it was not."""
    if booking.state in (Booking.State.HELD, Booking.State.EXPIRED):
        return False
    if offer.is_open:
        _write(offer, Outcome.ACCEPTED, at)
    if entry.is_open:
        close(entry, State.ACCEPTED, at=at)
    return True


def close(entry: WaitlistEntry, state: str, *, at: datetime, because: str = "") -> None:
    """The entry is over. The caller has locked it."""
    entry.state, entry.ended_at, entry.ended_because = state, at, because
    entry.save(update_fields=["state", "ended_at", "ended_because"])


def wait_on(entry: WaitlistEntry) -> None:
    """Back to its place in line. The caller has locked it."""
    if entry.is_open:
        entry.state = State.WAITING
        entry.save(update_fields=["state"])


def _write(offer: WaitlistOffer, outcome: str, at: datetime) -> None:
    offer.outcome, offer.ended_at = outcome, at
    offer.save(update_fields=["outcome", "ended_at"])
