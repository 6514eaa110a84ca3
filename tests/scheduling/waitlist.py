"""A waitlist to test: who waits, what is offered to whom, and what must be true at the end."""

from datetime import datetime, time, timedelta

from accounts.models import User
from payments.models import CreditEntry
from scheduling.booking import hold_time
from scheduling.models import Booking, WaitlistEntry, WaitlistOffer, WorkingHours
from scheduling.waitlisting.joining import Want, join
from scheduling.waitlisting.offering import serve_waitlist
from tests.builders import make_runner
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY,
    Practice,
    book,
    make_credits,
)

MINUTE = timedelta(minutes=1)


def wait(practice: Practice, runner: User, *, at=A_WEEK_BEFORE, priority=0, **values):
    """Wait for an hour on Tuesday, at any time, with anyone."""
    wish = {
        "variants": (practice.sports_60,),
        "location": practice.location,
        "first_on": TUESDAY,
        "last_on": TUESDAY,
    }
    return join(runner=runner, want=Want(**(wish | values)), at=at, priority=priority)


def someone(practice: Practice, name: str, *, credits: int = 1) -> User:
    runner = make_runner(f"{name}@example.org", name.title(), at=A_WEEK_BEFORE)
    if credits:
        make_credits(runner, credits, practice=practice)
    return runner


def fill(practice: Practice, nine: datetime, *, at=A_WEEK_BEFORE) -> list[Booking]:
    """Work until two o'clock, and book all of a day: four sessions for each therapist."""
    WorkingHours.objects.update(ends=time(14))
    booked = []
    for therapist in practice.therapists:
        theirs = make_runner(at=at)
        make_credits(theirs, 4, practice=practice, at=at)
        starts = [nine + number * 75 * MINUTE for number in range(4)]
        booked += [book(practice, theirs, start, at=at, therapist=therapist) for start in starts]
    return booked


def serve(at: datetime) -> int:
    return serve_waitlist(at=at)


def open_offer(entry: WaitlistEntry) -> WaitlistOffer | None:
    return entry.offers.still_open().select_related("booking").first()


def state_of(entry: WaitlistEntry) -> str:
    return WaitlistEntry.objects.get(pk=entry.pk).state


def pick(practice: Practice, runner: User, starts_at: datetime, *, at, therapist=None, **values):
    """What the page does when she taps a time."""
    return hold_time(
        variant=values.pop("variant", practice.sports_60),
        location=practice.location,
        starts_at=starts_at,
        therapist=therapist,
        hold_key="browser",
        runner=runner,
        at=at,
    )


def breaches() -> list[str]:
    """What must never be: a credit set aside for nothing, or an entry asked twice."""
    found = []
    for booking in Booking.objects.all():
        entries = CreditEntry.objects.of_booking(booking.public_id)
        last = entries.filter(kind__in=["reserve", "release", "use"]).order_by("-pk").first()
        is_aside = last is not None and last.kind == "reserve"
        offer = WaitlistOffer.objects.filter(booking=booking).first()
        is_offered = offer is not None and offer.is_open
        if is_aside and not (booking.is_booked or is_offered):
            found.append(f"credit set aside for {booking.state} {booking}")
        if is_offered and booking.state not in ("held", "confirmed"):
            found.append(f"offer open for {booking.state} {booking}")
    for entry in WaitlistEntry.objects.all():
        offers = entry.offers.still_open().count()
        if offers > 1 or (entry.state == "offered") != (offers == 1):
            found.append(f"{entry.state} entry with {offers} open offers")
    return found
