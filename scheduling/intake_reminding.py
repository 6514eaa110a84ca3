"""Reminding runners of the questions before a session (G1). The mail says nothing of health."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from accounts import outbox
from accounts.answering import intake_of, intakes_of
from accounts.models import Message
from accounts.outbox import Letter, Silence
from scheduling.models import Booking
from scheduling.wording import moment_words

KIND: Final = "questions"
# Hours before a session at which an open form is told of; it is due at the last of them.
HOURS_AHEAD: Final = (48, 24)
A_DAY: Final = timedelta(hours=24)


def queue_intake_reminders(*, at: datetime) -> int:
    """The job: owe a mail for each next session with open questions; returns how many are new.

    None for one booked within that time: the page after booking has just asked.
    """
    return sum(_queue(hours, at) for hours in HOURS_AHEAD)


def _queue(hours: int, at: datetime) -> int:
    ahead = timedelta(hours=hours)
    coming = Booking.objects.filter(state=Booking.State.CONFIRMED, starts_at__gt=at)
    earlier = coming.filter(runner=OuterRef("runner"), starts_at__lt=OuterRef("starts_at"))
    near = (
        coming.filter(
            ~Exists(earlier),
            starts_at__gt=at + ahead - A_DAY,
            starts_at__lte=at + ahead,
            booked_at__lte=F("starts_at") - ahead,
        )
        .select_related("runner")
        .order_by("starts_at")
    )
    by_runner = {one.runner.pk: one for one in near if one.runner is not None}
    states = intakes_of(by_runner, at=at)
    wanted = {_key(by_runner[pk], hours): by_runner[pk] for pk in by_runner if states[pk].is_due}
    owed = set(
        Message.objects.filter(dedupe_key__in=list(wanted)).values_list("dedupe_key", flat=True)
    )
    new = {key: booking for key, booking in wanted.items() if key not in owed}
    for key, booking in new.items():
        _owe(booking, key, at=at)
    return len(new)


def _owe(booking: Booking, key: str, *, at: datetime) -> None:
    if booking.runner is not None:
        outbox.enqueue(
            kind=KIND,
            about=str(booking.public_id),
            to=booking.runner.email,
            user=booking.runner,
            dedupe_key=key,
            at=at,
        )


def _key(booking: Booking, hours: int) -> str:
    return f"{KIND}:{booking.public_id}:{hours}"


def register() -> None:
    """Tell the outbox who writes it; called when the app is ready."""
    outbox.writer(KIND)(_letter)


def _letter(message: Message, *, at: datetime) -> Letter | Silence:
    booking = Booking.objects.filter(public_id=UUID(message.about)).select_related("runner").first()
    if booking is None or booking.runner is None or booking.state != Booking.State.CONFIRMED:
        return Silence("The session is not to come.")
    if booking.starts_at <= at:
        return Silence("The session has begun.")
    if not intake_of(booking.runner, at=at).is_due:
        return Silence("The questions are answered.")
    when = moment_words(booking.starts_at, booking.zone)
    return Letter(
        subject=f"A few questions before {when}",
        template="questions",
        context={
            "first_name": booking.runner.first_name,
            "when": when,
            "questions_url": f"{settings.SITE_URL}{reverse('portal_account:intake')}",
        },
    )
