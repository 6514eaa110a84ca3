"""Booking the sessions of a plan, one by one, each with its own credit (B11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting import CreditError
from scheduling.booking import confirm_with_credit, hold_time, release_hold
from scheduling.errors import BookingError, CannotRepeat
from scheduling.models import Booking, Series, Therapist


@dataclass(frozen=True, slots=True)
class Choice:
    """A start chosen for one occurrence; no therapist is the anchor's own."""

    on: date
    starts_at: datetime
    therapist: Therapist | None = None


def book_series(
    *,
    key: UUID,
    anchor: Booking,
    every_weeks: int,
    further: int,
    choices: Sequence[Choice],
    runner: User,
    by: User,
    at: datetime,
) -> Series:
    """Book what was chosen; what cannot be booked any more is left out with the reason.

    Each session is held and confirmed by the acts every booking goes through, in a transaction
    of its own: one that is gone takes no other with it, and none is ever booked without its
    credit. The same ``key`` again books nothing twice: sessions of the first time stand, those
    left out are tried once more.

    Raises:
        CannotRepeat: the key is another runner's.
    """
    series = _series(key, anchor, every_weeks, further, runner, at)
    left_out = []
    for choice in choices:
        if why := _book(series, anchor, choice, runner, by, at):
            left_out.append({"on": choice.on.isoformat(), "why": why})
    series.left_out = left_out
    series.save(update_fields=["left_out"])
    return series


@transaction.atomic
def _series(
    key: UUID, anchor: Booking, every_weeks: int, further: int, runner: User, at: datetime
) -> Series:
    series, created = Series.objects.select_for_update().get_or_create(
        public_id=key,
        defaults={
            "runner": runner,
            "every_weeks": every_weeks,
            "further": further,
            "created_at": at,
        },
    )
    if series.runner_id != runner.pk:
        raise CannotRepeat(_("This page has been used before. Open it again."))
    if created:
        Booking.objects.filter(pk=anchor.pk, series=None).update(series=series)
    return series


def _book(
    series: Series, anchor: Booking, choice: Choice, runner: User, by: User, at: datetime
) -> str:
    """Why it could not be booked; empty when it is."""
    held = None
    try:
        if _is_booked(series, choice):
            return ""
        held = hold_time(
            variant=anchor.variant,
            location=anchor.location,
            starts_at=choice.starts_at,
            therapist=choice.therapist or anchor.therapist,
            hold_key=f"series:{series.public_id}",
            runner=runner,
            at=at,
            series=series,
        )
        confirm_with_credit(booking=held, runner=runner, by=by, at=at)
        # It may have been a hold she had already, made elsewhere.
        Booking.objects.filter(pk=held.pk, series=None).update(series=series)
    except (BookingError, CreditError) as refused:
        if _is_booked(series, choice):  # the same page sent twice at once
            return ""
        if held is not None and held.series_id == series.pk:
            release_hold(booking=held, by=by, at=at)
        return str(refused)
    return ""


def _is_booked(series: Series, choice: Choice) -> bool:
    return Booking.objects.booked().filter(series=series, starts_at=choice.starts_at).exists()
