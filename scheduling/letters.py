"""The mails about a session: owed beside the act, worded from the booking as it is when sent.

A mail about a booking that has changed since says nothing: a later one says more (N1, N2).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts import outbox
from accounts.models import Message, User
from accounts.outbox import Attachment, Letter, Silence
from payments.crediting import SETTLING, wallet
from payments.models import CreditEntry
from scheduling import links
from scheduling.availability import nearest
from scheduling.calendars import booking_ics
from scheduling.models import Booking
from scheduling.wording import day_words, moment_words, zone_words

State = Booking.State


def owe(booking: Booking, kind: str, *, at: datetime, to: User | None = None) -> Message | None:
    """Owe the runner (or ``to``) one mail of this kind about the booking as it is now.

    The same kind about the same version of a booking is owed once.
    """
    person = to or booking.runner
    if person is None:
        return None
    version = f"{booking.public_id}:{booking.sequence}"
    return outbox.enqueue(
        kind=kind,
        about=version,
        to=person.email,
        user=person,
        dedupe_key=f"{kind}:{version}",
        at=at,
    )


def owe_new_link(booking: Booking, *, at: datetime) -> Message | None:
    """Owe the runner a mail with the present link to her session (B13), at most one an hour."""
    if booking.runner is None:
        return None
    return outbox.enqueue(
        kind="new_link",
        about=f"{booking.public_id}:{booking.sequence}",
        to=booking.runner.email,
        user=booking.runner,
        dedupe_key=f"new_link:{booking.public_id}:{at:%Y-%m-%dT%H}",
        at=at,
    )


def register() -> None:
    """Tell the outbox who writes what; called when the app is ready."""
    for kind, writes in WRITERS.items():
        outbox.writer(kind)(writes)


def _confirmed(message: Message, *, at: datetime) -> Letter | Silence:
    booking, silence = _live(message, at)
    if booking is None:
        return silence
    when = moment_words(booking.starts_at, booking.zone)
    return Letter(
        subject=_short(f"Booked: {when} with {booking.therapist.first_name}"),
        template="booking_confirmed",
        context=_facts(booking, at),
        attachments=[_invitation(booking, at)],
    )


def _moved(message: Message, *, at: datetime) -> Letter | Silence:
    booking, silence = _live(message, at)
    if booking is None:
        return silence
    when = moment_words(booking.starts_at, booking.zone)
    return Letter(
        subject=_short(f"Moved: {when} with {booking.therapist.first_name}"),
        template="booking_moved",
        context=_facts(booking, at),
        attachments=[_invitation(booking, at)],
    )


def _cancelled(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or not booking.is_cancelled:
        return Silence("The session is not cancelled.")
    when = moment_words(booking.starts_at, booking.zone)
    context = _facts(booking, at)
    became = _last_movement(booking)  # of its credit; a session due to pay had none
    context["credit_returned"] = became == CreditEntry.Kind.RELEASE
    context["credit_used"] = became == CreditEntry.Kind.USE
    context["by_us"] = booking.state == State.CANCELLED_CLINIC
    return Letter(
        subject=_short(f"Cancelled: {when} with {booking.therapist.first_name}"),
        template="booking_cancelled",
        context=context,
        attachments=[_invitation(booking, at)],
    )


def _reminder(message: Message, *, at: datetime) -> Letter | Silence:
    booking, silence = _live(message, at)
    if booking is None:
        return silence
    local = booking.starts_local
    day = "Tomorrow" if local.date() > at.astimezone(booking.zone_info).date() else "Today"
    return Letter(
        subject=_short(f"{day} {local:%H:%M} with {booking.therapist.first_name}"),
        template="reminder",
        context=_facts(booking, at),
    )


def _session_done(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or booking.state != State.COMPLETED:
        return Silence("The session is not done.")
    return Letter(subject="Same again?", template="session_done", context=_facts(booking, at))


def _new_link(message: Message, *, at: datetime) -> Letter | Silence:
    """Whatever became of the session: the page behind the link says so."""
    booking = _booking(message)
    if booking is None:
        return Silence("There is no such session.")
    return Letter(
        subject="The link to your session", template="new_link", context=_facts(booking, at)
    )


def _paid_but_taken(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or message.user is None:
        return Silence("There is nobody to tell.")
    if booking.is_booked and booking.runner_id == message.user.pk:
        return Silence("The session was booked after all.")
    context = _facts(booking, at, owner=message.user)
    # The session never became hers, so no link to it is hers either.
    context["again_url"] = links.times_url(booking)
    context["times"] = [
        {
            "when": moment_words(time.starts_at, time.zone),
            "with": time.therapist_name.split(" ")[0],
        }
        for time in nearest(
            variant=booking.variant, location=booking.location, around=booking.starts_at, at=at
        )
    ]
    return Letter(
        subject="Paid, but that time has just gone", template="paid_but_taken", context=context
    )


Writes = Callable[..., Letter | Silence]
WRITERS: dict[str, Writes] = {
    "booking_confirmed": _confirmed,
    "booking_moved": _moved,
    "booking_cancelled": _cancelled,
    "reminder": _reminder,
    "session_done": _session_done,
    "paid_but_taken": _paid_but_taken,
    "new_link": _new_link,
}


def _booking(message: Message) -> Booking | None:
    public_id = message.about.partition(":")[0]
    found = Booking.objects.with_everything().filter(public_id=UUID(public_id))
    return found.first()


def _live(message: Message, at: datetime) -> tuple[Booking | None, Silence]:
    """The booking, if the mail is still about how it is."""
    booking = _booking(message)
    if booking is None or not booking.is_booked:
        return None, Silence("The session is not booked any more.")
    if str(booking.sequence) != message.about.partition(":")[2]:
        return None, Silence("The session has changed since; a later mail says so.")
    if booking.starts_at <= at:
        return None, Silence("The session has begun.")
    return booking, Silence("")


def _facts(booking: Booking, at: datetime, owner: User | None = None) -> dict[str, Any]:
    """What every mail about a session may say. Nothing about health."""
    person = owner or booking.runner
    local = booking.starts_local
    return {
        "booking": booking,
        "first_name": person.first_name if person else "",
        "session": booking.session_name,
        "therapist": booking.therapist.name,
        "therapist_first": booking.therapist.first_name,
        "day": f"{local:%A} {local.day} {local:%B}",
        "short_day": day_words(booking.starts_at, booking.zone),
        "time": f"{local:%H:%M}",
        "zone": zone_words(booking.zone),
        "location": booking.location.name,
        "address_lines": booking.location.address_lines,
        "directions": booking.location.directions,
        "credits_left": _credits_left(booking, person, at),
        "package": _package(booking),
        "free_until": _free_until(booking, at),
        "booking_url": links.manage_url(booking),
        "move_url": links.move_url(booking),
        "cancel_url": links.cancel_url(booking),
        "again_url": links.book_again_url(booking),
    }


def _credits_left(booking: Booking, person: User | None, at: datetime) -> int | None:
    if person is None:
        return None
    today = at.astimezone(booking.zone_info).date()
    return wallet(person, on=today).variant_available(booking.variant.code)


def _last_movement(booking: Booking) -> str:
    """The kind of the last movement that set its credit aside or settled it, empty for none."""
    entries = CreditEntry.objects.of_booking(booking.public_id).filter(kind__in=SETTLING)
    last: CreditEntry | None = entries.order_by("-pk").first()
    return last.kind if last else ""


def _package(booking: Booking) -> str:
    entries = CreditEntry.objects.of_booking(booking.public_id).order_by("-pk")
    last = entries.select_related("lot").first()
    return last.lot.name if last else ""


def _free_until(booking: Booking, at: datetime) -> str:
    """The last free moment to cancel, while it lies ahead."""
    if booking.policy is None:
        return ""
    last = booking.starts_at - timedelta(minutes=booking.policy.cancel_window_minutes)
    return moment_words(last, booking.zone) if last > at else ""


def _invitation(booking: Booking, at: datetime) -> Attachment:
    method = "CANCEL" if booking.is_cancelled else "REQUEST"
    return Attachment(
        name="session.ics",
        content=booking_ics(booking, at=at),
        mimetype=f"text/calendar; method={method}; charset=utf-8",
    )


def _short(subject: str) -> str:
    """Subjects carry the fact within what a phone shows."""
    return subject if len(subject) <= 50 else f"{subject[:49].rstrip()}…"
