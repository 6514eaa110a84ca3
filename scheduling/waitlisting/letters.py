"""The mail that a time has opened up: owed beside the offer, silent once that is over."""

from datetime import datetime
from uuid import UUID

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Letter, Silence
from payments.crediting import reserved_lot
from scheduling import links
from scheduling.models import WaitlistOffer
from scheduling.waitlisting.ending import is_answerable
from scheduling.wording import day_words, moment_words, zone_words

KIND = "time_opened"
LONGEST_SUBJECT = 50


def owe(offer: WaitlistOffer, *, at: datetime) -> Message:
    """Owe the runner the mail about this offer; it is owed once."""
    runner = offer.entry.runner
    return outbox.enqueue(
        kind=KIND,
        about=str(offer.public_id),
        to=runner.email,
        user=runner,
        dedupe_key=f"{KIND}:{offer.public_id}",
        at=at,
    )


def register() -> None:
    """Tell the outbox who writes it; called when the app is ready."""
    outbox.writer(KIND)(time_opened)


def time_opened(message: Message, *, at: datetime) -> Letter | Silence:
    """When, with whom, until when: or nothing, when it is no longer hers to take."""
    found = WaitlistOffer.objects.with_everything().filter(public_id=UUID(message.about))
    offer = found.first()
    if offer is None or not is_answerable(offer, offer.booking, at):
        return Silence("The time is no longer held for her.")
    booking = offer.booking
    local = booking.starts_local
    when = moment_words(booking.starts_at, booking.zone)
    subject = f"A time opened up: {when} with {booking.therapist.first_name}"
    short = f"A time opened up: {when}"
    return Letter(
        subject=subject if len(subject) <= LONGEST_SUBJECT else short,
        template=KIND,
        context={
            "first_name": offer.entry.runner.first_name,
            "session": booking.variant.name,
            "therapist": booking.therapist.name,
            "therapist_first": booking.therapist.first_name,
            "day": f"{local:%A} {local.day} {local:%B}",
            "short_day": day_words(booking.starts_at, booking.zone),
            "time": f"{local:%H:%M}",
            "zone": zone_words(booking.zone),
            "location": booking.location.name,
            "address_lines": booking.location.address_lines,
            "held_until": _until(offer, at),
            "has_credit": reserved_lot(booking.public_id) is not None,
            "offer_url": links.offer_url(offer),
        },
    )


def _until(offer: WaitlistOffer, at: datetime) -> str:
    """16:10, with its day when that is another one than today."""
    zone = offer.booking.zone_info
    until = offer.expires_at.astimezone(zone)
    if until.date() == at.astimezone(zone).date():
        return f"{until:%H:%M}"
    return moment_words(offer.expires_at, offer.booking.zone)
