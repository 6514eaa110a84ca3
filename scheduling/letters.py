"""The mails about a session: owed beside the act, worded from the booking as it is when sent.

A mail about a booking that has changed since says nothing: a later one says more (N1, N2).
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts import outbox
from accounts.models import Message, User
from accounts.outbox import Attachment, Letter, Silence
from payments.models import Order
from payments.topping_up import is_top_up
from scheduling import links
from scheduling.availability import nearest
from scheduling.calendars import booking_ics
from scheduling.letter_facts import alternatives, facts, grace_line, moved_by_us
from scheduling.models import Booking
from scheduling.wording import moment_words

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
        context=facts(booking, at) | {"grace_line": grace_line(booking)},
        attachments=[_invitation(booking, at)],
    )


def _moved(message: Message, *, at: datetime) -> Letter | Silence:
    booking, silence = _live(message, at)
    if booking is None:
        return silence
    when = moment_words(booking.starts_at, booking.zone)
    by_us = moved_by_us(booking)
    word = "We moved it" if by_us else "Moved"
    return Letter(
        subject=_short(f"{word}: {when} with {booking.therapist.first_name}"),
        template="booking_moved",
        context=facts(booking, at) | {"by_us": by_us},
        attachments=[_invitation(booking, at)],
    )


def _cancelled(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or not booking.is_cancelled:
        return Silence("The session is not cancelled.")
    when = moment_words(booking.starts_at, booking.zone)
    by_us = booking.state == State.CANCELLED_CLINIC
    context = facts(booking, at)
    context["by_us"] = by_us
    context["is_late"] = booking.state == State.CANCELLED_LATE
    context["times"] = alternatives(booking, at) if by_us else []
    word = "We had to cancel" if by_us else "Cancelled"
    return Letter(
        subject=_short(f"{word}: {when} with {booking.therapist.first_name}"),
        template="booking_cancelled",
        context=context,
        attachments=[_invitation(booking, at)],
    )


def _reminder(message: Message, *, at: datetime) -> Letter | Silence:
    booking, silence = _live(message, at)
    if booking is None:
        return silence
    if booking.state != State.CONFIRMED:
        return Silence("She is here already.")
    local = booking.starts_local
    day = "Tomorrow" if local.date() > at.astimezone(booking.zone_info).date() else "Today"
    return Letter(
        subject=_short(f"{day} {local:%H:%M} with {booking.therapist.first_name}"),
        template="reminder",
        context=facts(booking, at),
    )


def _session_done(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or booking.state != State.COMPLETED:
        return Silence("The session is not done.")
    return Letter(subject="Same again?", template="session_done", context=facts(booking, at))


def _new_link(message: Message, *, at: datetime) -> Letter | Silence:
    """Whatever became of the session: the page behind the link says so."""
    booking = _booking(message)
    if booking is None:
        return Silence("There is no such session.")
    return Letter(
        subject="The link to your session", template="new_link", context=facts(booking, at)
    )


def _paid_but_taken(message: Message, *, at: datetime) -> Letter | Silence:
    booking = _booking(message)
    if booking is None or message.user is None:
        return Silence("There is nobody to tell.")
    if booking.is_booked and booking.runner_id == message.user.pk:
        return Silence("The session was booked after all.")
    context = facts(booking, at, owner=message.user)
    # The session never became hers, so no link to it is hers either.
    context["again_url"] = links.times_url(booking)
    order = Order.objects.of(message.user).paid().filter(reserved_for=booking.public_id).last()
    context["order_url"] = f"{settings.SITE_URL}{order.get_absolute_url()}" if order else ""
    context["is_difference"] = order is not None and is_top_up(order)
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
