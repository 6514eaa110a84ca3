"""How a booking goes from one state to the next, and the record of it (B1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from scheduling.errors import IllegalTransition
from scheduling.models import TRANSITIONS, Booking, BookingChange

Kind = BookingChange.Kind
OF_HOLDS = (Kind.HELD, Kind.ADOPTED, Kind.EXTENDED, Kind.EXPIRED)  # nobody is booked yet


def locked(booking: Booking) -> Booking:
    """The booking as it is now, nobody else changing it until our transaction ends.

    Whoever needs more locks takes them in this order: wallet, therapists, rooms, bookings; each
    kind by id. So two acts wait for one another and never in a circle.
    """
    return (
        Booking.objects.select_for_update(of=("self",))
        .select_related("variant__service", "therapist", "room", "location", "policy", "runner")
        .get(pk=booking.pk)
    )


def require(booking: Booking, to: str, allowed: Mapping[str, frozenset[str]] = TRANSITIONS) -> None:
    """Refuse what the states do not allow."""
    if to not in allowed.get(booking.state, ()):
        raise IllegalTransition(
            _("This session is %(state)s, so that is no longer possible.")
            % {"state": booking.get_state_display()}
        )


def change(
    booking: Booking,
    *,
    to: str,
    kind: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
    allowed: Mapping[str, frozenset[str]] = TRANSITIONS,
    **fields: Any,
) -> Booking:
    """Write the new state, the given fields and who did it when and why. The row is locked.

    ``allowed`` is what may follow what: only taking back brings a table of its own.

    Raises:
        IllegalTransition: the states do not allow it; nothing is written.
    """
    before = booking.state
    if to != before:
        require(booking, to, allowed)
    for name, value in {**fields, "state": to}.items():
        setattr(booking, name, value)
    booking.save(update_fields=["state", *fields])
    record(booking, before=before, kind=kind, by=by, at=at, reason=reason, details=details or {})
    return booking


def record(
    booking: Booking,
    *,
    before: str,
    kind: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> BookingChange:
    told = BookingChange.objects.create(
        booking=booking,
        from_state=before,
        to_state=booking.state,
        kind=kind,
        actor=by,
        at=at,
        reason=reason[:200],
        details=details or {},
    )
    if by is not None and kind not in OF_HOLDS:
        _note(told, booking, by=by, at=at)
    return told


def _note(told: BookingChange, booking: Booking, *, by: User, at: datetime) -> None:
    """For the audit trail; the portal's own doings are in the changes alone.

    So are a runner's own words: they may be about her health, and the trail outlives her account.
    """
    after = {"state": told.to_state, "starts_at": booking.starts_at, **told.details}
    auditing.record(
        f"schedule.{told.kind}",
        by=by,
        at=at,
        about="booking",
        key=str(booking.public_id),
        runner=booking.runner,
        before={"state": told.from_state},
        after=after | {"therapist": booking.therapist_id, "overrides": booking.overrides},
        why="" if by == booking.runner else told.reason,
    )
